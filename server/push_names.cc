#include "server/push_names.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "matcher/push/push_plan.h"
#include "server/rpc_status.h"

namespace gradmatch {
namespace {

absl::Status NotFound(std::string_view reason, std::string_view what,
                      std::string_view name, std::string_view next) {
  return MakeError(absl::StatusCode::kNotFound, reason,
                   absl::StrCat("没有", A(what), " ", A(name), "；", A(next)),
                   {{"name", std::string(name)}});
}

}  // namespace

std::string PushPlanNameOf(std::string_view plan_id) {
  return absl::StrCat("pushPlans/", A(plan_id));
}

std::string PushRunNameOf(std::string_view run_id) {
  return absl::StrCat("pushRuns/", A(run_id));
}

std::string LastPart(std::string_view name) {
  return std::string(name.substr(name.rfind('/') + 1));
}

std::string OperationIdOfRun(std::string_view run_id) {
  return absl::StrCat(A(kPushOperationPrefix), A(run_id));
}

absl::Status PushPlanNotFound(std::string_view name) {
  return NotFound(kPushPlanNotFound, "推送计划", name,
                  "可用 ListPushPlans 查看已有计划");
}

absl::Status PushRunNotFound(std::string_view name) {
  return NotFound(kPushRunNotFound, "推送批次", name,
                  "可用 ListPushRuns 查看已有批次");
}

absl::Status CheckPushId(std::string_view field, std::string_view id,
                         int max_length) {
  if (IsValidPushId(id, max_length)) return absl::OkStatus();
  FieldError error;
  error.field = std::string(field);
  error.value = std::string(id);
  error.allowed =
      absl::StrCat("小写字母、数字和连字符，1-", max_length,
                   " 个字符，首尾为字母或数字，例如 2026-11-22-nightly");
  return InvalidField(id.empty() ? kFieldMissing : kNameInvalid, error);
}

google::longrunning::Operation MakeOperation(const PushRunner& runner,
                                             const v1::StoredPushRun& run) {
  google::longrunning::Operation operation;
  operation.set_name(run.run().operation());
  operation.mutable_metadata()->PackFrom(runner.Metadata(run));
  operation.set_done(IsAtEnd(run.run().state()));
  switch (run.run().state()) {
    case v1::PushRun::STATE_READY:
      operation.mutable_response()->PackFrom(run.run());
      break;
    case v1::PushRun::STATE_CANCELLED:
      *operation.mutable_error() = ToRpcStatus(
          MakeError(absl::StatusCode::kCancelled, kCancelled,
                    "批次已取消；已写入的推送保留，可用 ListPushItems 查看"));
      break;
    case v1::PushRun::STATE_FAILED:
      *operation.mutable_error() = ToRpcStatus(
          MakeError(absl::StatusCode::kInternal, kInternal,
                    "批次失败；原因见 GetPushRun 的 error_message"));
      break;
    default:
      break;
  }
  return operation;
}

absl::StatusOr<v1::StoredPushRun> ReadRun(const PushStore& store,
                                          std::string_view run_id,
                                          std::string_view name) {
  absl::StatusOr<std::optional<v1::StoredPushRun>> run = store.GetRun(run_id);
  if (!run.ok()) return run.status();
  if (!run->has_value()) return PushRunNotFound(name);
  return **std::move(run);
}

}  // namespace gradmatch
