#include "server/rpc.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "server/gate.h"

namespace gradmatch {
namespace {

absl::Status Refuse(Runtime& runtime, QuotaLimit limit,
                    absl::Duration retry_after) {
  runtime.counters.refused_by.Add(limit);
  return retry_after > absl::ZeroDuration() ? QuotaError(limit, retry_after)
                                            : QuotaError(limit);
}

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
  const absl::Time now = absl::Now();
  const absl::Duration banned = runtime.peers.Banned(context.peer(), now);
  if (banned > absl::ZeroDuration()) {
    return Refuse(runtime, QuotaLimit::kPeerCancels, banned);
  }
  absl::StatusOr<Caller> caller = runtime.gate().Identify(context);
  if (!caller.ok()) return caller.status();
  absl::Status admitted = runtime.gate().Admit(*caller, method);
  if (!admitted.ok()) return admitted;
  // What state the service is in is nothing for strangers.
  absl::Status state = CheckServing(runtime.state());
  if (!state.ok() && !options.always) return state;
  std::string tenant = QuotaTenant(*caller);
  if (options.exempt) {
    // In front of its tenant's own calls too.
    return Entered{*std::move(caller), absl::StrCat("exempt/", tenant), {}};
  }
  Admission::Answer admission = runtime.admission.TryEnter(
      tenant,
      options.stream ? Admission::Kind::kStream : Admission::Kind::kCall, bytes,
      now);
  if (!admission.permit.has_value()) {
    return Refuse(runtime, admission.refused_by, admission.retry_after);
  }
  return Entered{*std::move(caller), std::move(tenant),
                 *std::move(admission.permit)};
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

absl::Status CheckSubmitted(Runtime& runtime, WorkerPool::Submitted submitted) {
  switch (submitted) {
    case WorkerPool::Submitted::kQueued:
      return absl::OkStatus();
    case WorkerPool::Submitted::kQueueFull:
      return Refuse(runtime, QuotaLimit::kQueue, absl::ZeroDuration());
    case WorkerPool::Submitted::kTenantQueueFull:
      return Refuse(runtime, QuotaLimit::kTenantQueue, absl::ZeroDuration());
    case WorkerPool::Submitted::kClosed:
      break;
  }
  return CheckServing(ServerState::kDraining);
}

absl::Status GivenUp(Runtime& runtime) {
  return Refuse(runtime, QuotaLimit::kQueueWait, absl::ZeroDuration());
}

void AddPushback(grpc::ServerContextBase& context, const absl::Status& status) {
  const int64_t millis = RetryPushbackMillis(status);
  if (millis < 0) return;
  context.AddTrailingMetadata("grpc-retry-pushback-ms", absl::StrCat(millis));
}

void NoteCancel(Runtime& runtime, const grpc::ServerContextBase& context,
                absl::Time deadline) {
  constexpr absl::Duration kNearTheEnd = absl::Milliseconds(100);
  const absl::Time now = absl::Now();
  if (now + kNearTheEnd < deadline) {
    runtime.peers.Cancelled(context.peer(), now);
  }
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
