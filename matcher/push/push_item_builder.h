#ifndef GRADMATCH_MATCHER_PUSH_PUSH_ITEM_BUILDER_H_
#define GRADMATCH_MATCHER_PUSH_PUSH_ITEM_BUILDER_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gradmatch/v1/push.pb.h"
#include "index/push_store.h"
#include "index/snapshot.h"
#include "matcher/push/posting_pool.h"
#include "matcher/push/push_run.h"
#include "matcher/push/selection.h"

namespace gradmatch {

// What all graduates of a run share. Everything is borrowed.
struct RunContext {
  const PushRunParts* parts = nullptr;
  const Snapshot* snapshot = nullptr;
  const PostingPool* pool = nullptr;
  const v1::PushPlan* plan = nullptr;  // with its defaults
  std::string_view run_id;
  absl::Time as_of;  // scores are those of this moment
};

// The postings allocated to one graduate.
struct Chosen {
  std::string graduate_key;
  std::vector<RowId> rows;  // best first
};

// What is to be written for one graduate.
struct GraduateItems {
  Suppression suppression = Suppression::kNone;  // kNone: there are lines
  std::vector<PushLine> lines;
  std::vector<uint32_t> groups;  // one a line
};

// Turns choices into items, looking again at what may have changed since:
// whoever was placed, opted out or paused meanwhile gets nothing (with that
// reason), a posting that closed or expired is left out, and so is one the
// graduate was told about or, by what profile and posting say now, is not
// eligible for. `now` is the moment of decision. One entry a
// graduate, in order; keys ascending. Thread-safe.
absl::StatusOr<std::vector<GraduateItems>> BuildItems(
    const RunContext& context, std::span<const Chosen> chosen, absl::Time now);

// The receiver's key against duplicates: 32 hex digits that depend on these
// three only and tell nothing of the graduate.
std::string PushIdOf(std::string_view run_id, std::string_view graduate_key,
                     std::string_view canonical_key);

// At most `max_chars` characters of `title`; a longer one ends in "…".
std::string ShortTitle(std::string_view title, int max_chars = 20);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_PUSH_PUSH_ITEM_BUILDER_H_
