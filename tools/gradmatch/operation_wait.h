#ifndef GRADMATCH_TOOLS_GRADMATCH_OPERATION_WAIT_H_
#define GRADMATCH_TOOLS_GRADMATCH_OPERATION_WAIT_H_

#include <functional>

#include "absl/status/statusor.h"
#include "google/longrunning/operations.pb.h"
#include "tools/gradmatch/client.h"

namespace gradmatch {

// Waits until an operation is at its end and returns it. `show`, if not empty,
// is called with each state of it on the way, several times a second. The error
// of a call, or the one the operation ended with.
absl::StatusOr<google::longrunning::Operation> WaitForOperation(
    const Client& client, google::longrunning::Operation operation,
    const std::function<void(const google::longrunning::Operation&)>& show =
        nullptr);

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_GRADMATCH_OPERATION_WAIT_H_
