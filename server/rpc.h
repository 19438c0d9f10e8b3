#ifndef GRADMATCH_SERVER_RPC_H_
#define GRADMATCH_SERVER_RPC_H_

#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "grpcpp/grpcpp.h"
#include "server/caller.h"
#include "server/rpc_status.h"
#include "server/runtime.h"

namespace gradmatch {

// The gRPC flavour of a method. A service's method is
//
//   grpc::ServerUnaryReactor* PostingServiceImpl::GetPosting(
//       grpc::CallbackServerContext* context, const v1::GetPostingRequest* q,
//       v1::Posting* r) {
//     return RunUnary(runtime_, context, q, r, "PostingService.GetPosting",
//                     [this](const RpcContext& rpc, const auto& request,
//                            auto& response) -> absl::Status { ... });
//   }
//
// and the wrapper does: state (loading, draining), identity and rights
// (gate.h), admission, deadline, the hand-over to runtime.workers, exceptions,
// status conversion, counting. What the method returns OK for is sent; an
// error's response is not.

// Calls without a deadline, or with a longer one, get this much of the
// server's work (design: unary calls carry at most 30 s).
inline constexpr absl::Duration kLongestUnaryCall = absl::Seconds(30);

// What a handler may ask about its call. Valid during the handler.
class RpcContext {
 public:
  // `caller` is borrowed.
  RpcContext(std::string_view method, const Caller& caller, absl::Time deadline,
             const std::atomic<bool>& cancelled)
      : method_(method),
        caller_(caller),
        page_scope_(PageScope(caller, method)),
        deadline_(deadline),
        cancelled_(cancelled) {}

  std::string_view method() const { return method_; }
  const Caller& caller() const { return caller_; }
  // What page tokens are bound to; see PageScope.
  const std::string& page_scope() const { return page_scope_; }
  // On the system's clock.
  absl::Time deadline() const { return deadline_; }
  // Nobody waits for the answer any more: stop.
  bool Cancelled() const;
  // OK, or CANCELLED / DEADLINE_EXCEEDED to be returned between two stages.
  absl::Status Check() const;

 private:
  const std::string method_;
  const Caller& caller_;
  const std::string page_scope_;
  const absl::Time deadline_;
  const std::atomic<bool>& cancelled_;
};

struct RpcOptions {
  // Answered while loading and draining too (AdminService, health).
  bool always = false;
  // Not refused by admission: what an operator asks when all else is refused.
  bool exempt = false;
  // Counts as a stream, not as a call: it lasts, and works little.
  bool stream = false;
  // Longest server work of the call; longer deadlines are cut to it.
  absl::Duration longest = kLongestUnaryCall;
};

namespace internal {

// What of a call does not depend on its types.
absl::Time CallDeadline(const grpc::CallbackServerContext& context,
                        absl::Duration longest);
// Who calls, whose share it takes, and the permit it holds while its call is
// under way.
struct Entered {
  Caller caller;
  std::string tenant;
  Admission::Permit permit;
};
// What every call begins with: the connection's conduct, identity, the right to
// call `method`, state, admission. Nothing else is done for a caller that does
// not pass.
absl::StatusOr<Entered> Enter(Runtime& runtime,
                              const grpc::ServerContextBase& context,
                              std::string_view method, int64_t bytes,
                              const RpcOptions& options);
// Enter, and the right to ask this. For calls with one request.
absl::StatusOr<Entered> EnterWith(Runtime& runtime,
                                  const grpc::ServerContextBase& context,
                                  std::string_view method,
                                  const google::protobuf::Message& request,
                                  const RpcOptions& options);
// Whether `caller`, which entered before, would get in again: asked between two
// steps of a stream, so that what was revoked meanwhile ends.
absl::Status CheckStillIn(Runtime& runtime,
                          const grpc::ServerContextBase& context,
                          const Caller& caller);
// OK, or what is to be told to a call that a pool did not take.
absl::Status CheckSubmitted(Runtime& runtime, WorkerPool::Submitted submitted);
// What is told to a call that the queue gave up.
absl::Status GivenUp(Runtime& runtime);
absl::Status DeadlinePassed();
absl::Status FromException(const std::exception* error);
// Counts the end of a call and logs errors that are the server's own.
void CountEnd(Runtime& runtime, std::string_view method,
              const absl::Status& status);
// The trailer grpc-retry-pushback-ms for a QuotaError; before Finish.
void AddPushback(grpc::ServerContextBase& context, const absl::Status& status);
// The caller took back a call that has not ended. Its giving up at the deadline
// is not held against it.
void NoteCancel(Runtime& runtime, const grpc::ServerContextBase& context,
                absl::Time deadline);

// Runs `body`; what it throws becomes INTERNAL.
template <typename Body>
absl::Status Guarded(Body body) {
  try {
    return body();
  } catch (const std::exception& error) {
    return FromException(&error);
  } catch (...) {
    return FromException(nullptr);
  }
}

// One unary call from its arrival to OnDone, when it deletes itself.
template <typename Request, typename Response>
class UnaryCall final : public grpc::ServerUnaryReactor {
 public:
  using Handler =
      std::function<absl::Status(const RpcContext&, const Request&, Response&)>;

  UnaryCall(Runtime& runtime, std::string_view method)
      : runtime_(runtime), method_(method) {}

  void Start(grpc::CallbackServerContext* context, const Request* request,
             Response* response, Handler handler, const RpcOptions& options) {
    runtime_.counters.started.fetch_add(1, std::memory_order_relaxed);
    context_ = context;
    deadline_ = CallDeadline(*context, options.longest);
    absl::StatusOr<Entered> entered =
        EnterWith(runtime_, *context, method_, *request, options);
    if (!entered.ok()) return End(entered.status());
    caller_ = std::move(entered->caller);
    permit_ = std::move(entered->permit);
    const absl::Status queued = CheckSubmitted(
        runtime_,
        runtime_.workers.TrySubmit(
            {.run =
                 [this, request, response, handler = std::move(handler)] {
                   const RpcContext rpc(method_, caller_, deadline_,
                                        cancelled_);
                   End(Guarded([&]() -> absl::Status {
                     absl::Status ready = rpc.Check();
                     if (!ready.ok()) return ready;
                     return handler(rpc, *request, *response);
                   }));
                 },
             .expired = [this] { End(DeadlinePassed()); },
             .deadline = deadline_,
             .tenant = std::move(entered->tenant),
             .given_up = [this] { End(GivenUp(runtime_)); }}));
    if (!queued.ok()) End(queued);
  }

  void OnCancel() override {
    cancelled_ = true;
    if (!ended_) NoteCancel(runtime_, *context_, deadline_);
  }
  void OnDone() override { delete this; }

 private:
  void End(const absl::Status& status) {
    ended_ = true;
    CountEnd(runtime_, method_, status);
    AddPushback(*context_, status);
    permit_ = {};  // Before Finish: the caller's next call finds it free.
    Finish(ToGrpcStatus(status));
  }

  Runtime& runtime_;
  const std::string method_;
  grpc::CallbackServerContext* context_ = nullptr;
  absl::Time deadline_;
  Caller caller_;
  std::atomic<bool> cancelled_{false};
  std::atomic<bool> ended_{false};
  Admission::Permit permit_;
};

}  // namespace internal

template <typename Request, typename Response, typename Handler>
grpc::ServerUnaryReactor* RunUnary(Runtime& runtime,
                                   grpc::CallbackServerContext* context,
                                   const Request* request, Response* response,
                                   std::string_view method, Handler handler,
                                   const RpcOptions& options = {}) {
  auto* call = new internal::UnaryCall<Request, Response>(runtime, method);
  call->Start(context, request, response, std::move(handler), options);
  return call;
}

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_RPC_H_
