#ifndef GRADMATCH_MATCHER_PUSH_PUSH_RETRIEVAL_H_
#define GRADMATCH_MATCHER_PUSH_PUSH_RETRIEVAL_H_

#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "matcher/push/edge_list.h"
#include "matcher/push/graduate_reader.h"
#include "matcher/push/push_item_builder.h"
#include "matcher/push/thread_team.h"

namespace gradmatch {

// What may be pushed to the selected graduates.
struct Retrieved {
  explicit Retrieved(size_t graduates)
      : edges(graduates), why_none(graduates, Suppression::kNone) {}

  EdgeList edges;                     // by selected graduate
  std::vector<Suppression> why_none;  // set where there are no edges
};

// Candidates of all selected graduates on one snapshot, without those below the
// plan's least score and those the ledger knows. The threads share the work by
// blocks; the answer does not depend on them. `on_block` is called from any of
// them with the graduates of a block that is done; false ends with CANCELLED.
absl::StatusOr<Retrieved> RetrieveEdges(
    const RunContext& context, const Roster& roster, ThreadTeam& team,
    const std::function<bool(int64_t)>& on_block);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_PUSH_PUSH_RETRIEVAL_H_
