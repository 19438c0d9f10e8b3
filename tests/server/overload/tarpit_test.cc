#include "server/tarpit.h"

#include <atomic>
#include <thread>

#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace gradmatch {
namespace {

const absl::Time kFar = absl::InfiniteFuture();

bool Becomes(const std::atomic<int>& ended, int wanted) {
  for (int tries = 0; tries < 20'000 && ended != wanted; ++tries) {
    absl::SleepFor(absl::Milliseconds(1));
  }
  return ended == wanted;
}

TEST(TarpitTest, OnlyAFloodIsHeldAndEachEndsOnceAfterTheDelay) {
  const absl::Duration delay = absl::Milliseconds(100);
  Tarpit tarpit({.delay = delay, .free_per_second = 3});
  std::atomic<int> ended{0}, early{0};
  int held = 0;
  for (int i = 0; i < 50; ++i) {
    const absl::Time begin = absl::Now();
    held += tarpit.Hold(kFar, 10, [&, begin] {
      early += absl::Now() - begin < delay;
      ++ended;
    });
  }
  EXPECT_EQ(held, 47);
  EXPECT_TRUE(Becomes(ended, 47)) << ended;
  EXPECT_EQ(early, 0);
  EXPECT_EQ(tarpit.held(), 0);
}

TEST(TarpitTest, WhatCannotOrMayNotWaitIsNotHeld) {
  Tarpit tarpit({.delay = absl::Hours(1),
                 .free_per_second = 0,
                 .max_held = 2,
                 .max_bytes = 100});
  std::atomic<int> ended{0};
  const auto end = [&ended] { ++ended; };
  EXPECT_FALSE(tarpit.Hold(kFar, 101, end)) << "too large to be kept";
  EXPECT_FALSE(tarpit.Hold(absl::Now() + absl::Milliseconds(5), 1, end))
      << "its caller is about to give up";
  EXPECT_TRUE(tarpit.Hold(kFar, 100, end));
  // Ended before its deadline, in front of the one that came first.
  EXPECT_TRUE(tarpit.Hold(absl::Now() + absl::Milliseconds(60), 1, end));
  EXPECT_FALSE(tarpit.Hold(kFar, 1, end)) << "full";
  EXPECT_TRUE(Becomes(ended, 1)) << ended;
  EXPECT_EQ(tarpit.held(), 1);
  Tarpit none({.delay = absl::ZeroDuration(), .free_per_second = 0});
  EXPECT_FALSE(none.Hold(kFar, 1, end));
}

TEST(TarpitTest, OpeningEndsAllAtOnceAlsoWhileOthersCome) {
  Tarpit tarpit({.delay = absl::Hours(1), .free_per_second = 0});
  std::atomic<int> ended{0}, held{0};
  std::thread others([&] {
    for (int i = 0; i < 1'000; ++i) {
      held += tarpit.Hold(kFar, 1, [&ended] { ++ended; });
    }
  });
  while (held < 10) std::this_thread::yield();
  tarpit.Open();
  others.join();
  EXPECT_EQ(ended, held);
  EXPECT_FALSE(tarpit.Hold(kFar, 1, [] { FAIL(); }));
  tarpit.Open();
}

}  // namespace
}  // namespace gradmatch
