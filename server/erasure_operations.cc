#include "server/erasure_operations.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "gradmatch/v1/graduate_service.pb.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/keys.h"
#include "server/rpc_status.h"

namespace gradmatch {
namespace {

namespace lro = google::longrunning;

std::string_view ErasureIdOf(std::string_view operation_id) {
  return operation_id.substr(kErasureOperationPrefix.size());
}

}  // namespace

lro::Operation MakeErasureOperation(std::string_view erasure_id,
                                    const v1::StoredErasure& erasure) {
  lro::Operation operation;
  operation.set_name(
      OperationNameOf(absl::StrCat(A(kErasureOperationPrefix), A(erasure_id))));
  v1::EraseGraduateMetadata metadata;
  metadata.set_erasure(erasure.receipt().name());
  metadata.set_state(erasure.receipt().state());
  operation.mutable_metadata()->PackFrom(metadata);
  if (erasure.receipt().state() == v1::ErasureReceipt::STATE_PURGED) {
    operation.set_done(true);
    operation.mutable_response()->PackFrom(erasure.receipt());
  } else if (!erasure.error_message().empty()) {
    operation.set_done(true);
    *operation.mutable_error() = ToRpcStatus(MakeError(
        absl::StatusCode::kInternal, kInternal, erasure.error_message()));
  }
  return operation;
}

absl::StatusOr<lro::Operation> ErasureOperations::Get(
    std::string_view id) const {
  auto store = runner_.store();
  if (!store.ok()) return store.status();
  const auto listed =
      runtime_.engine().store.Get(Family::kOperation, OperationKey(id));
  if (absl::IsNotFound(listed.status())) {
    return OperationNotFound(OperationNameOf(id));
  }
  if (!listed.ok()) return listed.status();
  const auto erasure = (*store)->Get(ErasureIdOf(id));
  if (!erasure.ok()) return erasure.status();
  if (!erasure->has_value()) return OperationNotFound(OperationNameOf(id));
  return MakeErasureOperation(ErasureIdOf(id), **erasure);
}

absl::StatusOr<std::vector<lro::Operation>> ErasureOperations::List(
    std::string_view after_id, size_t limit) const {
  auto store = runner_.store();
  if (!store.ok()) return store.status();
  std::vector<lro::Operation> operations;
  KeyRange range = PrefixRange(kErasureOperationPrefix);
  if (!after_id.empty()) {
    range.begin = std::max(range.begin, SingleKey(after_id).end);
  }
  if (range.begin >= range.end) return operations;
  const auto cursor = runtime_.engine().store.Scan(Family::kOperation, range);
  for (; cursor->Valid() && operations.size() < limit; cursor->Next()) {
    auto operation = Get(cursor->key());
    if (!operation.ok()) return operation.status();
    operations.push_back(*std::move(operation));
  }
  if (!cursor->status().ok()) return cursor->status();
  return operations;
}

absl::Status ErasureOperations::Cancel(std::string_view id) {
  auto operation = Get(id);
  if (!operation.ok()) return operation.status();
  if (operation->done()) return absl::OkStatus();
  return MakeError(absl::StatusCode::kUnimplemented, kRunNotReady,
                   "删除已经生效，不能取消；可用 WaitOperation 等待其完成");
}

absl::Status ErasureOperations::Delete(std::string_view id) {
  auto operation = Get(id);
  if (!operation.ok()) return operation.status();
  if (!operation->done()) {
    return MakeError(absl::StatusCode::kFailedPrecondition, kRunNotReady,
                     absl::StrCat("操作 ", operation->name(),
                                  " 尚未结束；请等待其结束再删除"));
  }
  WriteBatch batch;
  batch.Delete(Family::kOperation, OperationKey(id));
  return runtime_.engine().store.Write(batch, Durability::kSynced);
}

}  // namespace gradmatch
