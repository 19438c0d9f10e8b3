#include "server/rpc.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "server/gate.h"

namespace gradmatch {
namespace {

constexpr int64_t kRetryAfterMillis = 200;

}  // namespace

bool RpcContext::Cancelled() const {
  return cancelled_.load(std::memory_order_relaxed) || absl::Now() >= deadline_;
}

absl::Status RpcContext::Check() const {
  if (absl::Now() >= deadline_) return internal::DeadlinePassed();
  if (cancelled_.load(std::memory_order_relaxed)) {
    return MakeError(absl::StatusCode::kCancelled, kCancelled,
                     "调用方已取消请求");
  }
  return absl::OkStatus();
}

namespace internal {

absl::Time CallDeadline(const grpc::CallbackServerContext& context,
                        absl::Duration longest) {
  const absl::Time asked = absl::FromChrono(context.deadline());
  return std::min(asked, absl::Now() + longest);
}

absl::StatusOr<Entered> Enter(Runtime& runtime,
                              const grpc::ServerContextBase& context,
                              std::string_view method, int64_t bytes,
                              const RpcOptions& options) {
  absl::StatusOr<Caller> caller = runtime.gate().Identify(context);
  if (!caller.ok()) return caller.status();
  absl::Status admitted = runtime.gate().Admit(*caller, method);
  if (!admitted.ok()) return admitted;
  // What state the service is in is nothing for strangers.
  absl::Status state = CheckServing(runtime.state());
  if (!state.ok() && !options.always) return state;
  if (options.exempt) {
    return Entered{*std::move(caller), Admission::Permit(nullptr, 0)};
  }
  std::optional<Admission::Permit> permit = runtime.admission.TryEnter(bytes);
  if (!permit.has_value()) {
    return Overloaded(kQuotaExceeded,
                      "服务繁忙：同时处理的请求已达上限，请稍后重试",
                      kRetryAfterMillis);
  }
  return Entered{*std::move(caller), *std::move(permit)};
}

absl::StatusOr<Entered> EnterWith(Runtime& runtime,
                                  const grpc::ServerContextBase& context,
                                  std::string_view method,
                                  const google::protobuf::Message& request,
                                  const RpcOptions& options) {
  absl::StatusOr<Entered> entered =
      Enter(runtime, context, method,
            static_cast<int64_t>(request.ByteSizeLong()), options);
  if (!entered.ok()) return entered.status();
  absl::Status authorized =
      runtime.gate().Authorize(entered->caller, method, request);
  if (!authorized.ok()) return authorized;
  return entered;
}

absl::Status CheckStillIn(Runtime& runtime,
                          const grpc::ServerContextBase& context,
                          const Caller& caller) {
  const absl::StatusOr<Caller> now = runtime.gate().Identify(context);
  if (!now.ok()) return now.status();
  if (now->role == caller.role && now->tenant == caller.tenant) {
    return absl::OkStatus();
  }
  return MakeError(absl::StatusCode::kUnauthenticated, kIdentityConflict,
                   "调用方的身份在流进行中改变了；请重新建立流");
}

absl::Status QueueFull() {
  return Overloaded(kQuotaExceeded, "服务繁忙：等待队列已满，请稍后重试",
                    kRetryAfterMillis);
}

absl::Status DeadlinePassed() {
  return MakeError(absl::StatusCode::kDeadlineExceeded, kDeadlinePassed,
                   "请求的期限已过，处理未完成；请放宽期限后重试");
}

absl::Status FromException(const std::exception* error) {
  return absl::InternalError(
      absl::StrCat("exception at the boundary: ",
                   error == nullptr ? "of unknown type" : error->what()));
}

void CountEnd(Runtime& runtime, std::string_view method,
              const absl::Status& status) {
  if (status.ok()) return;
  runtime.counters.failed.fetch_add(1, std::memory_order_relaxed);
  switch (status.code()) {
    case absl::StatusCode::kUnauthenticated:
      runtime.counters.unauthenticated.fetch_add(1, std::memory_order_relaxed);
      return;
    case absl::StatusCode::kPermissionDenied:
      runtime.counters.denied.fetch_add(1, std::memory_order_relaxed);
      return;
    case absl::StatusCode::kResourceExhausted:
      runtime.counters.refused.fetch_add(1, std::memory_order_relaxed);
      return;
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDataLoss:
      runtime.log.Log(
          LogLevel::kError, "rpc", "call_failed",
          {{LogField::kMethod, method},
           {LogField::kCode, absl::StatusCodeToString(status.code())},
           {LogField::kError, std::string(status.message())}});
      return;
    default:
      return;
  }
}

}  // namespace internal
}  // namespace gradmatch
