#include "server/worker_pool.h"

#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "index/base/mutex.h"
#include "server/housekeeping.h"
#include "server/parallel_for.h"
#include "server/stream_registry.h"

namespace gradmatch {
namespace {

// A door that tasks wait at.
class Gate {
 public:
  void Open() {
    MutexLock lock(mu_);
    open_ = true;
    changed_.NotifyAll();
  }
  void Wait() {
    MutexLock lock(mu_);
    ++waiting_;
    changed_.NotifyAll();
    while (!open_) changed_.Wait(mu_);
  }
  void AwaitWaiters(int n) {
    MutexLock lock(mu_);
    while (waiting_ < n) changed_.Wait(mu_);
  }

 private:
  Mutex mu_;
  CondVar changed_;
  bool open_ = false;
  int waiting_ = 0;
};

const absl::Time kNow = absl::FromUnixSeconds(1'000);

TEST(WorkerPoolTest, RunsEveryTaskOnce) {
  const ManualClock clock(kNow);
  std::atomic<int> sum{0};
  {
    WorkerPool pool(3, 10'000, clock);
    for (int i = 1; i <= 1'000; ++i) {
      EXPECT_TRUE(pool.TrySubmit({.run = [&sum, i] { sum += i; }}));
    }
  }
  EXPECT_EQ(sum, 500'500);
}

TEST(WorkerPoolTest, RefusesWhatTheQueueCannotHold) {
  const ManualClock clock(kNow);
  Gate gate;
  WorkerPool pool(1, 2, clock);
  ASSERT_TRUE(pool.TrySubmit({.run = [&] { gate.Wait(); }}));
  gate.AwaitWaiters(1);
  std::atomic<int> ran{0};
  EXPECT_TRUE(pool.TrySubmit({.run = [&] { ++ran; }}));
  EXPECT_TRUE(pool.TrySubmit({.run = [&] { ++ran; }}));
  EXPECT_FALSE(pool.TrySubmit({.run = [&] { ++ran; }}));
  EXPECT_EQ(pool.queued(), 2u);
  gate.Open();
  pool.Shutdown();
  EXPECT_EQ(ran, 2);
}

TEST(WorkerPoolTest, DropsWorkWhoseDeadlinePassedInTheQueue) {
  ManualClock clock(kNow);
  Gate gate;
  WorkerPool pool(1, 10, clock);
  ASSERT_TRUE(pool.TrySubmit({.run = [&] { gate.Wait(); }}));
  gate.AwaitWaiters(1);
  std::atomic<int> ran{0};
  std::atomic<int> expired{0};
  for (const int seconds : {1, 100}) {
    ASSERT_TRUE(pool.TrySubmit({.run = [&] { ++ran; },
                                .expired = [&] { ++expired; },
                                .deadline = kNow + absl::Seconds(seconds)}));
  }
  clock.Advance(absl::Seconds(10));
  gate.Open();
  pool.Shutdown();
  EXPECT_EQ(ran, 1);
  EXPECT_EQ(expired, 1);
}

TEST(WorkerPoolTest, TakesNothingAfterShutdown) {
  const ManualClock clock(kNow);
  WorkerPool pool(2, 10, clock);
  pool.Shutdown();
  EXPECT_FALSE(pool.TrySubmit({.run = [] { FAIL(); }}));
  pool.Shutdown();
}

TEST(AdmissionTest, CountsCallsAndBytes) {
  Admission admission({.max_in_flight = 2, .max_bytes = 100});
  auto a = admission.TryEnter(60);
  ASSERT_TRUE(a.has_value());
  EXPECT_FALSE(admission.TryEnter(50).has_value());  // bytes
  auto b = admission.TryEnter(40);
  ASSERT_TRUE(b.has_value());
  EXPECT_FALSE(admission.TryEnter(0).has_value());  // calls
  a.reset();
  EXPECT_EQ(admission.in_flight(), 1);
  EXPECT_EQ(admission.bytes(), 40);
  b.reset();
  // Alone, a call larger than the limit is let in, or it never would be.
  EXPECT_TRUE(admission.TryEnter(1'000).has_value());
  EXPECT_EQ(admission.in_flight(), 0);
}

TEST(ParallelForTest, RunsEveryBodyOnceAlsoFromThePoolsOwnTasks) {
  const ManualClock clock(kNow);
  WorkerPool pool(2, 1'000, clock);
  const ParallelFor parallel = MakeParallelFor(pool);
  std::vector<std::atomic<int>> runs(500);
  parallel(runs.size(), [&](size_t i) { ++runs[i]; });
  // More callers than threads: each must get through by itself.
  std::atomic<int> done{0};
  for (int task = 0; task < 8; ++task) {
    ASSERT_TRUE(pool.TrySubmit({.run = [&] {
      parallel(runs.size(), [&](size_t i) { ++runs[i]; });
      ++done;
    }}));
  }
  parallel(0, [](size_t) { FAIL(); });
  pool.Shutdown();
  EXPECT_EQ(done, 8);
  for (const auto& run : runs) EXPECT_EQ(run, 9);
}

TEST(StreamRegistryTest, TellsTheSilentAndOnlyThem) {
  StreamRegistry registry(absl::Milliseconds(20));
  Gate told;
  const auto silent = registry.Add([&](StreamRegistry::Event event) {
    if (event == StreamRegistry::Event::kIdle) {
      told.Open();
    }
  });
  std::atomic<int> settled_told{0};
  const auto settled =
      registry.Add([&](StreamRegistry::Event) { ++settled_told; });
  settled->Settle();
  told.Wait();
  // The one that was settled first was looked at in the same rounds.
  silent->Close();
  settled->Close();
  EXPECT_EQ(settled_told, 0);
}

TEST(StreamRegistryTest, DrainTellsEachOnceAlsoThoseWhoComeLater) {
  StreamRegistry registry(absl::Hours(1));
  Gate first_told;
  Gate second_told;
  std::atomic<int> count{0};
  const auto first = registry.Add([&](StreamRegistry::Event) {
    ++count;
    first_told.Open();
  });
  registry.Drain();
  first_told.Wait();
  const auto second = registry.Add([&](StreamRegistry::Event) {
    ++count;
    second_told.Open();
  });
  second_told.Wait();
  first->Close();
  second->Close();
  EXPECT_EQ(count, 2);
  EXPECT_EQ(registry.open(), 2);
}

TEST(HousekeepingTest, RunsAtOnceAgainAndEndsWithItsOwner) {
  Gate third;
  std::atomic<int> runs{0};
  {
    Housekeeping chores(absl::Milliseconds(1), [&](const auto& stop) {
      EXPECT_FALSE(stop() && runs == 0);
      if (++runs == 3) third.Open();
    });
    third.Wait();
  }
  const int ended = runs;
  EXPECT_GE(ended, 3);
  // An hour's pause does not hold the end up.
  Housekeeping slow(absl::Hours(1), [](const auto&) {});
}

}  // namespace
}  // namespace gradmatch
