#include "server/data_snapshots/snapshot_runner.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/keys.h"
#include "server/rpc.h"
#include "server/rpc_status.h"

namespace gradmatch {
namespace {

namespace lro = google::longrunning;

constexpr char kComponent[] = "snapshot";
// How often the clock is looked at for what is due.
constexpr absl::Duration kBetweenLooks = absl::Seconds(1);
// Until a scheduled one is tried again after it failed.
constexpr absl::Duration kAfterFailure = absl::Minutes(10);

bool IsAtEnd(const v1::StoredSnapshotRun& run) {
  return run.end_time_micros() != 0;
}

absl::Status ErrorOf(const v1::StoredSnapshotRun& run) {
  return MakeError(static_cast<absl::StatusCode>(run.error_code()),
                   run.error_reason(), run.error_message());
}

void SetEnd(absl::Time now, const absl::StatusOr<v1::DataSnapshot>& result,
            v1::StoredSnapshotRun& run) {
  run.set_end_time_micros(absl::ToUnixMicros(now));
  if (result.ok()) {
    run.set_snapshot(result->name().substr(result->name().rfind('/') + 1));
    run.set_total_bytes(result->bytes());
    run.set_result(result->SerializeAsString());
    return;
  }
  const std::string reason = ReasonOf(result.status());
  run.set_error_code(static_cast<int32_t>(result.status().code()));
  run.set_error_reason(reason.empty() ? kInternal : reason);
  run.set_error_message(std::string(result.status().message()));
}

}  // namespace

absl::Status SnapshotRunner::Start(DataSnapshots* snapshots) {
  snapshots_ = snapshots;
  started_ = true;
  if (absl::Status s = FailUnfinished(); !s.ok()) return s;
  if (snapshots_ != nullptr) thread_ = std::thread([this] { Loop(); });
  return absl::OkStatus();
}

void SnapshotRunner::Stop() {
  stop_ = true;
  {
    // A waiter that looked before now waits; one that looks later sees stop_.
    MutexLock lock(mu_);
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
  waiting_room_.Close();
}

absl::Status SnapshotRunner::CheckStarted() const {
  if (started_) return absl::OkStatus();
  return MakeError(absl::StatusCode::kUnavailable, kIndexLoading,
                   "服务正在启动，请稍后重试");
}

absl::StatusOr<DataSnapshots*> SnapshotRunner::snapshots() const {
  if (absl::Status s = CheckStarted(); !s.ok()) return s;
  if (snapshots_ != nullptr) return snapshots_;
  return MakeError(absl::StatusCode::kFailedPrecondition, kSnapshotOff,
                   "服务没有配置存放快照的目录；请设置 snapshot.folder（数据目"
                   "录之外）并重启服务");
}

absl::Status SnapshotRunner::Busy() const {
  return MakeError(absl::StatusCode::kFailedPrecondition, kSnapshotRunning,
                   absl::StrCat("快照操作 ", OperationNameOf(work_->id),
                                " 正在进行；请等它结束后再试"));
}

absl::Status SnapshotRunner::CheckIdle() const {
  MutexLock lock(mu_);
  return work_.has_value() ? Busy() : absl::OkStatus();
}

// --- The stored operations ---

StoredRuns<v1::StoredSnapshotRun> SnapshotRunner::runs() const {
  return {runtime_.engine().store, kSnapshotRunPrefix};
}

absl::StatusOr<v1::StoredSnapshotRun> SnapshotRunner::Read(
    std::string_view id) const {
  if (absl::Status s = CheckStarted(); !s.ok()) return s;
  return runs().Read(id);
}

absl::Status SnapshotRunner::Write(std::string_view id,
                                   const v1::StoredSnapshotRun& run,
                                   const WriteBatch& also) const {
  WriteBatch batch;
  batch.Put(Family::kMeta, runs().KeyOf(id), run.SerializeAsString());
  batch.Append(also);
  return runtime_.engine().store.Write(batch, Durability::kSynced);
}

// Those that the end of a server cut short; in a restored folder also the one
// that made the snapshot.
absl::Status SnapshotRunner::FailUnfinished() {
  auto runs = this->runs().List();
  if (!runs.ok()) return runs.status();
  for (auto& [id, run] : *runs) {
    if (IsAtEnd(run)) continue;
    SetEnd(runtime_.clock.Now(),
           MakeError(absl::StatusCode::kCancelled, kCancelled,
                     "服务在完成之前停止；请重新发起"),
           run);
    if (absl::Status written = Write(id, run); !written.ok()) return written;
  }
  return absl::OkStatus();
}

lro::Operation SnapshotRunner::OperationOf(
    std::string_view id, const v1::StoredSnapshotRun& run) const {
  lro::Operation operation;
  operation.set_name(OperationNameOf(id));
  v1::DataSnapshotProgress progress;
  if (!run.snapshot().empty()) {
    progress.set_data_snapshot(DataSnapshotNameOf(run.snapshot()));
  }
  progress.set_done_bytes(run.total_bytes());
  progress.set_total_bytes(run.total_bytes());
  if (!IsAtEnd(run)) {
    MutexLock lock(mu_);
    if (work_.has_value() && work_->id == id) {
      progress.set_done_bytes(work_->done_bytes);
      progress.set_total_bytes(work_->total_bytes);
    }
  }
  operation.mutable_metadata()->PackFrom(progress);
  operation.set_done(IsAtEnd(run));
  if (!IsAtEnd(run)) return operation;
  v1::DataSnapshot result;
  if (run.error_code() != 0) {
    *operation.mutable_error() = ToRpcStatus(ErrorOf(run));
  } else if (result.ParseFromString(run.result())) {
    operation.mutable_response()->PackFrom(result);
  }
  return operation;
}

absl::StatusOr<lro::Operation> SnapshotRunner::Begin(v1::StoredSnapshotRun run,
                                                     const Also& also) {
  if (const auto there = snapshots(); !there.ok()) return there.status();
  const absl::Time now = runtime_.clock.Now();
  run.set_create_time_micros(absl::ToUnixMicros(now));
  std::string id;
  {
    MutexLock lock(mu_);
    if (work_.has_value()) return Busy();
    id = runs().NewId(prefix(), now);
    work_ = Work{.id = id, .run = run};
    taken_ = true;  // not the thread's before it is stored
  }
  const lro::Operation operation = OperationOf(id, run);
  absl::Status written = Write(id, run, also ? also(operation) : WriteBatch());
  MutexLock lock(mu_);
  taken_ = false;
  if (!written.ok()) {
    work_.reset();
    return written;
  }
  cancel_ = false;
  changed_.NotifyAll();
  return operation;
}

absl::StatusOr<lro::Operation> SnapshotRunner::Get(std::string_view id) const {
  const auto run = Read(id);
  if (!run.ok()) return run.status();
  return OperationOf(id, *run);
}

absl::StatusOr<std::vector<lro::Operation>> SnapshotRunner::List(
    std::string_view after_id, size_t limit) const {
  if (absl::Status s = CheckStarted(); !s.ok()) return s;
  const auto runs = this->runs().List(after_id, limit);
  if (!runs.ok()) return runs.status();
  std::vector<lro::Operation> operations;
  for (const auto& [id, run] : *runs) {
    operations.push_back(OperationOf(id, run));
  }
  return operations;
}

absl::Status SnapshotRunner::Cancel(std::string_view id) {
  const auto run = Read(id);
  if (!run.ok()) return run.status();
  MutexLock lock(mu_);
  if (work_.has_value() && work_->id == id) cancel_ = true;
  return absl::OkStatus();
}

absl::Status SnapshotRunner::Delete(std::string_view id) {
  const auto run = Read(id);
  if (!run.ok()) return run.status();
  if (!IsAtEnd(*run)) {
    return MakeError(absl::StatusCode::kFailedPrecondition, kRunNotReady,
                     absl::StrCat("操作 ", OperationNameOf(id),
                                  " 尚未结束；请先取消或等待其结束再删除"));
  }
  WriteBatch batch;
  batch.Delete(Family::kMeta, runs().KeyOf(id));
  return runtime_.engine().store.Write(batch, Durability::kSynced);
}

// --- The work ---

std::optional<SnapshotRunner::Work> SnapshotRunner::TakeWork() {
  MutexLock lock(mu_);
  const auto ready = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return work_.has_value() && !taken_;
  };
  if (!stop_ && !ready()) changed_.WaitFor(mu_, kBetweenLooks);
  if (stop_ || !ready()) return std::nullopt;
  taken_ = true;
  return work_;
}

void SnapshotRunner::Loop() {
  absl::Time next_try = absl::InfinitePast();
  while (!stop_) {
    if (std::optional<Work> work = TakeWork(); work.has_value()) {
      Carry(*std::move(work));
      continue;
    }
    if (stop_) return;
    // Age is looked at whatever the schedule: a limit that people were told.
    DeleteOld(std::numeric_limits<int>::max());
    const absl::Time now = runtime_.clock.Now();
    if (now < next_try) continue;
    const auto due = snapshots_->IsDue(schedule_.interval);
    if (!due.ok() || !*due) continue;
    next_try = now + kAfterFailure;
    v1::StoredSnapshotRun run;
    run.set_keep(schedule_.keep);
    if (const auto begun = Begin(std::move(run), nullptr); begun.ok()) {
      next_try = absl::InfinitePast();
    }
  }
}

absl::Status SnapshotRunner::Progress(int64_t done, int64_t total) {
  if (stop_ || cancel_) {
    return MakeError(absl::StatusCode::kCancelled, kCancelled,
                     "快照操作已取消");
  }
  MutexLock lock(mu_);
  if (work_.has_value()) {
    work_->done_bytes = done;
    work_->total_bytes = total;
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::DataSnapshot> SnapshotRunner::Do(
    const v1::StoredSnapshotRun& run) {
  WorkMeter meter(
      [this](int64_t done, int64_t total) { return Progress(done, total); });
  absl::StatusOr<v1::DataSnapshot> result = absl::UnknownError("");
  const absl::Status ran = internal::Guarded([&] {
    result = run.verify() ? snapshots_->Verify(run.snapshot(), meter)
                          : snapshots_->Create(meter);
    return result.status();
  });
  if (!ran.ok()) return ran;
  return result;
}

void SnapshotRunner::Carry(Work work) {
  const auto result = Do(work.run);
  if (result.ok() && !work.run.verify()) DeleteOld(work.run.keep());
  SetEnd(runtime_.clock.Now(), result, work.run);
  const absl::Status written = Write(work.id, work.run);
  const char* kind = work.run.verify() ? "verify" : "create";
  if (result.ok()) {
    runtime_.log.Log(LogLevel::kInfo, kComponent, "done",
                     {{LogField::kStage, kind},
                      {LogField::kPath, work.run.snapshot()},
                      {LogField::kBytes, result->new_bytes()},
                      {LogField::kTotal, result->bytes()}});
  } else {
    runtime_.log.Log(
        LogLevel::kError, kComponent, "failed",
        {{LogField::kStage, kind},
         {LogField::kError, std::string(result.status().message())}});
  }
  if (!written.ok()) {
    runtime_.log.Log(LogLevel::kError, kComponent, "end_not_kept",
                     {{LogField::kError, std::string(written.message())}});
  }
  {
    MutexLock lock(mu_);
    work_.reset();
    taken_ = false;
  }
  waiting_room_.WakeAll(work.id.substr(prefix().size()));
}

void SnapshotRunner::DeleteOld(int keep) {
  const auto deleted = snapshots_->DeleteOld(keep);
  if (!deleted.ok()) {
    runtime_.log.Log(
        LogLevel::kError, kComponent, "old_not_deleted",
        {{LogField::kError, std::string(deleted.status().message())}});
  } else if (*deleted > 0) {
    runtime_.log.Log(LogLevel::kInfo, kComponent, "old_deleted",
                     {{LogField::kCount, *deleted}});
  }
}

}  // namespace gradmatch
