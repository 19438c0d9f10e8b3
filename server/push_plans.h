#ifndef GRADMATCH_SERVER_PUSH_PLANS_H_
#define GRADMATCH_SERVER_PUSH_PLANS_H_

#include "absl/status/status.h"
#include "google/protobuf/empty.pb.h"
#include "gradmatch/v1/push_service.pb.h"
#include "index/push_store.h"
#include "server/rpc.h"
#include "server/runtime.h"

namespace gradmatch {

// The methods of PushService about plans.
absl::Status CreatePlan(const Runtime& runtime, PushStore& store,
                        const RpcContext& rpc,
                        const v1::CreatePushPlanRequest& request,
                        v1::PushPlan& response);
absl::Status GetPlan(const PushStore& store,
                     const v1::GetPushPlanRequest& request,
                     v1::PushPlan& response);
absl::Status ListPlans(const Runtime& runtime, const PushStore& store,
                       const RpcContext& rpc,
                       const v1::ListPushPlansRequest& request,
                       v1::ListPushPlansResponse& response);
absl::Status UpdatePlan(const Runtime& runtime, PushStore& store,
                        const RpcContext& rpc,
                        const v1::UpdatePushPlanRequest& request,
                        v1::PushPlan& response);
absl::Status DeletePlan(const Runtime& runtime, PushStore& store,
                        const RpcContext& rpc,
                        const v1::DeletePushPlanRequest& request,
                        google::protobuf::Empty& response);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_PUSH_PLANS_H_
