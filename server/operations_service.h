#ifndef GRADMATCH_SERVER_OPERATIONS_SERVICE_H_
#define GRADMATCH_SERVER_OPERATIONS_SERVICE_H_

#include <vector>

#include "google/longrunning/operations.grpc.pb.h"
#include "server/operation_provider.h"
#include "server/rpc.h"
#include "server/runtime.h"

namespace gradmatch {

// google.longrunning.Operations over every kind of operation there is. Threads
// as gRPC likes; runtime and providers are borrowed and outlive this.
class OperationsServiceImpl final
    : public google::longrunning::Operations::CallbackService {
 public:
  OperationsServiceImpl(Runtime& runtime,
                        std::vector<OperationProvider*> providers);

  // All kinds in one list, in the byte order of ids.
  grpc::ServerUnaryReactor* ListOperations(
      grpc::CallbackServerContext* context,
      const google::longrunning::ListOperationsRequest* request,
      google::longrunning::ListOperationsResponse* response) override;
  grpc::ServerUnaryReactor* GetOperation(
      grpc::CallbackServerContext* context,
      const google::longrunning::GetOperationRequest* request,
      google::longrunning::Operation* response) override;
  // Of finished ones only; what they made stays.
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
  const std::vector<OperationProvider*> providers_;  // in order of prefixes
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_OPERATIONS_SERVICE_H_
