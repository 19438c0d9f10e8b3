#ifndef GRADMATCH_SERVER_FEEDBACK_SERVICE_H_
#define GRADMATCH_SERVER_FEEDBACK_SERVICE_H_

#include "gradmatch/v1/feedback_service.grpc.pb.h"
#include "server/push_runner.h"
#include "server/rpc.h"
#include "server/runtime.h"

namespace gradmatch {

// What became of pushes and recommendations: parses, calls the push store,
// converts. Threads as gRPC likes; both are borrowed and outlive this.
class FeedbackServiceImpl final : public v1::FeedbackService::CallbackService {
 public:
  FeedbackServiceImpl(Runtime& runtime, PushRunner& runner)
      : runtime_(runtime), runner_(runner) {}

  grpc::ServerUnaryReactor* ReportDeliveries(
      grpc::CallbackServerContext* context,
      const v1::ReportDeliveriesRequest* request,
      v1::ReportDeliveriesResponse* response) override;
  grpc::ServerUnaryReactor* ReportEvents(
      grpc::CallbackServerContext* context,
      const v1::ReportEventsRequest* request,
      v1::ReportEventsResponse* response) override;

 private:
  Runtime& runtime_;
  PushRunner& runner_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_FEEDBACK_SERVICE_H_
