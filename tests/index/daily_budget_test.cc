#include "index/daily_budget.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "index/base/clock.h"
#include "tests/fakes/faulty_store.h"
#include "tests/fakes/in_memory_store.h"

namespace gradmatch {
namespace {

absl::Time At(int day, int hour, int minute = 0) {
  return absl::FromCivil(absl::CivilMinute(2026, 3, day, hour, minute),
                         ChinaTime());
}

TEST(DailyBudgetTest, GivesNoMoreThanTheDayHas) {
  InMemoryStore store;
  DailyBudget budget(store);
  struct Step {
    absl::Time now;
    int64_t wanted, granted, left;
  };
  for (const Step& step : std::vector<Step>{
           {At(1, 0), 4, 4, 6},
           {At(1, 12), 4, 4, 2},
           {At(1, 12), 0, 0, 2},
           {At(1, 23, 59), 4, 2, 0},
           {At(1, 23, 59), 1, 0, 0},
           {At(2, 0), 1, 1, 9},  // midnight in China, not of the machine
           {At(1, 23), 1, 0,
            0}}) {  // a clock that goes back gives nothing back
    const auto taken = budget.Take(step.now, step.wanted, 10);
    ASSERT_TRUE(taken.ok()) << taken.status();
    EXPECT_EQ(taken->granted, step.granted);
    EXPECT_EQ(taken->left, step.left);
  }
  // A limit that was lowered meanwhile.
  EXPECT_EQ(budget.Take(At(1, 23), 1, 5)->left, 0);
}

TEST(DailyBudgetTest, ANewObjectOverTheSameStoreGoesOn) {
  InMemoryStore store;
  ASSERT_EQ(DailyBudget(store).Take(At(1, 8), 7, 10)->granted, 7);
  EXPECT_EQ(DailyBudget(store).Take(At(1, 9), 7, 10)->granted, 3);
}

TEST(DailyBudgetTest, WhatIsNotWrittenIsNotGranted) {
  InMemoryStore disk;
  FaultyStore store(disk, 1);
  DailyBudget budget(store);
  EXPECT_FALSE(budget.Take(At(1, 8), 1, 10).ok());
}

TEST(DailyBudgetTest, ManyAtATimeGetNoMoreThanOne) {
  InMemoryStore store;
  DailyBudget budget(store);
  std::atomic<int64_t> granted = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) {
        granted += budget.Take(At(1, 8), 1, 250)->granted;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(granted, 250);
}

TEST(NextDayInChinaTest, IsTheNextMidnightThere) {
  EXPECT_EQ(NextDayInChina(At(1, 0)), At(2, 0));
  EXPECT_EQ(NextDayInChina(At(1, 23, 59)), At(2, 0));
}

}  // namespace
}  // namespace gradmatch
