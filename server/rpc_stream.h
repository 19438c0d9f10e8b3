#ifndef GRADMATCH_SERVER_RPC_STREAM_H_
#define GRADMATCH_SERVER_RPC_STREAM_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "grpcpp/grpcpp.h"
#include "server/rpc.h"
#include "server/stream_registry.h"

namespace gradmatch {

// A stream of answers to one request. `start` runs once on a worker and
// returns `next`, which is called on a worker for one message at a time, each
// after the previous one went out: a slow reader holds no thread and no more
// than one message. `next` returns false at the end (its message is then not
// sent), and an error to end the stream with it.
//
//   return RunServerStream<v1::StreamPushItemsResponse>(
//       runtime_, context, request, "PushService.StreamPushItems",
//       [this](const RpcContext& rpc, const v1::StreamPushItemsRequest& q)
//           -> absl::StatusOr<NextMessage<v1::StreamPushItemsResponse>> {...});
//
// A reader that takes nothing for the idle time (runtime.streams) has its
// stream cancelled; draining ends it with UNAVAILABLE between two messages.
// The stream itself has no longest duration unless the caller gives one.
template <typename Response>
using NextMessage =
    std::function<absl::StatusOr<bool>(const RpcContext&, Response&)>;

namespace internal {

template <typename Request, typename Response>
class ServerStream final : public grpc::ServerWriteReactor<Response> {
 public:
  using Begin = std::function<absl::StatusOr<NextMessage<Response>>(
      const RpcContext&, const Request&)>;

  ServerStream(Runtime& runtime, std::string_view method)
      : runtime_(runtime), method_(method) {}

  void Start(grpc::CallbackServerContext* context, const Request* request,
             Begin begin) {
    runtime_.counters.started.fetch_add(1, std::memory_order_relaxed);
    context_ = context;
    absl::StatusOr<Entered> entered =
        EnterWith(runtime_, *context, method_, *request, {.stream = true});
    if (!entered.ok()) return End(entered.status());
    caller_ = std::move(entered->caller);
    tenant_ = std::move(entered->tenant);
    permit_ = std::move(entered->permit);
    deadline_ = CallDeadline(*context, absl::InfiniteDuration());
    entry_ = runtime_.streams.Add([context](StreamRegistry::Event event) {
      if (event == StreamRegistry::Event::kIdle) context->TryCancel();
    });
    entry_->Settle();
    Submit([this, request, begin = std::move(begin)](const RpcContext& rpc) {
      absl::StatusOr<NextMessage<Response>> next = begin(rpc, *request);
      if (!next.ok()) return next.status();
      next_ = *std::move(next);
      return Step(rpc);
    });
  }

  void OnWriteDone(bool ok) override {
    entry_->Settle();
    if (!ok) return End(absl::CancelledError("the reader went away"));
    Submit([this](const RpcContext& rpc) { return Step(rpc); });
  }
  void OnCancel() override { cancelled_ = true; }
  void OnDone() override {
    if (entry_ != nullptr) entry_->Close();
    delete this;
  }

 private:
  // Runs `body` on a worker; it has either started a write (OK) or ended.
  void Submit(std::function<absl::Status(const RpcContext&)> body) {
    const absl::Status queued = CheckSubmitted(
        runtime_, runtime_.workers.TrySubmit(
                      {.run =
                           [this, body = std::move(body)] {
                             const RpcContext rpc(method_, caller_, deadline_,
                                                  cancelled_);
                             const absl::Status status =
                                 Guarded([&]() -> absl::Status {
                                   absl::Status ready = rpc.Check();
                                   if (ready.ok())
                                     ready = CheckServing(runtime_.state());
                                   return ready.ok() ? body(rpc) : ready;
                                 });
                             if (!status.ok()) End(status);
                           },
                       .expired = [this] { End(DeadlinePassed()); },
                       .deadline = deadline_,
                       .tenant = tenant_}));
    if (!queued.ok()) End(queued);
  }

  // Nothing may touch this after StartWrite or End but the callbacks.
  absl::Status Step(const RpcContext& rpc) {
    message_.Clear();
    absl::StatusOr<bool> more = next_(rpc, message_);
    if (!more.ok()) return more.status();
    if (!*more) {
      End(absl::OkStatus());
      return absl::OkStatus();
    }
    entry_->Await();
    this->StartWrite(&message_);
    return absl::OkStatus();
  }

  void End(const absl::Status& status) {
    CountEnd(runtime_, method_, status);
    AddPushback(*context_, status);
    next_ = nullptr;
    permit_ = {};
    this->Finish(ToGrpcStatus(status));
  }

  Runtime& runtime_;
  const std::string method_;
  grpc::CallbackServerContext* context_ = nullptr;
  Caller caller_;
  std::string tenant_;
  absl::Time deadline_;
  std::atomic<bool> cancelled_{false};
  Admission::Permit permit_;
  NextMessage<Response> next_;
  Response message_;
  std::shared_ptr<StreamRegistry::Entry> entry_;
};

}  // namespace internal

template <typename Response, typename Request, typename Begin>
grpc::ServerWriteReactor<Response>* RunServerStream(
    Runtime& runtime, grpc::CallbackServerContext* context,
    const Request* request, std::string_view method, Begin begin) {
  auto* stream = new internal::ServerStream<Request, Response>(runtime, method);
  stream->Start(context, request, std::move(begin));
  return stream;
}

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_RPC_STREAM_H_
