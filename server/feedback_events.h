#ifndef GRADMATCH_SERVER_FEEDBACK_EVENTS_H_
#define GRADMATCH_SERVER_FEEDBACK_EVENTS_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gradmatch/v1/feedback_service.pb.h"
#include "index/push_store.h"
#include "server/rpc.h"
#include "server/runtime.h"

namespace gradmatch {

// An event may be told this long after it happened, and a clock may be this
// much ahead of ours.
inline constexpr absl::Duration kOldestEvent = absl::Hours(24 * 400);
inline constexpr absl::Duration kClockSkew = absl::Minutes(10);

// Answers each event of the request: its token is one of the graduate's, the
// graduate is known and did not leave the service, the posting or content
// exists. What is taken is kept under the graduate's pseudonym, and its name
// nowhere. A hire is written down and does not place the graduate:
// ReportPlacement does.
absl::Status ReportEvents(const Engine& engine, const PushStore& push_store,
                          const RpcContext& rpc, absl::Time now,
                          const v1::ReportEventsRequest& request,
                          v1::ReportEventsResponse& response);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_FEEDBACK_EVENTS_H_
