#include "server/push_runner.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/vault/sealed_store.h"
#include "matcher/proto_time.h"
#include "server/floor_reader.h"
#include "server/log.h"
#include "server/time_proto.h"

namespace gradmatch {
namespace {

constexpr size_t kRunsPerRead = 100;
constexpr char kComponent[] = "push";
constexpr absl::Duration kBetweenLooksForRoom = absl::Seconds(1);

}  // namespace

bool IsAtEnd(v1::PushRun::State state) {
  return state == v1::PushRun::STATE_READY ||
         state == v1::PushRun::STATE_CANCELLED ||
         state == v1::PushRun::STATE_FAILED;
}

PushRunner::PushRunner(Runtime& runtime, const PushRunOptions& options)
    : runtime_(runtime), options_(options), allocator_(NewGreedyAllocator()) {}

PushRunner::~PushRunner() { Stop(); }

absl::Status PushRunner::Start(std::function<absl::Status()> has_room) {
  has_room_ = std::move(has_room);
  const Engine& engine = runtime_.engine();
  push_store_ = std::make_unique<PushStore>(engine.store);
  ranker_ = NewPushRanker(engine.encoder);
  if (engine.sealed.CheckKeys().ok()) {
    priorities_ = NewFloorReader(engine.sealed, engine.audit, runtime_.log);
  }
  absl::StatusOr<std::vector<std::string>> unfinished = Unfinished();
  if (!unfinished.ok()) return unfinished.status();
  for (const std::string& run_id : *unfinished) Enqueue(run_id);
  thread_ = std::thread([this] { Loop(); });
  started_ = push_store_.get();
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> PushRunner::Unfinished() const {
  std::vector<std::pair<absl::Time, std::string>> found;
  std::string after;
  while (true) {
    auto runs = push_store_->ListRuns(after, kRunsPerRead);
    if (!runs.ok()) return runs.status();
    for (const v1::StoredPushRun& run : *runs) {
      const std::string& name = run.run().name();
      after = name.substr(name.rfind('/') + 1);
      if (IsAtEnd(run.run().state())) continue;
      found.emplace_back(TimeOf(run.run().create_time()), after);
    }
    if (runs->size() < kRunsPerRead) break;
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> ids;
  for (auto& [time, id] : found) ids.push_back(std::move(id));
  return ids;
}

void PushRunner::Stop() {
  stop_ = true;
  {
    // A waiter that looked before now waits; one that looks later sees stop_.
    MutexLock lock(mu_);
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
  waiting_room_.Close();
}

absl::StatusOr<PushStore*> PushRunner::store() const {
  PushStore* store = started_;
  if (store != nullptr) return store;
  return MakeError(absl::StatusCode::kUnavailable, kIndexLoading,
                   "推送服务正在启动，请稍后重试");
}

void PushRunner::Enqueue(std::string_view run_id) {
  MutexLock lock(mu_);
  queue_.emplace_back(run_id);
  changed_.NotifyAll();
}

absl::StatusOr<v1::StoredPushRun> PushRunner::Cancel(std::string_view run_id,
                                                     const WriteBatch& also) {
  bool waited = false;
  {
    MutexLock lock(mu_);
    const auto it = std::find(queue_.begin(), queue_.end(), run_id);
    waited = it != queue_.end();
    if (waited) queue_.erase(it);
  }
  auto stored = push_store_->ChangeRun(
      run_id,
      [&](v1::StoredPushRun& run) {
        if (IsAtEnd(run.run().state())) return;
        run.set_cancel_requested(true);
        if (!waited) return;
        run.mutable_run()->set_state(v1::PushRun::STATE_CANCELLED);
        *run.mutable_run()->mutable_end_time() =
            ToTimestamp(runtime_.clock.Now());
      },
      also);
  if (!stored.ok()) {
    // It is still to be done.
    if (waited) Enqueue(run_id);
    return stored;
  }
  {
    MutexLock lock(mu_);
    if (current_ == run_id) cancel_current_ = true;
  }
  if (waited) waiting_room_.WakeAll(run_id);
  return stored;
}

v1::RunPushPlanMetadata PushRunner::Metadata(
    const v1::StoredPushRun& run) const {
  v1::RunPushPlanMetadata metadata;
  const std::string& name = run.run().name();
  metadata.set_push_run(name);
  metadata.set_state(run.run().state());
  metadata.set_done(run.checkpoint().graduates_done());
  metadata.set_total(run.run().counts().graduates_total());
  if (run.run().has_start_time()) {
    *metadata.mutable_start_time() = run.run().start_time();
  }
  const absl::Time now = runtime_.clock.Now();
  *metadata.mutable_update_time() = ToTimestamp(now);

  EtaInput eta{.stage = run.run().state()};
  MutexLock lock(mu_);
  if (!IsAtEnd(eta.stage) && progress_ != nullptr &&
      name.substr(name.rfind('/') + 1) == current_) {
    eta = {.stage = progress_->stage,
           .done = progress_->done,
           .total = progress_->total,
           .selected = progress_->selected,
           .rate = 0};
    const double seconds =
        1e-6 * (absl::ToUnixMicros(now) - progress_->stage_began_micros);
    if (seconds > 0) eta.rate = static_cast<double>(eta.done) / seconds;
    metadata.set_state(eta.stage);
    metadata.set_done(eta.done);
    metadata.set_total(eta.total);
    metadata.set_rate(eta.rate);
  }
  metadata.set_eta_seconds(EstimateEta(eta, rates_));
  return metadata;
}

void PushRunner::Loop() {
  while (true) {
    std::string run_id;
    {
      MutexLock lock(mu_);
      while (!stop_ && queue_.empty()) changed_.Wait(mu_);
      if (stop_) return;
      if (!has_room_().ok()) {
        changed_.WaitFor(mu_, kBetweenLooksForRoom);
        continue;
      }
      run_id = std::move(queue_.front());
      queue_.pop_front();
      current_ = run_id;
      progress_ = std::make_shared<PushProgress>();
      cancel_current_ = false;
    }
    const bool at_end = Carry(run_id);
    {
      MutexLock lock(mu_);
      current_.clear();
      progress_ = nullptr;
      if (!at_end && !stop_) queue_.push_front(run_id);
    }
    if (at_end) waiting_room_.WakeAll(run_id);
  }
}

bool PushRunner::Carry(const std::string& run_id) {
  // A cancel that came before this run was the current one is in the store.
  const auto stored = push_store_->GetRun(run_id);
  if (stored.ok() && stored->has_value() && (*stored)->cancel_requested()) {
    cancel_current_ = true;
  }
  std::shared_ptr<PushProgress> progress;
  {
    MutexLock lock(mu_);
    progress = progress_;
  }
  const Engine& engine = runtime_.engine();
  const PushRunParts parts = {.store = &engine.store,
                              .push_store = push_store_.get(),
                              .catalog = &engine.catalog,
                              .ranker = ranker_.get(),
                              .allocator = allocator_.get(),
                              .clock = &runtime_.clock,
                              .priorities = priorities_.get()};
  runtime_.log.Log(LogLevel::kInfo, kComponent, "push_run_started",
                   {{LogField::kRun, run_id}});
  const absl::StatusOr<PushEnd> end = ExecutePushRun(
      parts, options_, run_id,
      [this] {
        if (cancel_current_) return PushWord::kCancel;
        const bool stop = stop_ || !has_room_().ok();
        return stop ? PushWord::kStop : PushWord::kGoOn;
      },
      *progress);
  KeepRates(*progress);
  if (ReasonOf(end.status()) == kStorageFull) return false;  // go on later
  if (!end.ok()) {
    MarkFailed(run_id, end.status());
    return true;
  }
  const std::string_view how = *end == PushEnd::kReady       ? "READY"
                               : *end == PushEnd::kCancelled ? "CANCELLED"
                                                             : "STOPPED";
  runtime_.log.Log(LogLevel::kInfo, kComponent, "push_run_ended",
                   {{LogField::kRun, run_id}, {LogField::kStage, how}});
  return *end != PushEnd::kStopped;
}

void PushRunner::MarkFailed(const std::string& run_id,
                            const absl::Status& error) {
  runtime_.log.Log(LogLevel::kError, kComponent, "push_run_failed",
                   {{LogField::kRun, run_id},
                    {LogField::kError, std::string(error.message())}});
  // When not even this can be written, the run is unfinished on disk, and the
  // next start takes it up.
  const auto marked =
      push_store_->ChangeRun(run_id, [&](v1::StoredPushRun& run) {
        run.mutable_run()->set_state(v1::PushRun::STATE_FAILED);
        run.mutable_run()->set_error_message(std::string(error.message()));
        *run.mutable_run()->mutable_end_time() =
            ToTimestamp(runtime_.clock.Now());
      });
  if (!marked.ok()) {
    runtime_.log.Log(
        LogLevel::kError, kComponent, "push_run_not_marked",
        {{LogField::kRun, run_id},
         {LogField::kError, std::string(marked.status().message())}});
  }
}

void PushRunner::KeepRates(const PushProgress& progress) {
  MutexLock lock(mu_);
  for (size_t i = 0; i < rates_.size(); ++i) {
    const double rate = progress.rates[i];
    if (rate > 0) rates_[i] = rate;
  }
}

}  // namespace gradmatch
