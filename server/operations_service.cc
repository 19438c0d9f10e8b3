#include "server/operations_service.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "server/page_token.h"
#include "server/push_names.h"
#include "server/resource_name.h"
#include "server/rpc_status.h"

namespace gradmatch {
namespace {

namespace lro = google::longrunning;

// What is kept for the answer to get back in time.
constexpr absl::Duration kAnswerTime = absl::Milliseconds(50);

// The run behind the operation of that name; NOT_FOUND.
absl::StatusOr<v1::StoredPushRun> RunOf(const PushStore& store,
                                        const std::string& name) {
  const auto id = ParseOperationName("name", name);
  if (!id.ok()) return id.status();
  auto operation = store.GetOperation(*id);
  if (!operation.ok()) return operation.status();
  if (!operation->has_value()) return OperationNotFound(name);
  return ReadRun(store, LastPart((*operation)->push_run()), name);
}

absl::Status Get(const PushRunner& runner, const std::string& name,
                 lro::Operation& response) {
  auto store = runner.store();
  if (!store.ok()) return store.status();
  auto run = RunOf(**store, name);
  if (!run.ok()) return run.status();
  response = MakeOperation(runner, *run);
  return absl::OkStatus();
}

absl::Status List(const Runtime& runtime, const PushRunner& runner,
                  const RpcContext& rpc,
                  const lro::ListOperationsRequest& request,
                  lro::ListOperationsResponse& response) {
  auto store = runner.store();
  if (!store.ok()) return store.status();
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
  const auto after = tokens.Read(rpc.method(), request);
  if (!after.ok()) return after.status();
  auto operations = (*store)->ListOperations(*after, *size + 1);
  if (!operations.ok()) return operations.status();
  const bool more = operations->size() > static_cast<size_t>(*size);
  if (more) operations->pop_back();
  for (const v1::StoredOperation& operation : *operations) {
    auto run =
        ReadRun(**store, LastPart(operation.push_run()), operation.push_run());
    if (!run.ok()) return run.status();
    *response.add_operations() = MakeOperation(runner, *run);
  }
  if (more) {
    response.set_next_page_token(tokens.Make(
        rpc.method(), request, LastPart(operations->back().name())));
  }
  return absl::OkStatus();
}

absl::Status Delete(PushRunner& runner, const std::string& name) {
  auto store = runner.store();
  if (!store.ok()) return store.status();
  auto run = RunOf(**store, name);
  if (!run.ok()) return run.status();
  if (!IsAtEnd(run->run().state())) {
    return MakeError(
        absl::StatusCode::kFailedPrecondition, kRunNotReady,
        absl::StrCat("操作 ", name, " 尚未结束；请先取消或等待其结束再删除"));
  }
  return (*store)->DeleteOperation(LastPart(name));
}

absl::Status Cancel(PushRunner& runner, const std::string& name) {
  auto store = runner.store();
  if (!store.ok()) return store.status();
  auto run = RunOf(**store, name);
  if (!run.ok()) return run.status();
  return runner.Cancel(LastPart(run->run().name())).status();
}

// One WaitOperation from its arrival to OnDone, when it deletes itself. gRPC
// calls neither OnCancel nor OnDone before Start has returned, so Start may use
// its members even after the room was told to answer.
class WaitCall final : public grpc::ServerUnaryReactor {
 public:
  WaitCall(Runtime& runtime, PushRunner& runner)
      : runtime_(runtime), runner_(runner) {}

  void Start(grpc::CallbackServerContext* context,
             const lro::WaitOperationRequest* request,
             lro::Operation* response);
  void OnCancel() override { runner_.waiting_room().Leave(ticket_); }
  void OnDone() override { delete this; }

 private:
  absl::StatusOr<absl::Duration> TimeOut(
      const grpc::CallbackServerContext& context,
      const lro::WaitOperationRequest& request) const;
  // What the operation has come to, sent.
  void Answer();
  void End(const absl::Status& status);

  Runtime& runtime_;
  PushRunner& runner_;
  std::string name_;
  lro::Operation* response_ = nullptr;
  uint64_t ticket_ = 0;  // 0: never entered the room
};

void WaitCall::Start(grpc::CallbackServerContext* context,
                     const lro::WaitOperationRequest* request,
                     lro::Operation* response) {
  runtime_.counters.started.fetch_add(1, std::memory_order_relaxed);
  name_ = request->name();
  response_ = response;
  {
    // Not kept: whoever waits does no work, and must not keep others out.
    const auto permit = internal::Admit(
        runtime_, static_cast<int64_t>(request->ByteSizeLong()), RpcOptions());
    if (!permit.ok()) return End(permit.status());
  }
  const auto timeout = TimeOut(*context, *request);
  if (!timeout.ok()) return End(timeout.status());
  auto store = runner_.store();
  if (!store.ok()) return End(store.status());
  const auto run = RunOf(**store, name_);
  if (!run.ok()) return End(run.status());

  const std::string run_id = LastPart(run->run().name());
  ticket_ =
      runner_.waiting_room().Enter(run_id, *timeout, [this] { Answer(); });
  // It may have come to its end before it could wake us.
  const auto now = (*store)->GetRun(run_id);
  if (!now.ok() || !now->has_value() || IsAtEnd((*now)->run().state())) {
    runner_.waiting_room().Leave(ticket_);
  }
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
  End(internal::Guarded([this] { return Get(runner_, name_, *response_); }));
}

void WaitCall::End(const absl::Status& status) {
  internal::CountEnd(runtime_, "Operations.WaitOperation", status);
  Finish(ToGrpcStatus(status));
}

}  // namespace

grpc::ServerUnaryReactor* OperationsServiceImpl::ListOperations(
    grpc::CallbackServerContext* context,
    const lro::ListOperationsRequest* request,
    lro::ListOperationsResponse* response) {
  return RunUnary(
      runtime_, context, request, response, "Operations.ListOperations",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return List(runtime_, runner_, rpc, q, r);
      });
}

grpc::ServerUnaryReactor* OperationsServiceImpl::GetOperation(
    grpc::CallbackServerContext* context,
    const lro::GetOperationRequest* request, lro::Operation* response) {
  return RunUnary(
      runtime_, context, request, response, "Operations.GetOperation",
      [this](const RpcContext&, const auto& q, auto& r) -> absl::Status {
        return Get(runner_, q.name(), r);
      });
}

grpc::ServerUnaryReactor* OperationsServiceImpl::DeleteOperation(
    grpc::CallbackServerContext* context,
    const lro::DeleteOperationRequest* request,
    google::protobuf::Empty* response) {
  return RunUnary(
      runtime_, context, request, response, "Operations.DeleteOperation",
      [this](const RpcContext&, const auto& q, auto&) -> absl::Status {
        return Delete(runner_, q.name());
      });
}

grpc::ServerUnaryReactor* OperationsServiceImpl::CancelOperation(
    grpc::CallbackServerContext* context,
    const lro::CancelOperationRequest* request,
    google::protobuf::Empty* response) {
  return RunUnary(
      runtime_, context, request, response, "Operations.CancelOperation",
      [this](const RpcContext&, const auto& q, auto&) -> absl::Status {
        return Cancel(runner_, q.name());
      });
}

grpc::ServerUnaryReactor* OperationsServiceImpl::WaitOperation(
    grpc::CallbackServerContext* context,
    const lro::WaitOperationRequest* request, lro::Operation* response) {
  auto* call = new WaitCall(runtime_, runner_);
  call->Start(context, request, response);
  return call;
}

}  // namespace gradmatch
