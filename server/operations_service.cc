#include "server/operations_service.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "server/page_token.h"
#include "server/resource_name.h"
#include "server/rpc_status.h"

namespace gradmatch {
namespace {

namespace lro = google::longrunning;

// What is kept for the answer to get back in time.
constexpr absl::Duration kAnswerTime = absl::Milliseconds(50);

using Providers = std::vector<OperationProvider*>;

// An operation by name: whose it is, and its id.
struct Found {
  OperationProvider* provider;
  std::string id;
};

absl::StatusOr<Found> Find(const Providers& providers,
                           const std::string& name) {
  auto id = ParseOperationName("name", name);
  if (!id.ok()) return id.status();
  for (OperationProvider* provider : providers) {
    if (id->starts_with(provider->prefix())) {
      return Found{provider, *std::move(id)};
    }
  }
  return OperationNotFound(name);
}

absl::Status Get(const Providers& providers, const std::string& name,
                 lro::Operation& response) {
  const auto found = Find(providers, name);
  if (!found.ok()) return found.status();
  auto operation = found->provider->Get(found->id);
  if (!operation.ok()) return operation.status();
  response = *std::move(operation);
  return absl::OkStatus();
}

absl::Status List(const Runtime& runtime, const Providers& providers,
                  const RpcContext& rpc,
                  const lro::ListOperationsRequest& request,
                  lro::ListOperationsResponse& response) {
  if (!request.name().empty() && request.name() != "operations") {
    return InvalidField(kNameInvalid,
                        {"name", request.name(), "operations", "operations"});
  }
  if (!request.filter().empty()) {
    return InvalidField(kFieldInvalid,
                        {"filter", request.filter(), "留空：返回全部操作", ""});
  }
  const auto size = PageSize(request.page_size(), 50, 1'000);
  if (!size.ok()) return size.status();
  const PageTokens& tokens = runtime.engine().tokens;
  const auto after = tokens.Read(rpc.page_scope(), request);
  if (!after.ok()) return after.status();
  // One more than fits says that there is another page.
  const size_t wanted = static_cast<size_t>(*size) + 1;
  std::vector<lro::Operation> operations;
  for (const OperationProvider* provider : providers) {
    if (operations.size() == wanted) break;
    auto more = provider->List(*after, wanted - operations.size());
    if (!more.ok()) return more.status();
    std::move(more->begin(), more->end(), std::back_inserter(operations));
  }
  const bool more = operations.size() == wanted;
  if (more) operations.pop_back();
  if (more) {
    const std::string& last = operations.back().name();
    response.set_next_page_token(tokens.Make(rpc.page_scope(), request,
                                             last.substr(last.rfind('/') + 1)));
  }
  for (lro::Operation& operation : operations) {
    *response.add_operations() = std::move(operation);
  }
  return absl::OkStatus();
}

constexpr char kWaitMethod[] = "Operations.WaitOperation";

// One WaitOperation from its arrival to OnDone, when it deletes itself. gRPC
// calls neither OnCancel nor OnDone before Start has returned, so Start may use
// its members even after the room was told to answer.
class WaitCall final : public grpc::ServerUnaryReactor {
 public:
  WaitCall(Runtime& runtime, const Providers& providers)
      : runtime_(runtime), providers_(providers) {}

  void Start(grpc::CallbackServerContext* context,
             const lro::WaitOperationRequest* request,
             lro::Operation* response);
  void OnCancel() override {
    if (provider_ != nullptr) provider_->waiting_room().Leave(ticket_);
  }
  void OnDone() override { delete this; }

 private:
  absl::StatusOr<absl::Duration> TimeOut(
      const grpc::CallbackServerContext& context,
      const lro::WaitOperationRequest& request) const;
  // What the operation has come to, sent.
  void Answer();
  void End(const absl::Status& status);

  Runtime& runtime_;
  const Providers& providers_;
  OperationProvider* provider_ = nullptr;  // null: not found yet
  std::string name_;
  lro::Operation* response_ = nullptr;
  uint64_t ticket_ = 0;  // 0: never entered the room
  grpc::CallbackServerContext* context_ = nullptr;
  Admission::Permit permit_;
};

void WaitCall::Start(grpc::CallbackServerContext* context,
                     const lro::WaitOperationRequest* request,
                     lro::Operation* response) {
  runtime_.counters.started.fetch_add(1, std::memory_order_relaxed);
  context_ = context;
  name_ = request->name();
  response_ = response;
  // As a stream: whoever waits does no work and must not keep calls out, but
  // there is an end to how many may wait.
  auto entered = internal::EnterWith(runtime_, *context, kWaitMethod, *request,
                                     {.stream = true});
  if (!entered.ok()) return End(entered.status());
  permit_ = std::move(entered->permit);
  const auto timeout = TimeOut(*context, *request);
  if (!timeout.ok()) return End(timeout.status());
  const auto found = Find(providers_, name_);
  if (!found.ok()) return End(found.status());
  OperationProvider& provider = *found->provider;
  const auto operation = provider.Get(found->id);
  if (!operation.ok()) return End(operation.status());

  provider_ = &provider;
  ticket_ =
      provider.waiting_room().Enter(found->id.substr(provider.prefix().size()),
                                    *timeout, [this] { Answer(); });
  // It may have come to its end before it could wake us.
  const auto now = provider.Get(found->id);
  if (!now.ok() || now->done()) provider.waiting_room().Leave(ticket_);
}

absl::StatusOr<absl::Duration> WaitCall::TimeOut(
    const grpc::CallbackServerContext& context,
    const lro::WaitOperationRequest& request) const {
  absl::Duration wanted = kLongestUnaryCall;
  if (request.has_timeout()) {
    wanted = absl::Seconds(request.timeout().seconds()) +
             absl::Nanoseconds(request.timeout().nanos());
    if (wanted < absl::ZeroDuration()) {
      return InvalidField(kFieldOutOfRange,
                          {"timeout", absl::FormatDuration(wanted),
                           "0 至 30 秒；更长的按 30 秒处理", "30s"});
    }
  }
  const absl::Duration left =
      internal::CallDeadline(context, kLongestUnaryCall) - absl::Now() -
      kAnswerTime;
  return std::max(absl::ZeroDuration(), std::min(wanted, left));
}

void WaitCall::Answer() {
  End(internal::Guarded([this] { return Get(providers_, name_, *response_); }));
}

void WaitCall::End(const absl::Status& status) {
  internal::CountEnd(runtime_, kWaitMethod, status);
  internal::AddPushback(*context_, status);
  permit_ = {};
  Finish(ToGrpcStatus(status));
}

}  // namespace

OperationsServiceImpl::OperationsServiceImpl(
    Runtime& runtime, std::vector<OperationProvider*> providers)
    : runtime_(runtime), providers_([&] {
        std::ranges::sort(providers, {}, &OperationProvider::prefix);
        return std::move(providers);
      }()) {}

grpc::ServerUnaryReactor* OperationsServiceImpl::ListOperations(
    grpc::CallbackServerContext* context,
    const lro::ListOperationsRequest* request,
    lro::ListOperationsResponse* response) {
  return RunUnary(
      runtime_, context, request, response, "Operations.ListOperations",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return List(runtime_, providers_, rpc, q, r);
      });
}

grpc::ServerUnaryReactor* OperationsServiceImpl::GetOperation(
    grpc::CallbackServerContext* context,
    const lro::GetOperationRequest* request, lro::Operation* response) {
  return RunUnary(
      runtime_, context, request, response, "Operations.GetOperation",
      [this](const RpcContext&, const auto& q, auto& r) -> absl::Status {
        return Get(providers_, q.name(), r);
      });
}

grpc::ServerUnaryReactor* OperationsServiceImpl::DeleteOperation(
    grpc::CallbackServerContext* context,
    const lro::DeleteOperationRequest* request,
    google::protobuf::Empty* response) {
  return RunUnary(
      runtime_, context, request, response, "Operations.DeleteOperation",
      [this](const RpcContext&, const auto& q, auto&) -> absl::Status {
        const auto found = Find(providers_, q.name());
        if (!found.ok()) return found.status();
        return found->provider->Delete(found->id);
      });
}

grpc::ServerUnaryReactor* OperationsServiceImpl::CancelOperation(
    grpc::CallbackServerContext* context,
    const lro::CancelOperationRequest* request,
    google::protobuf::Empty* response) {
  return RunUnary(
      runtime_, context, request, response, "Operations.CancelOperation",
      [this](const RpcContext&, const auto& q, auto&) -> absl::Status {
        const auto found = Find(providers_, q.name());
        if (!found.ok()) return found.status();
        return found->provider->Cancel(found->id);
      });
}

grpc::ServerUnaryReactor* OperationsServiceImpl::WaitOperation(
    grpc::CallbackServerContext* context,
    const lro::WaitOperationRequest* request, lro::Operation* response) {
  auto* call = new WaitCall(runtime_, providers_);
  call->Start(context, request, response);
  return call;
}

}  // namespace gradmatch
