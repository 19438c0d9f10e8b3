#ifndef GRADMATCH_SERVER_SYNC_STREAM_H_
#define GRADMATCH_SERVER_SYNC_STREAM_H_

#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "grpcpp/grpcpp.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/mutex.h"
#include "server/gate.h"
#include "server/rpc.h"
#include "server/stream_registry.h"
#include "server/sync_protocol.h"

namespace gradmatch {

// A row on its way, or why it is refused without a look.
template <typename Row>
struct PendingRow {
  Row row;
  std::optional<v1::RowError> refused;
};

// One sync stream: begin, rows, commit; answered row by row, in order, when a
// row is durable and visible. Rows gather while a batch is being applied, so
// that batches are as large as the sender is fast. What is acknowledged stays,
// however the stream ends; what is not acknowledged may or may not be there.
//
// `Handler` is the kind of row:
//   using Request, Response, Row;
//   Status Begin(const Caller&, const v1::SyncBegin&);    quick
//   StatusOr<vector<v1::SyncRowResult>> Apply(span<PendingRow<Row>>);   slow
//   Status Commit(v1::SyncCommitted&);                    slow
// Its methods are never called at the same time; it is destroyed before the
// caller hears of the end.
//
// Threads: callbacks come from gRPC, the workers and the registry. All state is
// under one lock, and gRPC's calls are started under it: they never call back
// on the same stack.
template <typename Handler>
class SyncStream final
    : public grpc::ServerBidiReactor<typename Handler::Request,
                                     typename Handler::Response> {
 public:
  using Request = typename Handler::Request;
  using Response = typename Handler::Response;
  using Row = typename Handler::Row;

  SyncStream(Runtime& runtime, std::string_view method,
             const SyncLimits& limits)
      : runtime_(runtime), method_(method), limits_(limits) {}

  // `make` makes the handler; it is called only when the server serves.
  template <typename Make>
  void Start(grpc::CallbackServerContext* context, Make make) {
    runtime_.counters.started.fetch_add(1, std::memory_order_relaxed);
    context_ = context;
    absl::StatusOr<internal::Entered> entered =
        internal::Enter(runtime_, *context, method_, 0, {.stream = true});
    entry_ = runtime_.streams.Add(
        [this](StreamRegistry::Event event) { OnEvent(event); });
    MutexLock lock(mu_);
    if (!entered.ok()) {
      Fail(entered.status());
    } else {
      caller_ = std::move(entered->caller);
      tenant_ = std::move(entered->tenant);
      permit_ = std::move(entered->permit);
      handler_ = make();
    }
    Step();
  }

  void OnReadDone(bool ok) override {
    MutexLock lock(mu_);
    reading_ = false;
    if (end_.has_value()) {
      // Ended meanwhile: what came is not looked at.
    } else if (ok) {
      Touch();
      Accept();
    } else {
      Fail(order_.Close());
    }
    Step();
  }

  void OnWriteDone(bool ok) override {
    MutexLock lock(mu_);
    writing_ = false;
    Touch();
    if (!ok) Abandon();
    Step();
  }

  void OnCancel() override {
    MutexLock lock(mu_);
    Abandon();
    Step();
  }

  void OnDone() override {
    entry_->Close();
    {
      // Whoever called Finish still holds the lock for a moment.
      MutexLock lock(mu_);
    }
    delete this;
  }

 private:
  using Batch = std::vector<PendingRow<Row>>;

  void OnEvent(StreamRegistry::Event event) {
    MutexLock lock(mu_);
    if (event == StreamRegistry::Event::kDraining) {
      Fail(CheckServing(ServerState::kDraining));
    } else if (!applying_) {
      Fail(SyncIdle());
      // A write that the reader does not take never ends by itself.
      if (writing_) context_->TryCancel();
    }
    Step();
  }

  // The caller's turn unless rows are being applied.
  void Touch() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    applying_ ? entry_->Settle() : entry_->Await();
  }

  // Ends the stream when what is acknowledged is sent; the first reason counts.
  void Fail(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (end_.has_value()) return;
    end_ = status;
    current_.clear();
    waiting_.clear();
  }

  // Nobody listens any more.
  void Abandon() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    Fail(MakeError(absl::StatusCode::kCancelled, kCancelled,
                   "调用方已断开同步流"));
    out_.clear();
  }

  void Accept() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    SyncMessage kind = SyncMessage::kNone;
    if (request_.has_begin()) kind = SyncMessage::kBegin;
    if (request_.has_row()) kind = SyncMessage::kRow;
    if (request_.has_commit()) kind = SyncMessage::kCommit;
    const absl::Status in_order = order_.Accept(kind);
    if (!in_order.ok()) return Fail(in_order);
    if (kind == SyncMessage::kBegin) AcceptBegin();
    if (kind == SyncMessage::kRow) AcceptRow();
  }

  void AcceptBegin() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    const absl::Status begun = internal::Guarded(
        [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS -> absl::Status {
          absl::Status own =
              runtime_.gate().Authorize(caller_, method_, request_);
          if (!own.ok()) return own;
          absl::Status mode = CheckSyncBegin(request_.begin());
          return mode.ok() ? handler_->Begin(caller_, request_.begin()) : mode;
        });
    if (!begun.ok()) return Fail(begun);
    Response response;
    response.mutable_begun()->set_window_rows(static_cast<int32_t>(
        limits_.batch_rows * (limits_.waiting_batches + 2)));
    out_.push_back(std::move(response));
  }

  void AcceptRow() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    const size_t bytes = request_.row().ByteSizeLong();
    PendingRow<Row> pending;
    pending.refused = CheckRowSize(bytes, limits_);
    if (pending.refused.has_value()) {
      pending.row.set_row_number(request_.row().row_number());
    } else {
      pending.row = std::move(*request_.mutable_row());
      current_bytes_ += bytes;
    }
    current_.push_back(std::move(pending));
    if (current_.size() >= limits_.batch_rows ||
        current_bytes_ >= limits_.batch_bytes) {
      waiting_.push_back(std::exchange(current_, {}));
      current_bytes_ = 0;
    }
  }

  // Starts whatever can be started now.
  void Step() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (finished_) return;
    if (!end_.has_value()) StepApply();
    if (!writing_ && !out_.empty()) {
      writing_ = true;
      response_ = std::move(out_.front());
      out_.pop_front();
      this->StartWrite(&response_);
    }
    if (end_.has_value()) {
      if (!writing_ && !applying_) End();
      return;
    }
    if (!reading_ && !order_.committed() &&
        waiting_.size() < limits_.waiting_batches) {
      reading_ = true;
      this->StartRead(&request_);
    }
  }

  void StepApply() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    constexpr size_t kMaxUnsent = 4;  // answers; then the sender must read
    if (applying_ || out_.size() >= kMaxUnsent) return;
    if (waiting_.empty() && !current_.empty()) {
      waiting_.push_back(std::exchange(current_, {}));
      current_bytes_ = 0;
    }
    if (!waiting_.empty()) {
      auto batch = std::make_shared<Batch>(std::move(waiting_.front()));
      waiting_.pop_front();
      Submit([this, batch] { ApplyBatch(*batch); });
    } else if (order_.committed()) {
      Submit([this] { Commit(); });
    }
  }

  void Submit(std::function<void()> work) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    applying_ = true;
    entry_->Settle();
    const absl::Status queued = internal::CheckSubmitted(
        runtime_, runtime_.ingest_workers.TrySubmit(
                      {.run = std::move(work), .tenant = tenant_}));
    if (queued.ok()) return;
    applying_ = false;
    Fail(queued);
  }

  // On a worker. While applying_ is set, handler_ and counts_ are the worker's;
  // caller_ stays as it is from the start on.
  void ApplyBatch(Batch& batch) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    std::vector<v1::SyncRowResult> results;
    const absl::Status status = internal::Guarded([&]() -> absl::Status {
      absl::Status in = internal::CheckStillIn(runtime_, *context_, caller_);
      if (!in.ok()) return in;
      // What was so when the stream began may be so no more: room on the disk.
      absl::Status admitted = runtime_.gate().Admit(caller_, method_);
      if (!admitted.ok()) return admitted;
      auto applied = handler_->Apply(batch);
      if (applied.ok()) results = *std::move(applied);
      return applied.status();
    });
    CountResults(results, counts_);
    MutexLock lock(mu_);
    applying_ = false;
    Touch();
    if (!status.ok()) {
      Fail(status);
    } else if (!context_->IsCancelled()) {
      Answer(std::move(results));
    }
    Step();
  }

  void Commit() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    const absl::Status status = internal::Guarded(
        [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS -> absl::Status {
          absl::Status in =
              internal::CheckStillIn(runtime_, *context_, caller_);
          return in.ok() ? handler_->Commit(counts_) : in;
        });
    MutexLock lock(mu_);
    applying_ = false;
    if (status.ok()) {
      Response response;
      *response.mutable_committed() = counts_;
      out_.push_back(std::move(response));
    }
    Fail(status);  // OK as well: ends when all is sent.
    Step();
  }

  // Many results a message, but never more than fits into one.
  void Answer(std::vector<v1::SyncRowResult> results)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    constexpr size_t kMaxAnswerBytes = 1 << 20;
    size_t bytes = kMaxAnswerBytes;
    for (v1::SyncRowResult& result : results) {
      if (bytes >= kMaxAnswerBytes) {
        out_.emplace_back();
        bytes = 0;
      }
      bytes += result.ByteSizeLong();
      *out_.back().mutable_results()->add_results() = std::move(result);
    }
  }

  void End() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    finished_ = true;
    handler_.reset();
    permit_ = {};
    internal::CountEnd(runtime_, method_, *end_);
    internal::AddPushback(*context_, *end_);
    this->Finish(ToGrpcStatus(*end_));
  }

  Runtime& runtime_;
  const std::string method_;
  const SyncLimits limits_;
  grpc::CallbackServerContext* context_ = nullptr;
  std::shared_ptr<StreamRegistry::Entry> entry_;

  Mutex mu_;
  Caller caller_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<Handler> handler_ ABSL_GUARDED_BY(mu_);
  std::string tenant_ ABSL_GUARDED_BY(mu_);
  Admission::Permit permit_ ABSL_GUARDED_BY(mu_);
  SyncOrder order_ ABSL_GUARDED_BY(mu_);
  v1::SyncCommitted counts_ ABSL_GUARDED_BY(mu_);
  Request request_ ABSL_GUARDED_BY(mu_);    // gRPC's while reading_
  Response response_ ABSL_GUARDED_BY(mu_);  // gRPC's while writing_
  Batch current_ ABSL_GUARDED_BY(mu_);
  size_t current_bytes_ ABSL_GUARDED_BY(mu_) = 0;
  std::deque<Batch> waiting_ ABSL_GUARDED_BY(mu_);
  std::deque<Response> out_ ABSL_GUARDED_BY(mu_);
  std::optional<absl::Status> end_ ABSL_GUARDED_BY(mu_);
  bool reading_ ABSL_GUARDED_BY(mu_) = false;
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  bool applying_ ABSL_GUARDED_BY(mu_) = false;
  bool finished_ ABSL_GUARDED_BY(mu_) = false;
};

// `make` returns the stream's handler.
template <typename Make>
auto* StartSync(Runtime& runtime, grpc::CallbackServerContext* context,
                std::string_view method, const SyncLimits& limits, Make make) {
  using Handler = typename decltype(make())::element_type;
  auto* stream = new SyncStream<Handler>(runtime, method, limits);
  stream->Start(context, std::move(make));
  return stream;
}

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_SYNC_STREAM_H_
