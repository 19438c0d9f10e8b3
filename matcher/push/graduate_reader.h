#ifndef GRADMATCH_MATCHER_PUSH_GRADUATE_READER_H_
#define GRADMATCH_MATCHER_PUSH_GRADUATE_READER_H_

#include <array>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gradmatch/v1/content.pb.h"
#include "gradmatch/v1/graduate.pb.h"
#include "index/catalog.h"
#include "index/embedding.h"
#include "index/keys.h"
#include "index/push_store.h"
#include "index/store.h"
#include "matcher/push/selection.h"

namespace gradmatch {

// A GraduateKey without an allocation: a nation's fit in 200 MB.
using RosterKey = std::array<char, kPseudonymBytes>;
inline std::string ToString(const RosterKey& key) {
  return std::string(key.data(), key.size());
}

// All graduates a run has to do, in the order of keys.
struct Roster {
  std::vector<RosterKey> keys;
  std::vector<Suppression> suppression;  // by graduate; kNone: selected
  std::vector<uint32_t> selected;        // graduates, ascending
};

// Walks the stored graduates with keys after `after`. `on_count` is called now
// and then with the number so far; false ends the walk with CANCELLED.
absl::StatusOr<Roster> SelectGraduates(
    const Store& store, std::string_view after, const v1::Audience& audience,
    absl::Time now, const std::function<bool(int64_t)>& on_count);

// What a run reads of one graduate.
struct LoadedGraduate {
  std::optional<v1::Graduate> graduate;  // nullopt: erased since
  std::optional<Embedding> embedding;    // nullopt: none of this encoder
  // What must not be pushed: told before, or dismissed by the graduate.
  std::vector<LedgerLine> ledger;
};

// One entry a key, in order; `keys` ascending.
absl::StatusOr<std::vector<LoadedGraduate>> LoadGraduates(
    const Store& store, const PushStore& push_store, const Catalog& catalog,
    std::span<const std::string> keys);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_PUSH_GRADUATE_READER_H_
