#include "server/push_scheduler.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "index/base/strings.h"
#include "matcher/proto_time.h"
#include "matcher/push/push_schedule.h"
#include "server/log.h"
#include "server/push_names.h"
#include "server/push_runs.h"
#include "server/resource_name.h"
#include "server/time_proto.h"

namespace gradmatch {
namespace {

using Schedule = v1::PushSchedule;

constexpr absl::Duration kPause = absl::Seconds(1);
constexpr size_t kPerRead = 100;
constexpr char kComponent[] = "push";

std::string IdOf(const v1::PushPlan& plan) {
  return std::string(LastPart(plan.name()));
}

}  // namespace

void PushScheduler::Start() {
  thread_ = std::make_unique<Housekeeping>(
      kPause, [this](const std::function<bool()>&) { LookOnce(); });
}

void PushScheduler::Stop() { thread_.reset(); }

absl::StatusOr<std::vector<v1::PushPlan>> PushScheduler::Plans() const {
  const auto store = runner_.store();
  if (!store.ok()) return store.status();
  std::vector<v1::PushPlan> scheduled;
  std::string after;
  while (true) {
    auto plans = (*store)->ListPlans(after, kPerRead);
    if (!plans.ok()) return plans.status();
    for (v1::PushPlan& plan : *plans) {
      after = IdOf(plan);
      if (plan.has_schedule()) scheduled.push_back(std::move(plan));
    }
    if (plans->size() < kPerRead) return scheduled;
  }
}

void PushScheduler::LookOnce() {
  const auto plans = Plans();
  if (!plans.ok()) return NoteFailure("", plans.status());
  for (const v1::PushPlan& plan : *plans) {
    const absl::Status status = StartDue(plan);
    if (!status.ok()) NoteFailure(IdOf(plan), status);
  }
}

absl::StatusOr<std::string> PushScheduler::UnderWay(
    const std::string& plan_name) const {
  const auto store = runner_.store();
  if (!store.ok()) return store.status();
  std::string after;
  while (true) {
    const auto runs = (*store)->ListRuns(after, kPerRead);
    if (!runs.ok()) return runs.status();
    for (const v1::StoredPushRun& run : *runs) {
      after = std::string(LastPart(run.run().name()));
      if (run.run().push_plan() == plan_name && !IsAtEnd(run.run().state())) {
        return after;
      }
    }
    if (runs->size() < kPerRead) return std::string();
  }
}

absl::Status PushScheduler::StartDue(const v1::PushPlan& plan) {
  const absl::Time now = runtime_.clock.Now();
  const DueTimes times = DueTimesOf(plan.schedule(), now);
  if (!times.last.has_value()) return absl::OkStatus();
  const std::string id = IdOf(plan);
  const std::string run_id = ScheduledRunId(id, *times.last);
  const auto store = runner_.store();
  if (!store.ok()) return store.status();
  const auto known = (*store)->GetRun(run_id);
  if (!known.ok()) return known.status();
  if (known->has_value()) return absl::OkStatus();
  const auto outcome = LookAt(plan.schedule(), times, {}, now).outcome;
  if (outcome == Schedule::OUTCOME_SKIPPED) {
    NoteSkipped(plan, *times.last);
    return absl::OkStatus();
  }
  const auto other = UnderWay(plan.name());
  if (!other.ok()) return other.status();
  if (!other->empty()) return absl::OkStatus();  // its turn comes
  const auto created = CreateRunOf(runtime_, runner_, plan, run_id);
  if (!created.ok()) return created.status();
  {
    MutexLock lock(mu_);
    failures_.erase(id);
  }
  if (!*created) return absl::OkStatus();
  runtime_.metrics().Count(Metric::kPushStarts, {id, "started"});
  runtime_.log.Log(
      LogLevel::kInfo, kComponent, "scheduled_run_started",
      {{LogField::kPlan, id},
       {LogField::kRun, run_id},
       {LogField::kSeconds, absl::ToDoubleSeconds(now - *times.last)}});
  return absl::OkStatus();
}

void PushScheduler::NoteSkipped(const v1::PushPlan& plan, absl::Time due) {
  const std::string id = IdOf(plan);
  {
    MutexLock lock(mu_);
    const auto [it, first] = skipped_.try_emplace(id, due);
    if (!first && it->second >= due) return;
    it->second = due;
  }
  runtime_.metrics().Count(Metric::kPushStarts, {id, "skipped"});
  runtime_.log.Log(
      LogLevel::kError, kComponent, "scheduled_run_skipped",
      {{LogField::kPlan, id}, {LogField::kRun, ScheduledRunId(id, due)}});
}

void PushScheduler::NoteFailure(std::string_view plan_id,
                                const absl::Status& status) {
  const std::string why(status.message());
  {
    MutexLock lock(mu_);
    std::string& last = failures_[std::string(plan_id)];
    if (std::exchange(last, why) == why) return;  // told already
  }
  runtime_.metrics().Count(Metric::kPushStarts, {plan_id, "failed"});
  runtime_.log.Log(LogLevel::kError, kComponent, "scheduled_run_not_started",
                   {{LogField::kPlan, plan_id}, {LogField::kError, why}});
}

absl::Status PushScheduler::Complete(v1::PushPlan& plan) const {
  if (!plan.has_schedule()) return absl::OkStatus();
  const absl::Time now = runtime_.clock.Now();
  Schedule& schedule = *plan.mutable_schedule();
  const DueTimes times = DueTimesOf(schedule, now);
  if (times.next && *times.next < absl::InfiniteFuture()) {
    *schedule.mutable_next_time() = ToTimestamp(*times.next);
  }
  if (!times.last.has_value()) return absl::OkStatus();
  const std::string id = IdOf(plan);
  const std::string run_id = ScheduledRunId(id, *times.last);
  *schedule.mutable_last_time() = ToTimestamp(*times.last);
  if (times.deadline) {
    *schedule.mutable_last_deadline() = ToTimestamp(*times.deadline);
  }
  const auto store = runner_.store();
  if (!store.ok()) return store.status();
  const auto stored = (*store)->GetRun(run_id);
  if (!stored.ok()) return stored.status();
  std::optional<ScheduledRun> run;
  if (stored->has_value()) {
    const v1::PushRun& known = (*stored)->run();
    run = {.state = known.state(), .end_time = TimeOf(known.end_time())};
    schedule.set_last_run(known.name());
  }
  const ScheduleView view = LookAt(schedule, times, run, now);
  schedule.set_last_outcome(view.outcome);
  schedule.set_late(view.late);
  if (run.has_value()) return absl::OkStatus();
  const auto other = UnderWay(plan.name());
  if (!other.ok()) return other.status();
  if (!other->empty()) {
    schedule.set_waits_for(
        absl::StrCat("同一计划的批次 ", *other, " 尚未结束"));
    return absl::OkStatus();
  }
  MutexLock lock(mu_);
  const auto failure = failures_.find(id);
  if (failure != failures_.end()) schedule.set_waits_for(failure->second);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> PushScheduler::LatePlans() const {
  auto plans = Plans();
  if (!plans.ok()) return plans.status();
  std::vector<std::string> late;
  for (v1::PushPlan& plan : *plans) {
    absl::Status completed = Complete(plan);
    if (!completed.ok()) return completed;
    if (plan.schedule().late()) late.push_back(IdOf(plan));
  }
  return late;
}

void PushScheduler::Figures(Gauges& gauges) const {
  auto plans = Plans();
  if (!plans.ok()) return;
  for (v1::PushPlan& plan : *plans) {
    if (!Complete(plan).ok()) continue;
    const std::string id = IdOf(plan);
    const Schedule& schedule = plan.schedule();
    gauges.Set(Metric::kPushLate, {id}, schedule.late());
    if (schedule.has_next_time()) {
      gauges.Set(Metric::kPushNext, {id},
                 static_cast<double>(schedule.next_time().seconds()));
    }
    if (schedule.has_last_deadline()) {
      gauges.Set(Metric::kPushDeadline, {id},
                 static_cast<double>(schedule.last_deadline().seconds()));
    }
  }
}

}  // namespace gradmatch
