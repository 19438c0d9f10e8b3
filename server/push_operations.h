#ifndef GRADMATCH_SERVER_PUSH_OPERATIONS_H_
#define GRADMATCH_SERVER_PUSH_OPERATIONS_H_

#include <string_view>
#include <vector>

#include "server/operation_provider.h"
#include "server/push_runner.h"

namespace gradmatch {

// The operations behind push runs: operations/push-{run}. Deleting one leaves
// the run. `runner` is borrowed and outlives this.
class PushOperations final : public OperationProvider {
 public:
  explicit PushOperations(PushRunner& runner) : runner_(runner) {}

  std::string_view prefix() const override;
  absl::StatusOr<google::longrunning::Operation> Get(
      std::string_view id) const override;
  absl::StatusOr<std::vector<google::longrunning::Operation>> List(
      std::string_view after_id, size_t limit) const override;
  absl::Status Cancel(std::string_view id) override;
  absl::Status Delete(std::string_view id) override;
  WaitingRoom& waiting_room() override { return runner_.waiting_room(); }

 private:
  PushRunner& runner_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_PUSH_OPERATIONS_H_
