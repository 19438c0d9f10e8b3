#ifndef GRADMATCH_MATCHER_PUSH_PUSH_SCHEDULE_H_
#define GRADMATCH_MATCHER_PUSH_PUSH_SCHEDULE_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gradmatch/v1/push.pb.h"

namespace gradmatch {

// When plans run by themselves: pure functions; server/push_scheduler.h acts.

// INVALID_ARGUMENT naming every field of the plan's schedule that is not
// usable; OK without one. With a schedule the plan's id is at most 45
// characters, since its runs are named after it.
absl::Status ValidateSchedule(std::string_view plan_id,
                              const v1::PushPlan& plan);

// The schedule as it is stored in place of `stored`: without what is output
// only, and with the time it counts from.
void StampSchedule(const v1::PushPlan* stored, absl::Time now,
                   v1::PushPlan& plan);

// {plan}-YYYYMMDD-HHMM, in China.
std::string ScheduledRunId(std::string_view plan_id, absl::Time due);

// The last time a run was due and counts, and the next one; nullopt before the
// first, and while paused. `schedule` is valid.
struct DueTimes {
  std::optional<absl::Time> last;
  std::optional<absl::Time> next;
  // Of the last: when it is to be READY.
  std::optional<absl::Time> deadline;
};
DueTimes DueTimesOf(const v1::PushSchedule& schedule, absl::Time now);

// What is known of the run of the last due time.
struct ScheduledRun {
  v1::PushRun::State state = v1::PushRun::STATE_UNSPECIFIED;
  absl::Time end_time;  // once it is at its end
};

// What became of the last due time; `times.last` is set. `run`: its run, if
// there is one. With WAITING, it may start now unless something stands in the
// way (another run of the plan, a store that takes no writes).
struct ScheduleView {
  v1::PushSchedule::Outcome outcome = v1::PushSchedule::OUTCOME_UNSPECIFIED;
  bool late = false;
};
ScheduleView LookAt(const v1::PushSchedule& schedule, const DueTimes& times,
                    const std::optional<ScheduledRun>& run, absl::Time now);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_PUSH_PUSH_SCHEDULE_H_
