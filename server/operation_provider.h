#ifndef GRADMATCH_SERVER_OPERATION_PROVIDER_H_
#define GRADMATCH_SERVER_OPERATION_PROVIDER_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/longrunning/operations.pb.h"
#include "server/waiting_room.h"

namespace gradmatch {

// One kind of long-running operations: what OperationsServiceImpl asks. Names
// are operations/{id}; the ids of one kind begin with its prefix, and no prefix
// begins another. All methods may run concurrently; before the kind's work has
// started they answer UNAVAILABLE.
class OperationProvider {
 public:
  virtual ~OperationProvider() = default;

  // Such as "push-".
  virtual std::string_view prefix() const = 0;

  // An operation as it is now, with metadata, and response or error at its end.
  // NOT_FOUND. `id` begins with the prefix.
  virtual absl::StatusOr<google::longrunning::Operation> Get(
      std::string_view id) const = 0;
  // At most `limit` operations in the byte order of ids, those whose id is
  // after `after_id`, which may be one of another kind.
  virtual absl::StatusOr<std::vector<google::longrunning::Operation>> List(
      std::string_view after_id, size_t limit) const = 0;
  // Ends it as soon as it can; nothing happens to one at its end. NOT_FOUND;
  // UNIMPLEMENTED for what cannot be taken back.
  virtual absl::Status Cancel(std::string_view id) = 0;
  // Forgets one that is at its end, not what it made. NOT_FOUND;
  // FAILED_PRECONDITION while it is at work.
  virtual absl::Status Delete(std::string_view id) = 0;

  // Woken with the id, without the prefix, as the topic at the end of one.
  virtual WaitingRoom& waiting_room() = 0;
};

std::string OperationNameOf(std::string_view operation_id);
absl::Status OperationNotFound(std::string_view name);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_OPERATION_PROVIDER_H_
