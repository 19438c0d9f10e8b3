#ifndef GRADMATCH_SERVER_OPERATIONS_SERVICE_H_
#define GRADMATCH_SERVER_OPERATIONS_SERVICE_H_

#include "google/longrunning/operations.grpc.pb.h"
#include "server/push_runner.h"
#include "server/rpc.h"
#include "server/runtime.h"

namespace gradmatch {

// google.longrunning.Operations over push runs, the only operations there are:
// operations/push-{run}. Threads as gRPC likes; both are borrowed and outlive
// this.
class OperationsServiceImpl final
    : public google::longrunning::Operations::CallbackService {
 public:
  OperationsServiceImpl(Runtime& runtime, PushRunner& runner)
      : runtime_(runtime), runner_(runner) {}

  grpc::ServerUnaryReactor* ListOperations(
      grpc::CallbackServerContext* context,
      const google::longrunning::ListOperationsRequest* request,
      google::longrunning::ListOperationsResponse* response) override;
  grpc::ServerUnaryReactor* GetOperation(
      grpc::CallbackServerContext* context,
      const google::longrunning::GetOperationRequest* request,
      google::longrunning::Operation* response) override;
  // Of finished ones only; the run itself stays.
  grpc::ServerUnaryReactor* DeleteOperation(
      grpc::CallbackServerContext* context,
      const google::longrunning::DeleteOperationRequest* request,
      google::protobuf::Empty* response) override;
  grpc::ServerUnaryReactor* CancelOperation(
      grpc::CallbackServerContext* context,
      const google::longrunning::CancelOperationRequest* request,
      google::protobuf::Empty* response) override;
  // Answers when the operation is done or after `timeout` (at most and by
  // default 30 s, and before the call's deadline), whichever comes first, with
  // the operation as it is then. Holds no thread meanwhile.
  grpc::ServerUnaryReactor* WaitOperation(
      grpc::CallbackServerContext* context,
      const google::longrunning::WaitOperationRequest* request,
      google::longrunning::Operation* response) override;

 private:
  Runtime& runtime_;
  PushRunner& runner_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_OPERATIONS_SERVICE_H_
