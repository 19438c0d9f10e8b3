#ifndef GRADMATCH_SERVER_HAND_RECOMMENDATIONS_H_
#define GRADMATCH_SERVER_HAND_RECOMMENDATIONS_H_

#include "absl/status/status.h"
#include "gradmatch/v1/staff_service.pb.h"
#include "index/push_store.h"
#include "matcher/push/push_explainer.h"
#include "server/rpc.h"
#include "server/runtime.h"

namespace gradmatch {

// Postings that staff recommend to their students by hand. Such a
// recommendation is in the ledger, so that no run tells the student of it
// again, and in the counter of the posting's cap. Audited.

// PERMISSION_DENIED, STAFF_SCOPE: not a student of this member of staff.
// FAILED_PRECONDITION, GRADUATE_NOT_SERVED: placed, opted out, frozen, or wants
// no push, now or of this kind. FAILED_PRECONDITION, NOT_ELIGIBLE: the posting
// is not open, or its requirements are not met. ALREADY_EXISTS: told before.
absl::Status RecommendPosting(const Runtime& runtime, PushStore& store,
                              const PushReasonsFor& push_reasons,
                              const RpcContext& rpc,
                              const v1::RecommendPostingRequest& request,
                              v1::HandRecommendation& response);

absl::Status ListHandRecommendations(
    const Runtime& runtime, const RpcContext& rpc,
    const v1::ListHandRecommendationsRequest& request,
    v1::ListHandRecommendationsResponse& response);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_HAND_RECOMMENDATIONS_H_
