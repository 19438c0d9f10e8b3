#include "tools/gradmatch/operation_wait.h"

#include "google/longrunning/operations.grpc.pb.h"

namespace gradmatch {

using google::longrunning::Operation;
using google::longrunning::Operations;

namespace {

constexpr int kPollMillis = 300;

}  // namespace

absl::StatusOr<Operation> WaitForOperation(
    const Client& client, Operation operation,
    const std::function<void(const Operation&)>& show) {
  while (!operation.done()) {
    if (show) show(operation);
    google::longrunning::WaitOperationRequest request;
    request.set_name(operation.name());
    request.mutable_timeout()->set_nanos(kPollMillis * 1'000'000);
    const absl::Status status = client.Call<Operations>(
        &Operations::Stub::WaitOperation, request, operation);
    if (!status.ok()) return status;
  }
  if (!operation.has_error()) return operation;
  return absl::Status(static_cast<absl::StatusCode>(operation.error().code()),
                      operation.error().message());
}

}  // namespace gradmatch
