#include "server/push_operations.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "server/push_names.h"

namespace gradmatch {
namespace {

namespace lro = google::longrunning;

// The run behind the operation; NOT_FOUND.
absl::StatusOr<v1::StoredPushRun> RunOf(const PushStore& store,
                                        std::string_view id) {
  const std::string name = OperationNameOf(id);
  auto operation = store.GetOperation(id);
  if (!operation.ok()) return operation.status();
  if (!operation->has_value()) return OperationNotFound(name);
  return ReadRun(store, LastPart((*operation)->push_run()), name);
}

}  // namespace

std::string_view PushOperations::prefix() const { return kPushOperationPrefix; }

absl::StatusOr<lro::Operation> PushOperations::Get(std::string_view id) const {
  auto store = runner_.store();
  if (!store.ok()) return store.status();
  auto run = RunOf(**store, id);
  if (!run.ok()) return run.status();
  return MakeOperation(runner_, *run);
}

absl::StatusOr<std::vector<lro::Operation>> PushOperations::List(
    std::string_view after_id, size_t limit) const {
  auto store = runner_.store();
  if (!store.ok()) return store.status();
  auto stored = (*store)->ListOperations(prefix(), after_id, limit);
  if (!stored.ok()) return stored.status();
  std::vector<lro::Operation> operations;
  for (const v1::StoredOperation& operation : *stored) {
    auto run =
        ReadRun(**store, LastPart(operation.push_run()), operation.push_run());
    if (!run.ok()) return run.status();
    operations.push_back(MakeOperation(runner_, *run));
  }
  return operations;
}

absl::Status PushOperations::Cancel(std::string_view id) {
  auto store = runner_.store();
  if (!store.ok()) return store.status();
  auto run = RunOf(**store, id);
  if (!run.ok()) return run.status();
  return runner_.Cancel(LastPart(run->run().name())).status();
}

absl::Status PushOperations::Delete(std::string_view id) {
  auto store = runner_.store();
  if (!store.ok()) return store.status();
  auto run = RunOf(**store, id);
  if (!run.ok()) return run.status();
  if (!IsAtEnd(run->run().state())) {
    return MakeError(absl::StatusCode::kFailedPrecondition, kRunNotReady,
                     absl::StrCat("操作 ", OperationNameOf(id),
                                  " 尚未结束；请先取消或等待其结束再删除"));
  }
  return (*store)->DeleteOperation(id);
}

}  // namespace gradmatch
