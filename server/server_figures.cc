#include "server/server_figures.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gradmatch/v1/index_service.pb.h"
#include "index/catalog.h"
#include "index/erasure_store.h"
#include "index/keys.h"
#include "index/vault/audit_log.h"
#include "matcher/content_matcher.h"
#include "matcher/matcher.h"
#include "matcher/proto_time.h"
#include "server/metrics/process_figures.h"
#include "server/overload_figures.h"
#include "server/push_names.h"
#include "server/push_runner.h"
#include "server/resource_name.h"
#include "server/source_registry.h"
#include "server/time_proto.h"

namespace gradmatch {
namespace {

using M = Metric;

constexpr size_t kPerRead = 200;

// Sources as long as they are labels.
constexpr size_t kSources = 1'000;

// Since when a source has been silent: its last sync, or its making.
absl::Time LastWord(const v1::Source& source) {
  return TimeOf(source.has_last_sync_time() ? source.last_sync_time()
                                            : source.create_time());
}

absl::Duration AgreedInterval(const v1::Source& source) {
  return absl::Hours(source.expected_sync_hours());
}

bool IsOverdue(const v1::Source& source, absl::Time now) {
  return source.expected_sync_hours() > 0 &&
         now - LastWord(source) > AgreedInterval(source);
}

double Seconds(absl::Duration duration) {
  return absl::ToDoubleSeconds(duration);
}

double Ratio(int64_t part, int64_t whole) {
  return whole == 0 ? 0
                    : static_cast<double>(part) / static_cast<double>(whole);
}

// The figures of the last READY run of a plan.
void SetLastRun(const v1::PushRun& run, Gauges& gauges) {
  const std::string plan(LastPart(run.push_plan()));
  const v1::PushRunCounts& counts = run.counts();
  gauges.Set(M::kPushDuration, {plan},
             Seconds(TimeOf(run.end_time()) - TimeOf(run.start_time())));
  gauges.Set(M::kPushCoverage, {plan},
             Ratio(counts.graduates_covered(), counts.graduates_selected()));
  gauges.Set(M::kPushItems, {plan}, static_cast<double>(counts.items()));
  gauges.Set(M::kPushCongestion, {plan},
             Ratio(counts.postings_at_cap(), counts.postings_open()));
  gauges.Set(M::kPushReadyTime, {plan},
             static_cast<double>(run.end_time().seconds()));
}

}  // namespace

std::map<std::string, double> OverdueSources(const SourceRegistry& sources,
                                             absl::Time now) {
  std::map<std::string, double> overdue;
  std::string after;
  while (true) {
    const std::vector<v1::Source> page = sources.List(after, kPerRead);
    for (const v1::Source& source : page) {
      after = std::string(LastPart(source.name()));
      if (!IsOverdue(source, now)) continue;
      overdue[after] = absl::ToDoubleHours(now - LastWord(source));
    }
    if (page.size() < kPerRead) return overdue;
  }
}

void ServerFigures::Set(Gauges& gauges) {
  SetProcess(gauges);
  SetCalls(gauges);
  if (!HasLoaded()) return;
  SetData(runtime_.engine(), gauges);
  SetSources(runtime_.engine(), gauges);
  SetRecall(runtime_.engine(), gauges);
  SetStorage(gauges);
  SetPush(gauges);
  SetRetention(gauges);
}

void ServerFigures::SetProcess(Gauges& gauges) {
  gauges.Set(M::kBuildInfo, {facts_.version}, 1);
  gauges.Set(M::kReady, {}, runtime_.state() == ServerState::kServing);
  gauges.Set(M::kStartTime, {},
             static_cast<double>(absl::ToUnixSeconds(facts_.start_time)));
  const ProcessFigures process = ReadProcessFigures();
  const std::pair<Metric, double> values[] = {
      {M::kResidentBytes, static_cast<double>(process.resident_bytes)},
      {M::kCpuSeconds, process.cpu_seconds},
      {M::kOpenFiles, static_cast<double>(process.open_files)},
      {M::kMaxFiles, static_cast<double>(process.max_files)},
      {M::kThreads, static_cast<double>(process.threads)}};
  for (const auto& [metric, value] : values) {
    if (value >= 0) gauges.Set(metric, {}, value);
  }
  if (const auto disk = disk_.LookNow()) {
    gauges.Set(M::kDiskBytes, {}, static_cast<double>(disk->total_bytes));
    gauges.Set(M::kDiskFree, {}, static_cast<double>(disk->free_bytes));
    gauges.Set(M::kDiskFullDays, {}, disk->full_days);
  }
  for (const LogLevel level : {LogLevel::kDebug, LogLevel::kInfo,
                               LogLevel::kWarning, LogLevel::kError}) {
    gauges.Set(M::kLogLines, {LogLevelName(level)},
               static_cast<double>(log_.lines(level)));
  }
  gauges.Set(M::kLogLeftOut, {}, static_cast<double>(log_.left_out()));
}

void ServerFigures::SetCalls(Gauges& gauges) const {
  const std::pair<Metric, int64_t> values[] = {
      {M::kCallsStarted, runtime_.counters.started},
      {M::kCallsFailed, runtime_.counters.failed},
      {M::kStreams, runtime_.streams.open()}};
  for (const auto& [metric, value] : values) {
    gauges.Set(metric, {}, static_cast<double>(value));
  }
  SetOverload(runtime_, gauges);
}

void ServerFigures::SetData(const Engine& engine, Gauges& gauges) {
  const auto snapshot = engine.catalog.CurrentSnapshot();
  const std::pair<Metric, double> values[] = {
      {M::kLoadSeconds, facts_.load_seconds},
      {M::kSources, static_cast<double>(engine.sources.count())},
      {M::kVectors, static_cast<double>(snapshot->live_rows())},
      {M::kSegments, static_cast<double>(snapshot->segments().size())},
      {M::kGeneration, static_cast<double>(snapshot->generation())},
      {M::kProfileReadsWithout,
       static_cast<double>(engine.matcher.profile_reads_without() +
                           engine.content_matcher.profile_reads_without())},
      {M::kAuditEntries, static_cast<double>(engine.audit.head().sequence)},
      {M::kAuditFailures, static_cast<double>(engine.audit.failures())}};
  for (const auto& [metric, value] : values) gauges.Set(metric, {}, value);
  gauges.Set(M::kProfileReads, {"postings"},
             static_cast<double>(engine.matcher.profile_reads()));
  gauges.Set(M::kProfileReads, {"contents"},
             static_cast<double>(engine.content_matcher.profile_reads()));
  const uint64_t generation = snapshot->generation();
  const auto set = [&gauges](Metric metric,
                             const absl::StatusOr<StateCounts>& counts) {
    if (!counts.ok()) return;
    for (const auto& [label, count] : *counts) {
      gauges.Set(metric, {label}, static_cast<double>(count));
    }
  };
  set(M::kPostings,
      postings_.Get(generation, [&] { return CountPostings(engine.catalog); }));
  set(M::kGraduates, graduates_.Get(generation, [&] {
    return CountGraduates(engine.catalog);
  }));
  set(M::kQuarantine, quarantine_.Get(generation, [&] {
    return CountQuarantined(engine.store);
  }));
  if (const auto left = CountErasuresLeft(engine.store); left.ok()) {
    gauges.Set(M::kErasuresPending, {}, static_cast<double>(left->count));
    gauges.Set(
        M::kErasureOldest, {},
        left->count == 0 ? 0 : Seconds(runtime_.clock.Now() - left->oldest));
  }
}

void ServerFigures::SetSources(const Engine& engine, Gauges& gauges) const {
  const absl::Time now = runtime_.clock.Now();
  for (const v1::Source& source : engine.sources.List("", kSources)) {
    const std::string id(LastPart(source.name()));
    gauges.Set(M::kSourceLag, {id}, Seconds(now - LastWord(source)));
    if (source.expected_sync_hours() == 0) continue;
    gauges.Set(M::kSourceInterval, {id}, Seconds(AgreedInterval(source)));
    gauges.Set(M::kSourceOverdue, {id}, IsOverdue(source, now));
  }
}

void ServerFigures::SetRecall(const Engine& engine, Gauges& gauges) const {
  const auto bytes = engine.store.Get(Family::kMeta, RecallKey("postings"));
  v1::RecallReport report;
  if (!bytes.ok() || !report.ParseFromString(*bytes)) return;
  for (const v1::RecallReport::AtK& at : report.recall()) {
    gauges.Set(M::kRecall, {absl::StrCat(at.k())}, at.mean());
  }
  gauges.Set(M::kRecallAge, {},
             Seconds(runtime_.clock.Now() - TimeOf(report.time())));
}

void ServerFigures::SetStorage(Gauges& gauges) const {
  const StoreFigures figures = loaded_.store->Figures();
  const std::pair<std::string_view, int64_t> bytes[] = {
      {"tables", figures.table_bytes},
      {"buffers", figures.buffer_bytes},
      {"log", figures.log_bytes},
      {"compaction", figures.compaction_bytes}};
  for (const auto& [kind, value] : bytes) {
    gauges.Set(M::kStorageBytes, {kind}, static_cast<double>(value));
  }
  for (const auto& [family, count] : figures.records) {
    gauges.Set(M::kStorageRecords, {family}, static_cast<double>(count));
  }
  gauges.Set(M::kWriteStalls, {"slowdown"},
             static_cast<double>(figures.slowdowns));
  gauges.Set(M::kWriteStalls, {"stop"}, static_cast<double>(figures.stops));
  gauges.Set(M::kReadOnly, {}, !loaded_.store->Health().ok());
  if (facts_.storage) {
    const StorageGuard::State storage = facts_.storage();
    gauges.Set(M::kWritesBlocked, {}, storage.blocked);
  }
  if (loaded_.snapshots == nullptr) return;
  const auto newest = loaded_.snapshots->NewestTime();
  if (newest.ok() && newest->has_value()) {
    gauges.Set(M::kSnapshotAge, {}, Seconds(runtime_.clock.Now() - **newest));
  }
}

void ServerFigures::SetPush(Gauges& gauges) const {
  std::map<v1::PushRun::State, int64_t> states;
  std::map<std::string, v1::PushRun> last_ready;  // by plan
  int64_t active = 0;
  std::string after;
  while (true) {
    auto runs = loaded_.push_store->ListRuns(after, kPerRead);
    if (!runs.ok()) break;
    for (v1::StoredPushRun& stored : *runs) {
      v1::PushRun& run = *stored.mutable_run();
      after = std::string(LastPart(run.name()));
      ++states[run.state()];
      active += !IsAtEnd(run.state());
      if (run.state() != v1::PushRun::STATE_READY) continue;
      v1::PushRun& last = last_ready[run.push_plan()];
      if (TimeOf(last.end_time()) <= TimeOf(run.end_time())) last.Swap(&run);
    }
    if (runs->size() < kPerRead) break;
  }
  for (const auto& [state, count] : states) {
    gauges.Set(M::kPushRuns, {v1::PushRun::State_Name(state)},
               static_cast<double>(count));
  }
  gauges.Set(M::kPushActive, {}, static_cast<double>(active));
  for (const auto& [plan, run] : last_ready) SetLastRun(run, gauges);
  loaded_.scheduler->Figures(gauges);
}

void ServerFigures::SetRetention(Gauges& gauges) const {
  for (const RetentionState& state : loaded_.retention->states()) {
    gauges.Set(M::kRetentionTime, {state.job},
               state.last_time.has_value()
                   ? static_cast<double>(absl::ToUnixSeconds(*state.last_time))
                   : 0);
    gauges.Set(M::kRetentionOk, {state.job}, state.status.ok());
    gauges.Set(M::kRetentionDue, {state.job}, static_cast<double>(state.due));
    gauges.Set(M::kRetentionRemoved, {state.job},
               static_cast<double>(state.removed_total));
  }
}

absl::Status ServerFigures::Complete(v1::ServerInfo& info) const {
  if (!HasLoaded()) return absl::OkStatus();
  const auto overdue =
      OverdueSources(runtime_.engine().sources, runtime_.clock.Now());
  info.mutable_overdue_sources()->insert(overdue.begin(), overdue.end());
  const auto late = loaded_.scheduler->LatePlans();
  if (!late.ok()) return late.status();
  for (const std::string& plan : *late) info.add_late_push_plans(plan);
  for (const RetentionState& state : loaded_.retention->states()) {
    v1::RetentionStatus& status = *info.add_retention();
    status.set_job(state.job);
    status.set_days(state.days);
    status.set_count_only(loaded_.retention->count_only());
    if (state.last_time.has_value()) {
      *status.mutable_last_time() = ToTimestamp(*state.last_time);
    }
    status.set_ok(state.status.ok());
    status.set_error_message(std::string(state.status.message()));
    status.set_examined(state.examined);
    status.set_due(state.due);
    status.set_removed_total(state.removed_total);
  }
  return absl::OkStatus();
}

}  // namespace gradmatch
