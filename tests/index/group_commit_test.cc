#include "index/base/group_commit.h"

#include <algorithm>
#include <atomic>
#include <new>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace gradmatch {
namespace {

TEST(GroupCommitTest, EveryItemIsWrittenOnceAndOneGroupAtATime) {
  constexpr int kThreads = 8, kItems = 500;
  GroupCommit<int> writes;
  std::atomic<int> at_it{0}, groups{0};
  std::vector<int> written;  // guarded by being one at a time
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kItems; ++i) {
        const int item = t * kItems + i;
        const absl::Status done =
            writes.Commit(item, [&](std::span<const int* const> group) {
              EXPECT_EQ(++at_it, 1);
              ++groups;
              for (const int* one : group) written.push_back(*one);
              --at_it;
              return absl::OkStatus();
            });
        EXPECT_TRUE(done.ok()) << done;
        // What is kept for itself is not written meanwhile.
        if (i % 100 == 0) {
          EXPECT_TRUE(writes
                          .Exclusively([&] {
                            EXPECT_EQ(++at_it, 1);
                            --at_it;
                            return absl::OkStatus();
                          })
                          .ok());
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(groups, kThreads * kItems);
  std::sort(written.begin(), written.end());
  ASSERT_EQ(written.size(), kThreads * kItems);
  for (int i = 0; i < kThreads * kItems; ++i) ASSERT_EQ(written[i], i);
}

TEST(GroupCommitTest, AWriteThatFailsOrRunsOutOfMemoryHoldsNobodyUp) {
  GroupCommit<int> writes;
  EXPECT_TRUE(absl::IsInternal(writes.Commit(
      1, [](const auto&) { return absl::InternalError("disk"); })));
  const absl::Status poor = writes.Commit(
      2, [](const auto&) -> absl::Status { throw std::bad_alloc(); });
  EXPECT_TRUE(absl::IsResourceExhausted(poor)) << poor;
  EXPECT_TRUE(absl::IsResourceExhausted(
      writes.Exclusively([]() -> absl::Status { throw std::bad_alloc(); })));
  EXPECT_TRUE(
      writes.Commit(3, [](const auto&) { return absl::OkStatus(); }).ok());
}

}  // namespace
}  // namespace gradmatch
