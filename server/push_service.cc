#include "server/push_service.h"

#include "server/push_plans.h"
#include "server/push_runs.h"
#include "server/rpc_stream.h"

namespace gradmatch {

grpc::ServerUnaryReactor* PushServiceImpl::CreatePushPlan(
    grpc::CallbackServerContext* context,
    const v1::CreatePushPlanRequest* request, v1::PushPlan* response) {
  return RunUnary(
      runtime_, context, request, response, "PushService.CreatePushPlan",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        auto store = runner_.store();
        if (!store.ok()) return store.status();
        absl::Status done = CreatePlan(runtime_, **store, rpc, q, r);
        return done.ok() ? scheduler_.Complete(r) : done;
      });
}

grpc::ServerUnaryReactor* PushServiceImpl::GetPushPlan(
    grpc::CallbackServerContext* context, const v1::GetPushPlanRequest* request,
    v1::PushPlan* response) {
  return RunUnary(
      runtime_, context, request, response, "PushService.GetPushPlan",
      [this](const RpcContext&, const auto& q, auto& r) -> absl::Status {
        auto store = runner_.store();
        if (!store.ok()) return store.status();
        absl::Status done = GetPlan(**store, q, r);
        return done.ok() ? scheduler_.Complete(r) : done;
      });
}

grpc::ServerUnaryReactor* PushServiceImpl::ListPushPlans(
    grpc::CallbackServerContext* context,
    const v1::ListPushPlansRequest* request,
    v1::ListPushPlansResponse* response) {
  return RunUnary(
      runtime_, context, request, response, "PushService.ListPushPlans",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        auto store = runner_.store();
        if (!store.ok()) return store.status();
        absl::Status done = ListPlans(runtime_, **store, rpc, q, r);
        for (v1::PushPlan& plan : *r.mutable_push_plans()) {
          if (done.ok()) done = scheduler_.Complete(plan);
        }
        return done;
      });
}

grpc::ServerUnaryReactor* PushServiceImpl::UpdatePushPlan(
    grpc::CallbackServerContext* context,
    const v1::UpdatePushPlanRequest* request, v1::PushPlan* response) {
  return RunUnary(
      runtime_, context, request, response, "PushService.UpdatePushPlan",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        auto store = runner_.store();
        if (!store.ok()) return store.status();
        absl::Status done = UpdatePlan(runtime_, **store, rpc, q, r);
        return done.ok() ? scheduler_.Complete(r) : done;
      });
}

grpc::ServerUnaryReactor* PushServiceImpl::DeletePushPlan(
    grpc::CallbackServerContext* context,
    const v1::DeletePushPlanRequest* request,
    google::protobuf::Empty* response) {
  return RunUnary(
      runtime_, context, request, response, "PushService.DeletePushPlan",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        auto store = runner_.store();
        if (!store.ok()) return store.status();
        return DeletePlan(runtime_, **store, rpc, q, r);
      });
}

grpc::ServerUnaryReactor* PushServiceImpl::RunPushPlan(
    grpc::CallbackServerContext* context, const v1::RunPushPlanRequest* request,
    google::longrunning::Operation* response) {
  return RunUnary(
      runtime_, context, request, response, "PushService.RunPushPlan",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return RunPlan(runtime_, runner_, rpc, q, r);
      });
}

grpc::ServerUnaryReactor* PushServiceImpl::GetPushRun(
    grpc::CallbackServerContext* context, const v1::GetPushRunRequest* request,
    v1::PushRun* response) {
  return RunUnary(
      runtime_, context, request, response, "PushService.GetPushRun",
      [this](const RpcContext&, const auto& q, auto& r) -> absl::Status {
        auto store = runner_.store();
        if (!store.ok()) return store.status();
        return GetRun(**store, q, r);
      });
}

grpc::ServerUnaryReactor* PushServiceImpl::ListPushRuns(
    grpc::CallbackServerContext* context,
    const v1::ListPushRunsRequest* request,
    v1::ListPushRunsResponse* response) {
  return RunUnary(
      runtime_, context, request, response, "PushService.ListPushRuns",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        auto store = runner_.store();
        if (!store.ok()) return store.status();
        return ListRuns(runtime_, **store, rpc, q, r);
      });
}

grpc::ServerUnaryReactor* PushServiceImpl::CancelPushRun(
    grpc::CallbackServerContext* context,
    const v1::CancelPushRunRequest* request, v1::PushRun* response) {
  return RunUnary(
      runtime_, context, request, response, "PushService.CancelPushRun",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return CancelRun(runtime_, runner_, rpc, q, r);
      });
}

grpc::ServerUnaryReactor* PushServiceImpl::ListPushItems(
    grpc::CallbackServerContext* context,
    const v1::ListPushItemsRequest* request,
    v1::ListPushItemsResponse* response) {
  return RunUnary(
      runtime_, context, request, response, "PushService.ListPushItems",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        auto store = runner_.store();
        if (!store.ok()) return store.status();
        return ListItems(runtime_, **store, rpc, q, r);
      });
}

grpc::ServerWriteReactor<v1::StreamPushItemsResponse>*
PushServiceImpl::StreamPushItems(grpc::CallbackServerContext* context,
                                 const v1::StreamPushItemsRequest* request) {
  return RunServerStream<v1::StreamPushItemsResponse>(
      runtime_, context, request, "PushService.StreamPushItems",
      [this](const RpcContext&, const v1::StreamPushItemsRequest& q)
          -> absl::StatusOr<NextMessage<v1::StreamPushItemsResponse>> {
        auto store = runner_.store();
        if (!store.ok()) return store.status();
        return StreamItems(runtime_, **store, q);
      });
}

}  // namespace gradmatch
