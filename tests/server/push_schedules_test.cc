// Plans that run by themselves, over a real socket; the clock is moved by hand.

#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "index/store.h"
#include "matcher/proto_time.h"
#include "server/time_proto.h"
#include "tests/server/push_fixture.h"

namespace gradmatch {
namespace {

using Schedule = v1::PushSchedule;

class PushSchedulesTest : public PushFixture {
 protected:
  // Of March 2026 in China; the clock stands at the 1st, 12:00.
  static absl::Time At(int day, int hour, int minute = 0) {
    return absl::FromCivil(absl::CivilMinute(2026, 3, day, hour, minute),
                           ChinaTime());
  }

  void MakeNightly(const std::string& cron = "0 2 * * *",
                   const std::string& ready_by = "06:30") {
    v1::PushPlan plan;
    plan.set_include_conditional(true);
    plan.mutable_schedule()->set_cron(cron);
    plan.mutable_schedule()->set_ready_by(ready_by);
    v1::PushPlan made;
    const absl::Status status = CreatePlan("nightly", plan, made);
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ(TimeOf(made.schedule().effective_time()), server_.clock().Now());
  }

  Schedule Get() {
    v1::GetPushPlanRequest request;
    request.set_name("pushPlans/nightly");
    v1::PushPlan plan;
    EXPECT_TRUE(server_.Call(push(), &Push::GetPushPlan, request, plan).ok());
    return plan.schedule();
  }

  // Asks until the last due time has come to this.
  Schedule Await(Schedule::Outcome outcome) {
    const absl::Time end = absl::Now() + absl::Seconds(30);
    Schedule schedule = Get();
    while (schedule.last_outcome() != outcome && absl::Now() < end) {
      absl::SleepFor(absl::Milliseconds(20));
      schedule = Get();
    }
    EXPECT_EQ(Schedule::Outcome_Name(schedule.last_outcome()),
              Schedule::Outcome_Name(outcome));
    return schedule;
  }

  std::vector<std::string> Runs() {
    v1::ListPushRunsResponse response;
    EXPECT_TRUE(server_
                    .Call(push(), &Push::ListPushRuns,
                          v1::ListPushRunsRequest(), response)
                    .ok());
    std::vector<std::string> names;
    for (const v1::PushRun& run : response.push_runs()) {
      names.push_back(run.name());
    }
    return names;
  }

  // Long enough for the scheduler to have looked.
  static void LetItLook() { absl::SleepFor(absl::Milliseconds(2'500)); }
};

TEST_F(PushSchedulesTest, RunsOnceAtItsTimeAlsoAcrossARestart) {
  ASSERT_NO_FATAL_FAILURE(Fill(2, 3));
  ASSERT_NO_FATAL_FAILURE(MakeNightly());
  Schedule schedule = Get();
  EXPECT_EQ(TimeOf(schedule.next_time()), At(2, 2));
  EXPECT_FALSE(schedule.has_last_time());

  server_.clock().Set(At(2, 2));
  schedule = Await(Schedule::OUTCOME_READY);
  EXPECT_EQ(schedule.last_run(), "pushRuns/nightly-20260302-0200");
  EXPECT_EQ(TimeOf(schedule.last_deadline()), At(2, 6, 30));
  EXPECT_EQ(TimeOf(schedule.next_time()), At(3, 2));
  EXPECT_FALSE(schedule.late());
  EXPECT_FALSE(Items("nightly-20260302-0200").empty());

  server_.Stop();
  server_.Start();
  LetItLook();
  server_.clock().Set(At(2, 23));
  EXPECT_FALSE(Get().late());
  EXPECT_THAT(Runs(), testing::ElementsAre("pushRuns/nightly-20260302-0200"));
}

TEST_F(PushSchedulesTest, CatchesUpAfterDowntimeWithinItsTime) {
  ASSERT_NO_FATAL_FAILURE(MakeNightly());
  server_.Stop();
  server_.clock().Set(At(2, 4, 59));
  server_.Start();
  const Schedule schedule = Await(Schedule::OUTCOME_READY);
  EXPECT_EQ(schedule.last_run(), "pushRuns/nightly-20260302-0200");

  // Two nights and a morning later only the last night would count, and it is
  // too late for that one.
  server_.Stop();
  server_.clock().Set(At(5, 6, 31));
  server_.Start();
  const Schedule skipped = Await(Schedule::OUTCOME_SKIPPED);
  EXPECT_TRUE(skipped.late());
  EXPECT_TRUE(skipped.last_run().empty());
  LetItLook();
  EXPECT_EQ(Runs().size(), 1);
  int told = 0;
  for (const std::string& line : server_.log_lines()) {
    told += line.find("scheduled_run_skipped") != std::string::npos;
  }
  EXPECT_EQ(told, 1);
  // The next night is as any.
  server_.clock().Set(At(6, 2));
  EXPECT_FALSE(Await(Schedule::OUTCOME_READY).late());
}

TEST_F(PushSchedulesTest, APausedPlanStartsNothingAndCatchesNothingUp) {
  ASSERT_NO_FATAL_FAILURE(MakeNightly());
  v1::UpdatePushPlanRequest request;
  request.mutable_push_plan()->set_name("pushPlans/nightly");
  *request.mutable_push_plan()->mutable_schedule() = Get();
  request.mutable_push_plan()->mutable_schedule()->set_paused(true);
  request.mutable_update_mask()->add_paths("schedule");
  v1::PushPlan stored;
  absl::Status status =
      server_.Call(push(), &Push::UpdatePushPlan, request, stored);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_TRUE(stored.schedule().paused());
  EXPECT_FALSE(stored.schedule().has_next_time());
  server_.clock().Set(At(2, 2, 30));
  LetItLook();
  EXPECT_THAT(Runs(), testing::IsEmpty());
  request.mutable_push_plan()->mutable_schedule()->set_paused(false);
  status = server_.Call(push(), &Push::UpdatePushPlan, request, stored);
  ASSERT_TRUE(status.ok()) << status;
  LetItLook();
  EXPECT_THAT(Runs(), testing::IsEmpty());
  EXPECT_EQ(TimeOf(Get().next_time()), At(3, 2));
}

// A run that waits in the queue, or for a word, is under way: the next one of
// its plan waits for it, and says so.
TEST_F(PushSchedulesTest, WaitsForTheRunBefore) {
  ASSERT_NO_FATAL_FAILURE(MakeNightly());
  ASSERT_NO_FATAL_FAILURE(MakePlan("other"));
  const auto store = [this](v1::PushRun::State state) {
    // As a run that needs an operator's word lies in the store.
    v1::StoredPushRun run;
    run.mutable_run()->set_name("pushRuns/held");
    run.mutable_run()->set_push_plan("pushPlans/nightly");
    run.mutable_run()->set_state(state);
    WriteBatch batch;
    batch.Put(Family::kPushRun, "held", run.SerializeAsString());
    ASSERT_TRUE(server_.server()
                    .runtime()
                    .engine()
                    .store.Write(batch, Durability::kSynced)
                    .ok());
  };
  ASSERT_NO_FATAL_FAILURE(store(v1::PushRun::STATE_NEEDS_APPROVAL));
  server_.clock().Set(At(2, 2));
  LetItLook();
  Schedule schedule = Get();
  EXPECT_EQ(schedule.last_outcome(), Schedule::OUTCOME_WAITING);
  EXPECT_THAT(schedule.waits_for(), testing::HasSubstr("held"));
  EXPECT_THAT(Runs(), testing::ElementsAre("pushRuns/held"));
  ASSERT_NO_FATAL_FAILURE(store(v1::PushRun::STATE_CANCELLED));
  schedule = Await(Schedule::OUTCOME_READY);
  EXPECT_TRUE(schedule.waits_for().empty());
}

TEST_F(PushSchedulesTest, WhatCannotStartSaysWhyAndIsTriedAgain) {
  v1::PushPlan plan;
  plan.set_slots(3);
  plan.set_priority_floor(1);  // wants seal keys, and there are none
  plan.mutable_schedule()->set_cron("0 2 * * *");
  v1::PushPlan made;
  ASSERT_TRUE(CreatePlan("nightly", plan, made).ok());
  server_.clock().Set(At(2, 2));
  LetItLook();
  Schedule schedule = Get();
  EXPECT_EQ(schedule.last_outcome(), Schedule::OUTCOME_WAITING);
  EXPECT_FALSE(schedule.waits_for().empty());
  v1::UpdatePushPlanRequest request;
  request.mutable_push_plan()->set_name("pushPlans/nightly");
  request.mutable_update_mask()->add_paths("priority_floor");
  ASSERT_TRUE(server_.Call(push(), &Push::UpdatePushPlan, request, made).ok());
  Await(Schedule::OUTCOME_READY);
}

TEST_F(PushSchedulesTest, ErrorsNameTheFieldAndListsShowTheSchedule) {
  v1::PushPlan plan;
  plan.mutable_schedule()->set_cron("0 25 * * *");
  v1::PushPlan made;
  EXPECT_EQ(Summary(CreatePlan("nightly", plan, made)),
            "INVALID_ARGUMENT FIELD_INVALID push_plan.schedule.cron");
  ASSERT_NO_FATAL_FAILURE(MakeNightly());
  v1::ListPushPlansResponse response;
  ASSERT_TRUE(server_
                  .Call(push(), &Push::ListPushPlans,
                        v1::ListPushPlansRequest(), response)
                  .ok());
  ASSERT_EQ(response.push_plans_size(), 1);
  EXPECT_EQ(TimeOf(response.push_plans(0).schedule().next_time()), At(2, 2));
}

}  // namespace
}  // namespace gradmatch
