#include "server/recall_runner.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gradmatch/v1/index_service.pb.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/catalog.h"
#include "index/keys.h"
#include "matcher/encoder_input.h"
#include "matcher/ingest/graduate_ingester.h"
#include "matcher/matcher.h"
#include "matcher/recall.h"
#include "server/rpc.h"
#include "server/rpc_status.h"
#include "server/time_proto.h"

namespace gradmatch {
namespace {

namespace lro = google::longrunning;

constexpr int kGraduatesPerCheckpoint = 50;
constexpr size_t kGraduatesBetweenLooks = 1'024;

bool IsAtEnd(const v1::StoredRecallRun& run) {
  return run.end_time_micros() != 0;
}

v1::RecallReport ReportOf(const v1::StoredRecallRun& run) {
  v1::RecallReport report;
  // Of the sample, those whose answer is not empty: each had one plan.
  int64_t measured = 0;
  for (const auto& [plan, count] : run.plans()) measured += count;
  report.set_sample(static_cast<int32_t>(measured));
  for (int i = 0; i < run.k_size() && measured > 0; ++i) {
    v1::RecallReport::AtK& at = *report.add_recall();
    at.set_k(run.k(i));
    at.set_mean(run.sum(i) / static_cast<double>(measured));
    at.set_min(run.min(i));
  }
  report.set_seed(run.seed());
  report.set_generation(run.generation());
  *report.mutable_time() =
      ToTimestamp(absl::FromUnixMicros(run.end_time_micros()));
  *report.mutable_plans() = run.plans();
  return report;
}

lro::Operation OperationOf(std::string_view id,
                           const v1::StoredRecallRun& run) {
  lro::Operation operation;
  operation.set_name(OperationNameOf(id));
  v1::MeasureRecallMetadata metadata;
  metadata.set_done(run.done());
  metadata.set_total(run.total());
  operation.mutable_metadata()->PackFrom(metadata);
  operation.set_done(IsAtEnd(run));
  if (!IsAtEnd(run)) return operation;
  if (run.error_code() == 0) {
    operation.mutable_response()->PackFrom(ReportOf(run));
    return operation;
  }
  const bool cancelled =
      run.error_code() == static_cast<int>(absl::StatusCode::kCancelled);
  *operation.mutable_error() = ToRpcStatus(
      cancelled
          ? MakeError(absl::StatusCode::kCancelled, kCancelled, "测量已取消")
          : MakeError(absl::StatusCode::kInternal, kInternal,
                      absl::StrCat("测量失败：", run.error_message())));
  return operation;
}

// As at its beginning, for another generation.
void Reset(int64_t generation, v1::StoredRecallRun& run) {
  run.set_generation(generation);
  run.set_done(0);
  run.clear_sum();
  run.clear_min();
  run.clear_plans();
  for (int i = 0; i < run.k_size(); ++i) {
    run.add_sum(0);
    run.add_min(1);
  }
}

}  // namespace

RecallRunner::~RecallRunner() { Stop(); }

absl::Status RecallRunner::Start() {
  auto unfinished = Unfinished();
  if (!unfinished.ok()) return unfinished.status();
  {
    MutexLock lock(mu_);
    queue_.assign(unfinished->begin(), unfinished->end());
  }
  started_ = true;  // Before the thread, which reads what callers read.
  thread_ = std::thread([this] { Loop(); });
  return absl::OkStatus();
}

void RecallRunner::Stop() {
  stop_ = true;
  {
    // A waiter that looked before now waits; one that looks later sees stop_.
    MutexLock lock(mu_);
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
  waiting_room_.Close();
}

absl::Status RecallRunner::CheckStarted() const {
  if (started_) return absl::OkStatus();
  return MakeError(absl::StatusCode::kUnavailable, kIndexLoading,
                   "索引服务正在启动，请稍后重试");
}

// --- The stored measurements ---

StoredRuns<v1::StoredRecallRun> RecallRunner::runs() const {
  return {runtime_.engine().store, kRecallRunPrefix};
}

absl::StatusOr<v1::StoredRecallRun> RecallRunner::Read(
    std::string_view id) const {
  if (absl::Status s = CheckStarted(); !s.ok()) return s;
  return runs().Read(id);
}

absl::StatusOr<v1::StoredRecallRun> RecallRunner::Change(
    std::string_view id,
    const std::function<void(v1::StoredRecallRun&)>& change,
    const WriteBatch& also) {
  MutexLock lock(store_mu_);
  auto run = Read(id);
  if (!run.ok()) return run.status();
  change(*run);
  WriteBatch batch;
  batch.Put(Family::kMeta, runs().KeyOf(id), run->SerializeAsString());
  batch.Append(also);
  absl::Status written =
      runtime_.engine().store.Write(batch, Durability::kSynced);
  if (!written.ok()) return written;
  return run;
}

absl::StatusOr<std::vector<std::string>> RecallRunner::Unfinished() const {
  const auto runs = this->runs().List();
  if (!runs.ok()) return runs.status();
  std::vector<std::pair<int64_t, std::string>> found;
  for (const auto& [id, run] : *runs) {
    if (!IsAtEnd(run)) found.emplace_back(run.create_time_micros(), id);
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> ids;
  for (auto& [time, id] : found) ids.push_back(std::move(id));
  return ids;
}

absl::StatusOr<lro::Operation> RecallRunner::Begin(v1::StoredRecallRun run,
                                                   const Also& also) {
  if (absl::Status s = CheckStarted(); !s.ok()) return s;
  const absl::Time now = runtime_.clock.Now();
  run.set_create_time_micros(absl::ToUnixMicros(now));
  run.set_total(run.sample());
  lro::Operation operation;
  std::string id;
  {
    MutexLock lock(store_mu_);
    id = runs().NewId(prefix(), now);
    operation = OperationOf(id, run);
    WriteBatch batch;
    batch.Put(Family::kMeta, runs().KeyOf(id), run.SerializeAsString());
    if (also) batch.Append(also(operation));
    absl::Status written =
        runtime_.engine().store.Write(batch, Durability::kSynced);
    if (!written.ok()) return written;
  }
  MutexLock lock(mu_);
  queue_.push_back(std::move(id));
  changed_.NotifyAll();
  return operation;
}

absl::StatusOr<lro::Operation> RecallRunner::Get(std::string_view id) const {
  const auto run = Read(id);
  if (!run.ok()) return run.status();
  return OperationOf(id, *run);
}

absl::StatusOr<std::vector<lro::Operation>> RecallRunner::List(
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

absl::Status RecallRunner::Cancel(std::string_view id) {
  bool waited = false;
  {
    MutexLock lock(mu_);
    const auto it = std::find(queue_.begin(), queue_.end(), id);
    waited = it != queue_.end();
    if (waited) queue_.erase(it);
  }
  const auto run = Change(id, [](v1::StoredRecallRun& stored) {
    if (!IsAtEnd(stored)) stored.set_cancel_requested(true);
  });
  if (!run.ok()) {
    if (waited) {  // It is still to be done.
      MutexLock lock(mu_);
      queue_.emplace_back(id);
      changed_.NotifyAll();
    }
    return run.status();
  }
  if (waited) {
    return Finish(std::string(id), absl::CancelledError("cancelled"));
  }
  MutexLock lock(mu_);
  if (current_ == id) cancel_current_ = true;
  return absl::OkStatus();
}

absl::Status RecallRunner::Delete(std::string_view id) {
  MutexLock lock(store_mu_);
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

void RecallRunner::Loop() {
  while (true) {
    std::string id;
    {
      MutexLock lock(mu_);
      while (!stop_ && queue_.empty()) changed_.Wait(mu_);
      if (stop_) return;
      id = std::move(queue_.front());
      queue_.pop_front();
      current_ = id;
      cancel_current_ = false;
    }
    Carry(id);
    MutexLock lock(mu_);
    current_.clear();
  }
}

void RecallRunner::Carry(const std::string& id) {
  const absl::Status end = internal::Guarded([&] { return Measure(id); });
  // Cut short by the end of the server: taken up by the next Start.
  if (absl::IsCancelled(end) && stop_ && !cancel_current_) return;
  const absl::Status finished = Finish(id, end);
  if (!end.ok() && !absl::IsCancelled(end)) {
    runtime_.log.Log(LogLevel::kError, "recall", "failed",
                     {{LogField::kOperation, id},
                      {LogField::kError, std::string(end.message())}});
  } else if (!finished.ok()) {
    runtime_.log.Log(LogLevel::kError, "recall", "end_not_kept",
                     {{LogField::kOperation, id},
                      {LogField::kError, std::string(finished.message())}});
  }
}

absl::Status RecallRunner::GoOn() const {
  return stop_ || cancel_current_ ? absl::CancelledError("stopped")
                                  : absl::OkStatus();
}

absl::Status RecallRunner::Measure(const std::string& id) {
  auto run = Read(id);
  if (!run.ok()) return run.status();
  if (run->cancel_requested()) return absl::CancelledError("cancelled");
  const auto keys = Sample(*run);
  if (!keys.ok()) return keys.status();
  const auto snapshot = runtime_.engine().matcher.CurrentSnapshot();
  const auto generation = static_cast<int64_t>(snapshot->generation());
  const bool same = run->generation() == generation &&
                    run->sum_size() == run->k_size() &&
                    run->done() <= static_cast<int>(keys->size());
  if (!same) Reset(generation, *run);
  run->set_total(static_cast<int32_t>(keys->size()));
  const absl::Time now = runtime_.clock.Now();
  absl::Status status;
  while (status.ok() && run->done() < run->total()) {
    status = GoOn();
    if (!status.ok()) break;
    status = MeasureOne((*keys)[static_cast<size_t>(run->done())], *snapshot,
                        now, *run);
    if (!status.ok()) break;
    run->set_done(run->done() + 1);
    if (run->done() % kGraduatesPerCheckpoint == 0) status = Save(id, *run);
  }
  const absl::Status saved = Save(id, *run);
  return status.ok() ? saved : status;
}

// The keys of graduates who may be looked at: served, personalisation on.
absl::StatusOr<std::vector<std::string>> RecallRunner::Sample(
    const v1::StoredRecallRun& run) const {
  const auto wanted = static_cast<size_t>(run.sample());
  std::vector<std::string> keys;
  const auto cursor = runtime_.engine().store.Scan(Family::kGraduate, {});
  for (size_t seen = 0; cursor->Valid(); cursor->Next(), ++seen) {
    if (seen % kGraduatesBetweenLooks == 0) {
      if (absl::Status s = GoOn(); !s.ok()) return s;
    }
    const auto record = ParseRecord(cursor->value());
    if (!record.ok()) return record.status();
    if (!record->head.exists) continue;
    const auto graduate = GraduateFromRecord(*record);
    if (!graduate.ok()) return graduate.status();
    if (!CheckServed(*graduate).ok() || !IsPersonalised(*graduate)) continue;
    keys.emplace_back(cursor->key());
    // A nation's keys need not be held for a sample.
    if (keys.size() > 2 * wanted + kGraduatesBetweenLooks) {
      keys = SampleKeys(std::move(keys), wanted, run.seed());
    }
  }
  if (!cursor->status().ok()) return cursor->status();
  return SampleKeys(std::move(keys), wanted, run.seed());
}

absl::Status RecallRunner::MeasureOne(const std::string& key,
                                      const Snapshot& snapshot, absl::Time now,
                                      v1::StoredRecallRun& run) const {
  const Engine& engine = runtime_.engine();
  const auto record = engine.catalog.Get(CollectionId::kGraduates, key);
  if (absl::IsNotFound(record.status())) return absl::OkStatus();
  if (!record.ok()) return record.status();
  if (!record->head.exists) return absl::OkStatus();
  const auto graduate = GraduateFromRecord(*record);
  if (!graduate.ok()) return graduate.status();
  // Who left or switched off since is not looked at.
  if (!CheckServed(*graduate).ok() || !IsPersonalised(*graduate)) {
    return absl::OkStatus();
  }
  const v1::Profile profile = ProfileInUse(*graduate);
  const auto embedding = EncodeProfile(engine.encoder, profile);
  if (!embedding.ok()) return embedding.status();
  const std::vector<int> depths(run.k().begin(), run.k().end());
  const auto recall =
      MeasureRecall(snapshot, CompileProfile(profile, *embedding, now), depths);
  if (!recall.ok()) return recall.status();
  if (!recall->has_value()) return absl::OkStatus();
  ++(*run.mutable_plans())[std::string(PlanName((*recall)->plan))];
  for (int i = 0; i < run.k_size(); ++i) {
    const double at = (*recall)->at_k[static_cast<size_t>(i)];
    run.set_sum(i, run.sum(i) + at);
    run.set_min(i, std::min(run.min(i), at));
  }
  return absl::OkStatus();
}

absl::Status RecallRunner::Save(const std::string& id,
                                const v1::StoredRecallRun& run) {
  return Change(id,
                [&run](v1::StoredRecallRun& stored) {
                  const bool cancel = stored.cancel_requested();
                  stored = run;
                  stored.set_cancel_requested(cancel);
                })
      .status();
}

absl::Status RecallRunner::Finish(const std::string& id,
                                  const absl::Status& end) {
  const auto change = [&](v1::StoredRecallRun& run) {
    run.set_end_time_micros(absl::ToUnixMicros(runtime_.clock.Now()));
    run.set_error_code(static_cast<int32_t>(end.code()));
    if (!end.ok()) run.set_error_message(std::string(end.message()));
  };
  WriteBatch also;
  if (end.ok()) {
    auto run = Read(id);
    if (!run.ok()) return run.status();
    change(*run);
    also.Put(Family::kMeta, RecallKey(run->index()),
             ReportOf(*run).SerializeAsString());
  }
  const auto stored = Change(id, change, also);
  waiting_room_.WakeAll(id.substr(prefix().size()));
  return stored.status();
}

}  // namespace gradmatch
