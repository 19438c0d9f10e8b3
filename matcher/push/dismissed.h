#ifndef GRADMATCH_MATCHER_PUSH_DISMISSED_H_
#define GRADMATCH_MATCHER_PUSH_DISMISSED_H_

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gradmatch/v1/posting.pb.h"
#include "index/feedback_store.h"
#include "index/push_store.h"
#include "index/snapshot.h"
#include "index/store.h"

namespace gradmatch {

// What a graduate said not to want to see again, as matching and push need it.
// A dismissal is about a vacancy, whoever tells of it: about the duplicate
// group as it was, as it is now, and about what has its fingerprint now, as the
// ledger is.

// The key by which a dismissal of this posting is kept: of the one that stands
// for its group.
std::string DismissalSubject(std::string_view posting_key,
                             const v1::Posting& posting);

// Values of kCanonicalColumn in `snapshot`, ascending, for
// MatchOptions::left_out.
absl::StatusOr<std::vector<uint64_t>> DismissedGroups(
    const Store& store, const Snapshot& snapshot,
    std::string_view graduate_key);

// As lines of the ledger: what must not be pushed, whether it was told or not.
std::vector<LedgerLine> AsLedger(std::span<const DismissedLine> dismissed);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_PUSH_DISMISSED_H_
