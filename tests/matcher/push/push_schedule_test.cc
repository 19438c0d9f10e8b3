#include "matcher/push/push_schedule.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "index/base/clock.h"
#include "index/base/error.h"
#include "matcher/ingest/proto_times.h"
#include "matcher/proto_time.h"
#include "matcher/push/push_plan.h"

namespace gradmatch {
namespace {

using Schedule = v1::PushSchedule;
using Run = v1::PushRun;

// Of March 2026 in China.
absl::Time At(int day, int hour, int minute = 0) {
  return absl::FromCivil(absl::CivilMinute(2026, 3, day, hour, minute),
                         ChinaTime());
}

Schedule Nightly() {
  Schedule schedule;
  schedule.set_cron("0 2 * * *");
  schedule.set_ready_by("06:30");
  *schedule.mutable_effective_time() = ProtoTimeOf(At(1, 12));
  return schedule;
}

struct DueCase {
  const char* name;
  absl::Time now;
  const char* ready_by;
  std::optional<absl::Time> last, next, deadline;
};

TEST(PushScheduleTest, DueTimes) {
  const DueCase cases[] = {
      // What was due before it was set does not count.
      {"just set", At(1, 12), "06:30", {}, At(2, 2), {}},
      {"before the first", At(2, 1, 59), "06:30", {}, At(2, 2), {}},
      {"due", At(2, 2), "06:30", At(2, 2), At(3, 2), At(2, 6, 30)},
      {"later", At(2, 23), "06:30", At(2, 2), At(3, 2), At(2, 6, 30)},
      {"no hour", At(2, 23), "", At(2, 2), At(3, 2), {}},
      // The hour of the next day.
      {"next day", At(2, 23), "01:00", At(2, 2), At(3, 2), At(3, 1)},
      {"at once", At(2, 3), "02:00", At(2, 2), At(3, 2), At(2, 2)},
  };
  for (const DueCase& c : cases) {
    SCOPED_TRACE(c.name);
    Schedule schedule = Nightly();
    schedule.set_ready_by(c.ready_by);
    const DueTimes times = DueTimesOf(schedule, c.now);
    EXPECT_EQ(times.last, c.last);
    EXPECT_EQ(times.next, c.next);
    EXPECT_EQ(times.deadline, c.deadline);
    schedule.set_paused(true);
    const DueTimes paused = DueTimesOf(schedule, c.now);
    EXPECT_FALSE(paused.last.has_value() || paused.next.has_value());
  }
}

struct LookCase {
  const char* name;
  std::optional<ScheduledRun> run;
  absl::Time now;
  Schedule::Outcome outcome;
  bool late;
};

TEST(PushScheduleTest, WhatBecameOfIt) {
  const auto run = [](Run::State state, absl::Time end = {}) {
    return std::optional<ScheduledRun>(ScheduledRun{state, end});
  };
  const LookCase cases[] = {
      {"to be started", {}, At(2, 2), Schedule::OUTCOME_WAITING, false},
      {"still", {}, At(2, 5), Schedule::OUTCOME_WAITING, false},
      {"no more", {}, At(2, 5, 1), Schedule::OUTCOME_SKIPPED, false},
      {"skipped and late", {}, At(2, 6, 31), Schedule::OUTCOME_SKIPPED, true},
      {"at work", run(Run::STATE_WRITING), At(2, 3), Schedule::OUTCOME_RUNNING,
       false},
      {"on the minute", run(Run::STATE_WRITING), At(2, 6, 30),
       Schedule::OUTCOME_RUNNING, false},
      {"at work too long", run(Run::STATE_WRITING), At(2, 6, 31),
       Schedule::OUTCOME_RUNNING, true},
      {"waits for a word", run(Run::STATE_NEEDS_APPROVAL), At(2, 7),
       Schedule::OUTCOME_RUNNING, true},
      {"held", run(Run::STATE_PAUSED), At(2, 7), Schedule::OUTCOME_RUNNING,
       true},
      {"ready", run(Run::STATE_READY, At(2, 4)), At(2, 23),
       Schedule::OUTCOME_READY, false},
      {"ready too late", run(Run::STATE_READY, At(2, 7)), At(2, 8),
       Schedule::OUTCOME_READY, true},
      {"sent", run(Run::STATE_DONE, At(2, 4)), At(2, 23),
       Schedule::OUTCOME_READY, false},
      {"failed early", run(Run::STATE_FAILED, At(2, 3)), At(2, 4),
       Schedule::OUTCOME_FAILED, false},
      {"failed", run(Run::STATE_FAILED, At(2, 3)), At(2, 7),
       Schedule::OUTCOME_FAILED, true},
      {"cancelled", run(Run::STATE_CANCELLED, At(2, 3)), At(2, 7),
       Schedule::OUTCOME_CANCELLED, false},
  };
  for (const LookCase& c : cases) {
    SCOPED_TRACE(c.name);
    const Schedule schedule = Nightly();
    const ScheduleView view =
        LookAt(schedule, DueTimesOf(schedule, c.now), c.run, c.now);
    EXPECT_EQ(Schedule::Outcome_Name(view.outcome),
              Schedule::Outcome_Name(c.outcome));
    EXPECT_EQ(view.late, c.late);
  }
}

TEST(PushScheduleTest, ErrorsNameTheField) {
  struct Case {
    const char* cron;
    const char* ready_by;
    int catch_up;
    std::string id;
    const char* field;
  };
  const Case cases[] = {
      {"", "", 0, "p", "push_plan.schedule.cron"},
      {"0 25 * * *", "", 0, "p", "push_plan.schedule.cron"},
      {"0 2 * * *", "6:30", 0, "p", "push_plan.schedule.ready_by"},
      {"0 2 * * *", "24:00", 0, "p", "push_plan.schedule.ready_by"},
      {"0 2 * * *", "06:60", 0, "p", "push_plan.schedule.ready_by"},
      {"0 2 * * *", "06.30", 0, "p", "push_plan.schedule.ready_by"},
      {"0 2 * * *", "", -1, "p", "push_plan.schedule.catch_up_minutes"},
      {"0 2 * * *", "", 1'441, "p", "push_plan.schedule.catch_up_minutes"},
      {"0 2 * * *", "", 0, std::string(46, 'p'), "push_plan.name"},
  };
  for (const Case& c : cases) {
    v1::PushPlan plan;
    plan.mutable_schedule()->set_cron(c.cron);
    plan.mutable_schedule()->set_ready_by(c.ready_by);
    plan.mutable_schedule()->set_catch_up_minutes(c.catch_up);
    const absl::Status status = ValidateSchedule(c.id, plan);
    EXPECT_EQ(FieldErrorOf(status).field, c.field) << c.cron << status;
  }
  v1::PushPlan plan;
  EXPECT_TRUE(ValidateSchedule(std::string(63, 'p'), plan).ok());
  *plan.mutable_schedule() = Nightly();
  const std::string longest(45, 'p');
  EXPECT_TRUE(ValidateSchedule(longest, plan).ok());
  EXPECT_TRUE(
      IsValidPushId(ScheduledRunId(longest, At(2, 2)), kMaxRunIdLength));
}

TEST(PushScheduleTest, NamesRunsAfterTheirTime) {
  EXPECT_EQ(ScheduledRunId("nightly", At(2, 2)), "nightly-20260302-0200");
  EXPECT_EQ(ScheduledRunId("nightly", At(2, 2) + absl::Seconds(59)),
            "nightly-20260302-0200");
}

// What is stored is what the caller may say, and since when it counts.
TEST(PushScheduleTest, StampsWhatCounts) {
  v1::PushPlan stored;
  *stored.mutable_schedule() = Nightly();
  v1::PushPlan plan = stored;
  plan.mutable_schedule()->set_late(true);
  plan.mutable_schedule()->set_last_run("pushRuns/x");
  plan.mutable_schedule()->set_ready_by("07:00");
  StampSchedule(&stored, At(5, 5), plan);
  EXPECT_FALSE(plan.schedule().late());
  EXPECT_TRUE(plan.schedule().last_run().empty());
  EXPECT_EQ(TimeOf(plan.schedule().effective_time()), At(1, 12));
  plan.mutable_schedule()->set_cron("0 3 * * *");
  StampSchedule(&stored, At(5, 5), plan);
  EXPECT_EQ(TimeOf(plan.schedule().effective_time()), At(5, 5));
  // Nothing of the time it was paused is caught up.
  v1::PushPlan paused = stored;
  paused.mutable_schedule()->set_paused(true);
  StampSchedule(&stored, At(6, 1), paused);
  plan = paused;
  plan.mutable_schedule()->set_paused(false);
  StampSchedule(&paused, At(9, 3), plan);
  EXPECT_FALSE(DueTimesOf(plan.schedule(), At(9, 4)).last.has_value());
  plan.clear_schedule();
  StampSchedule(&paused, At(9, 3), plan);
  EXPECT_FALSE(plan.has_schedule());
}

// A schedule says when, not how: the same run may be asked for by hand.
TEST(PushScheduleTest, IsNotPartOfThePlansHash) {
  v1::PushPlan plan;
  const uint64_t without = PlanHash(plan);
  *plan.mutable_schedule() = Nightly();
  EXPECT_EQ(PlanHash(plan), without);
}

}  // namespace
}  // namespace gradmatch
