#include "server/worker_pool.h"

#include <atomic>
#include <set>
#include <string>
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
    WorkerPool pool({3, 10'000, 10'000}, clock);
    for (int i = 1; i <= 1'000; ++i) {
      EXPECT_EQ(pool.TrySubmit({.run = [&sum, i] { sum += i; }}),
                WorkerPool::Submitted::kQueued);
    }
  }
  EXPECT_EQ(sum, 500'500);
}

TEST(WorkerPoolTest, RefusesWhatTheQueueCannotHold) {
  const ManualClock clock(kNow);
  Gate gate;
  WorkerPool pool({1, 2}, clock);
  ASSERT_EQ(pool.TrySubmit({.run = [&] { gate.Wait(); }}),
            WorkerPool::Submitted::kQueued);
  gate.AwaitWaiters(1);
  std::atomic<int> ran{0};
  EXPECT_EQ(pool.TrySubmit({.run = [&] { ++ran; }}),
            WorkerPool::Submitted::kQueued);
  EXPECT_EQ(pool.TrySubmit({.run = [&] { ++ran; }}),
            WorkerPool::Submitted::kQueued);
  EXPECT_EQ(pool.TrySubmit({.run = [&] { ++ran; }}),
            WorkerPool::Submitted::kQueueFull);
  EXPECT_EQ(pool.figures().queued, 2u);
  gate.Open();
  pool.Shutdown();
  EXPECT_EQ(ran, 2);
}

TEST(WorkerPoolTest, DropsWorkWhoseDeadlinePassedInTheQueue) {
  ManualClock clock(kNow);
  Gate gate;
  WorkerPool pool({1, 10}, clock);
  ASSERT_EQ(pool.TrySubmit({.run = [&] { gate.Wait(); }}),
            WorkerPool::Submitted::kQueued);
  gate.AwaitWaiters(1);
  std::atomic<int> ran{0};
  std::atomic<int> expired{0};
  for (const int seconds : {1, 100}) {
    ASSERT_EQ(pool.TrySubmit({.run = [&] { ++ran; },
                              .expired = [&] { ++expired; },
                              .deadline = kNow + absl::Seconds(seconds)}),
              WorkerPool::Submitted::kQueued);
  }
  clock.Advance(absl::Seconds(10));
  gate.Open();
  pool.Shutdown();
  EXPECT_EQ(ran, 1);
  EXPECT_EQ(expired, 1);
  EXPECT_EQ(pool.figures().expired, 1);
}

TEST(WorkerPoolTest, TakesNothingAfterShutdown) {
  const ManualClock clock(kNow);
  WorkerPool pool({2, 10}, clock);
  pool.Shutdown();
  EXPECT_EQ(pool.TrySubmit({.run = [] { FAIL(); }}),
            WorkerPool::Submitted::kClosed);
  pool.Shutdown();
}

// Whatever one tenant runs and has waiting, another finds a thread free.
TEST(WorkerPoolTest, ASpareThreadIsForOthers) {
  const ManualClock clock(kNow);
  WorkerPool pool({.threads = 1, .spare_threads = 1}, clock);
  Gate gate;
  std::atomic<int> second{0};
  ASSERT_EQ(pool.TrySubmit({.run = [&] { gate.Wait(); }, .tenant = "a"}),
            WorkerPool::Submitted::kQueued);
  ASSERT_EQ(pool.TrySubmit({.run = [&] { ++second; }, .tenant = "a"}),
            WorkerPool::Submitted::kQueued);
  gate.AwaitWaiters(1);
  Gate other;
  ASSERT_EQ(pool.TrySubmit({.run = [&] { other.Open(); }, .tenant = "b"}),
            WorkerPool::Submitted::kQueued);
  other.Wait();
  EXPECT_EQ(second, 0);
  gate.Open();
  pool.Shutdown();
  EXPECT_EQ(second, 1);
}

TEST(WorkerPoolTest, ManyTenantsOnManyThreadsLoseNoTask) {
  const SystemClock clock;
  std::atomic<int> ran{0};
  {
    WorkerPool pool({.threads = 2,
                     .max_queued = 100'000,
                     .tenant_max_queued = 100'000,
                     .spare_threads = 2},
                    clock);
    std::vector<std::thread> callers;
    for (int caller = 0; caller < 4; ++caller) {
      callers.emplace_back([&] {
        for (int i = 0; i < 2'000; ++i) {
          EXPECT_EQ(pool.TrySubmit({.run = [&ran] { ++ran; },
                                    .tenant = std::to_string(i % 7)}),
                    WorkerPool::Submitted::kQueued);
        }
      });
    }
    for (std::thread& caller : callers) caller.join();
    while (ran < 8'000) std::this_thread::yield();  // without Shutdown's help
  }
  EXPECT_EQ(ran, 8'000);
}

TEST(ParallelForTest, RunsEveryBodyOnceAlsoFromThePoolsOwnTasks) {
  const ManualClock clock(kNow);
  WorkerPool pool({2, 1'000}, clock);
  const ParallelFor parallel = MakeParallelFor(pool);
  std::vector<std::atomic<int>> runs(500);
  parallel(runs.size(), [&](size_t i) { ++runs[i]; });
  // More callers than threads: each must get through by itself.
  std::atomic<int> done{0};
  for (int task = 0; task < 8; ++task) {
    const auto submitted = pool.TrySubmit({.run = [&] {
      parallel(runs.size(), [&](size_t i) { ++runs[i]; });
      ++done;
    }});
    ASSERT_EQ(submitted, WorkerPool::Submitted::kQueued);
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
