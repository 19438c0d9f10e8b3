#ifndef GRADMATCH_SERVER_PUSH_RUNS_H_
#define GRADMATCH_SERVER_PUSH_RUNS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/longrunning/operations.pb.h"
#include "gradmatch/v1/push_service.pb.h"
#include "server/push_runner.h"
#include "server/rpc.h"
#include "server/rpc_stream.h"
#include "server/runtime.h"

namespace gradmatch {

// The methods of PushService about runs and items.
absl::Status RunPlan(const Runtime& runtime, PushRunner& runner,
                     const RpcContext& rpc,
                     const v1::RunPushPlanRequest& request,
                     google::longrunning::Operation& response);
// A run of `plan` that nobody asked for: its schedule did. False when there is
// one of this id already.
absl::StatusOr<bool> CreateRunOf(const Runtime& runtime, PushRunner& runner,
                                 const v1::PushPlan& plan,
                                 const std::string& run_id);
absl::Status GetRun(const PushStore& store,
                    const v1::GetPushRunRequest& request,
                    v1::PushRun& response);
absl::Status ListRuns(const Runtime& runtime, const PushStore& store,
                      const RpcContext& rpc,
                      const v1::ListPushRunsRequest& request,
                      v1::ListPushRunsResponse& response);
absl::Status CancelRun(const Runtime& runtime, PushRunner& runner,
                       const RpcContext& rpc,
                       const v1::CancelPushRunRequest& request,
                       v1::PushRun& response);

absl::Status ListItems(const Runtime& runtime, const PushStore& store,
                       const RpcContext& rpc,
                       const v1::ListPushItemsRequest& request,
                       v1::ListPushItemsResponse& response);
// Items of a run that is READY or CANCELLED; FAILED_PRECONDITION,
// RUN_NOT_READY, else. With intent_only, suppressed items are left out too.
absl::StatusOr<NextMessage<v1::StreamPushItemsResponse>> StreamItems(
    const Runtime& runtime, const PushStore& store,
    const v1::StreamPushItemsRequest& request);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_PUSH_RUNS_H_
