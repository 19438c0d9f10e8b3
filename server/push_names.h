#ifndef GRADMATCH_SERVER_PUSH_NAMES_H_
#define GRADMATCH_SERVER_PUSH_NAMES_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/longrunning/operations.pb.h"
#include "gradmatch/v1/storage.pb.h"
#include "server/push_runner.h"

namespace gradmatch {

// Names and errors that the push services share.

std::string PushPlanNameOf(std::string_view plan_id);
std::string PushRunNameOf(std::string_view run_id);
// The last part of a name that was made here.
std::string LastPart(std::string_view name);

// push-{run}: the operation of a run.
inline constexpr std::string_view kPushOperationPrefix = "push-";
std::string OperationIdOfRun(std::string_view run_id);

absl::Status PushPlanNotFound(std::string_view name);
absl::Status PushRunNotFound(std::string_view name);

// INVALID_ARGUMENT unless `id` may be that of a new plan or run.
absl::Status CheckPushId(std::string_view field, std::string_view id,
                         int max_length);

// The run as an operation: metadata live, response or error at its end.
google::longrunning::Operation MakeOperation(const PushRunner& runner,
                                             const v1::StoredPushRun& run);

// The stored run of `run_id`; NOT_FOUND with `name` in it.
absl::StatusOr<v1::StoredPushRun> ReadRun(const PushStore& store,
                                          std::string_view run_id,
                                          std::string_view name);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_PUSH_NAMES_H_
