#include "matcher/push/push_schedule.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "index/base/clock.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "matcher/ingest/proto_times.h"
#include "matcher/proto_time.h"
#include "matcher/push/cron.h"
#include "matcher/push/push_plan.h"

namespace gradmatch {
namespace {

constexpr int kDefaultCatchUpMinutes = 180;
constexpr int kMostCatchUpMinutes = 24 * 60;
constexpr size_t kStampBytes = 14;  // -YYYYMMDD-HHMM

// Minutes from midnight of "06:30".
std::optional<int> ParseClockTime(std::string_view text) {
  const auto digit = [&](size_t i) {
    return text[i] >= '0' && text[i] <= '9' ? text[i] - '0' : 100;
  };
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const int hour = digit(0) * 10 + digit(1);
  const int minute = digit(3) * 10 + digit(4);
  if (hour > 23 || minute > 59) return std::nullopt;
  return hour * 60 + minute;
}

absl::Duration CatchUp(const v1::PushSchedule& schedule) {
  return absl::Minutes(schedule.catch_up_minutes() == 0
                           ? kDefaultCatchUpMinutes
                           : schedule.catch_up_minutes());
}

// The first such time of day from `due` on.
absl::Time DeadlineAfter(absl::Time due, int minutes) {
  const absl::CivilDay day = absl::ToCivilDay(due, ChinaTime());
  const absl::Time same_day =
      absl::FromCivil(absl::CivilMinute(day) + minutes, ChinaTime());
  return same_day >= due ? same_day : same_day + absl::Hours(24);
}

v1::PushSchedule::Outcome OutcomeOf(v1::PushRun::State state) {
  switch (state) {
    case v1::PushRun::STATE_READY:
    case v1::PushRun::STATE_EXPORTING:
    case v1::PushRun::STATE_DONE:
      return v1::PushSchedule::OUTCOME_READY;
    case v1::PushRun::STATE_FAILED:
      return v1::PushSchedule::OUTCOME_FAILED;
    case v1::PushRun::STATE_CANCELLED:
      return v1::PushSchedule::OUTCOME_CANCELLED;
    default:
      // NEEDS_APPROVAL and PAUSED too: nothing can be handed out yet.
      return v1::PushSchedule::OUTCOME_RUNNING;
  }
}

bool SameTimes(const v1::PushSchedule& a, const v1::PushSchedule& b) {
  return a.cron() == b.cron() && a.paused() == b.paused();
}

}  // namespace

absl::Status ValidateSchedule(std::string_view plan_id,
                              const v1::PushPlan& plan) {
  if (!plan.has_schedule()) return absl::OkStatus();
  const v1::PushSchedule& schedule = plan.schedule();
  std::vector<ReasonedFieldError> errors;
  const auto cron = CronExpression::Parse(schedule.cron());
  if (!cron.ok()) {
    errors.push_back({schedule.cron().empty() ? kFieldMissing : kFieldInvalid,
                      {"push_plan.schedule.cron", schedule.cron(),
                       std::string(cron.status().message()), "0 2 * * *"}});
  }
  if (!schedule.ready_by().empty() &&
      !ParseClockTime(schedule.ready_by()).has_value()) {
    errors.push_back({kFieldInvalid,
                      {"push_plan.schedule.ready_by", schedule.ready_by(),
                       "北京时间 HH:MM，00:00 至 23:59，或留空", "06:30"}});
  }
  const int minutes = schedule.catch_up_minutes();
  if (minutes < 0 || minutes > kMostCatchUpMinutes) {
    errors.push_back(
        {kFieldOutOfRange,
         {"push_plan.schedule.catch_up_minutes", absl::StrCat(minutes),
          absl::StrCat("1 至 ", kMostCatchUpMinutes, " 分钟，或 0 表示 ",
                       kDefaultCatchUpMinutes),
          absl::StrCat(minutes < 0 ? 0 : kMostCatchUpMinutes)}});
  }
  const size_t most = kMaxRunIdLength - kStampBytes;
  if (plan_id.size() > most) {
    errors.push_back({kFieldTooLong,
                      {"push_plan.name", std::string(plan_id),
                       absl::StrCat("定时计划的编号至多 ", most,
                                    " 个字符，因为批次号由它加上时间组成"),
                       std::string(plan_id.substr(0, most))}});
  }
  return errors.empty() ? absl::OkStatus() : InvalidFields(errors);
}

void StampSchedule(const v1::PushPlan* stored, absl::Time now,
                   v1::PushPlan& plan) {
  if (!plan.has_schedule()) return;
  v1::PushSchedule given;
  given.Swap(plan.mutable_schedule());
  v1::PushSchedule& schedule = *plan.mutable_schedule();
  schedule.set_cron(given.cron());
  schedule.set_ready_by(given.ready_by());
  schedule.set_catch_up_minutes(given.catch_up_minutes());
  schedule.set_paused(given.paused());
  const bool same = stored != nullptr && stored->has_schedule() &&
                    SameTimes(stored->schedule(), given);
  *schedule.mutable_effective_time() =
      same ? stored->schedule().effective_time() : ProtoTimeOf(now);
}

std::string ScheduledRunId(std::string_view plan_id, absl::Time due) {
  return absl::StrCat(A(plan_id), "-",
                      absl::FormatTime("%Y%m%d-%H%M", due, ChinaTime()));
}

DueTimes DueTimesOf(const v1::PushSchedule& schedule, absl::Time now) {
  DueTimes times;
  const auto cron = CronExpression::Parse(schedule.cron());
  if (!cron.ok() || schedule.paused()) return times;
  times.next = cron->Next(now);
  const absl::Time last = cron->Last(now);
  if (last < TimeOf(schedule.effective_time())) return times;
  times.last = last;
  if (const auto minutes = ParseClockTime(schedule.ready_by())) {
    times.deadline = DeadlineAfter(last, *minutes);
  }
  return times;
}

ScheduleView LookAt(const v1::PushSchedule& schedule, const DueTimes& times,
                    const std::optional<ScheduledRun>& run, absl::Time now) {
  ScheduleView view;
  if (!times.last.has_value()) return view;
  if (run.has_value()) {
    view.outcome = OutcomeOf(run->state);
  } else {
    view.outcome = now - *times.last <= CatchUp(schedule)
                       ? v1::PushSchedule::OUTCOME_WAITING
                       : v1::PushSchedule::OUTCOME_SKIPPED;
  }
  if (!times.deadline.has_value() ||
      view.outcome == v1::PushSchedule::OUTCOME_CANCELLED) {
    return view;
  }
  const bool ready = view.outcome == v1::PushSchedule::OUTCOME_READY;
  view.late = (ready ? run->end_time : now) > *times.deadline;
  return view;
}

}  // namespace gradmatch
