#ifndef GRADMATCH_SERVER_PUSH_SERVICE_H_
#define GRADMATCH_SERVER_PUSH_SERVICE_H_

#include "gradmatch/v1/push_service.grpc.pb.h"
#include "server/push_runner.h"
#include "server/push_scheduler.h"
#include "server/rpc.h"
#include "server/runtime.h"

namespace gradmatch {

// Plans, runs and items of pushes: parses, calls matcher/push and the push
// store, converts. Threads as gRPC likes; all are borrowed and outlive this.
class PushServiceImpl final : public v1::PushService::CallbackService {
 public:
  PushServiceImpl(Runtime& runtime, PushRunner& runner,
                  const PushScheduler& scheduler)
      : runtime_(runtime), runner_(runner), scheduler_(scheduler) {}

  grpc::ServerUnaryReactor* CreatePushPlan(
      grpc::CallbackServerContext* context,
      const v1::CreatePushPlanRequest* request,
      v1::PushPlan* response) override;
  grpc::ServerUnaryReactor* GetPushPlan(grpc::CallbackServerContext* context,
                                        const v1::GetPushPlanRequest* request,
                                        v1::PushPlan* response) override;
  grpc::ServerUnaryReactor* ListPushPlans(
      grpc::CallbackServerContext* context,
      const v1::ListPushPlansRequest* request,
      v1::ListPushPlansResponse* response) override;
  grpc::ServerUnaryReactor* UpdatePushPlan(
      grpc::CallbackServerContext* context,
      const v1::UpdatePushPlanRequest* request,
      v1::PushPlan* response) override;
  grpc::ServerUnaryReactor* DeletePushPlan(
      grpc::CallbackServerContext* context,
      const v1::DeletePushPlanRequest* request,
      google::protobuf::Empty* response) override;

  grpc::ServerUnaryReactor* RunPushPlan(
      grpc::CallbackServerContext* context,
      const v1::RunPushPlanRequest* request,
      google::longrunning::Operation* response) override;
  grpc::ServerUnaryReactor* GetPushRun(grpc::CallbackServerContext* context,
                                       const v1::GetPushRunRequest* request,
                                       v1::PushRun* response) override;
  grpc::ServerUnaryReactor* ListPushRuns(
      grpc::CallbackServerContext* context,
      const v1::ListPushRunsRequest* request,
      v1::ListPushRunsResponse* response) override;
  grpc::ServerUnaryReactor* CancelPushRun(
      grpc::CallbackServerContext* context,
      const v1::CancelPushRunRequest* request, v1::PushRun* response) override;

  grpc::ServerUnaryReactor* ListPushItems(
      grpc::CallbackServerContext* context,
      const v1::ListPushItemsRequest* request,
      v1::ListPushItemsResponse* response) override;
  grpc::ServerWriteReactor<v1::StreamPushItemsResponse>* StreamPushItems(
      grpc::CallbackServerContext* context,
      const v1::StreamPushItemsRequest* request) override;

 private:
  Runtime& runtime_;
  PushRunner& runner_;
  const PushScheduler& scheduler_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_PUSH_SERVICE_H_
