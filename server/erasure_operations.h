#ifndef GRADMATCH_SERVER_ERASURE_OPERATIONS_H_
#define GRADMATCH_SERVER_ERASURE_OPERATIONS_H_

#include <string>
#include <string_view>
#include <vector>

#include "server/erasure_runner.h"
#include "server/operation_provider.h"

namespace gradmatch {

inline constexpr std::string_view kErasureOperationPrefix = "erase-";

// The erasure as an operation: done when every file is clean, or the purge
// failed. A failed one is tried again with the next purge, and then comes to a
// good end after all.
google::longrunning::Operation MakeErasureOperation(
    std::string_view erasure_id, const v1::StoredErasure& erasure);

// The operations behind erasures: operations/erase-{erasure}. They cannot be
// cancelled; deleting one leaves the receipt. Both are borrowed and outlive
// this.
class ErasureOperations final : public OperationProvider {
 public:
  ErasureOperations(const Runtime& runtime, ErasureRunner& runner)
      : runtime_(runtime), runner_(runner) {}

  std::string_view prefix() const override { return kErasureOperationPrefix; }
  absl::StatusOr<google::longrunning::Operation> Get(
      std::string_view id) const override;
  absl::StatusOr<std::vector<google::longrunning::Operation>> List(
      std::string_view after_id, size_t limit) const override;
  absl::Status Cancel(std::string_view id) override;
  absl::Status Delete(std::string_view id) override;
  WaitingRoom& waiting_room() override { return runner_.waiting_room(); }

 private:
  const Runtime& runtime_;
  ErasureRunner& runner_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_ERASURE_OPERATIONS_H_
