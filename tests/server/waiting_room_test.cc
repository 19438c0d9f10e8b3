#include "server/waiting_room.h"

#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace gradmatch {
namespace {

TEST(WaitingRoomTest, CallsOnceForWhateverComesFirst) {
  WaitingRoom room;
  std::atomic<int> a{0};
  std::atomic<int> b{0};
  room.Enter("a", absl::InfiniteDuration(), [&] { ++a; });
  const uint64_t ticket =
      room.Enter("b", absl::InfiniteDuration(), [&] { ++b; });
  room.WakeAll("other");
  EXPECT_EQ(a, 0);
  room.WakeAll("a");
  EXPECT_EQ(a, 1);
  EXPECT_EQ(b, 0);
  room.WakeAll("a");
  room.Leave(ticket);
  room.Leave(ticket);
  room.WakeAll("b");
  EXPECT_EQ(a, 1);
  EXPECT_EQ(b, 1);
}

TEST(WaitingRoomTest, TimeIsOver) {
  WaitingRoom room;
  std::promise<void> over;
  room.Enter("a", absl::Hours(1), [] {});
  room.Enter("a", absl::Milliseconds(1), [&] { over.set_value(); });
  over.get_future().wait();  // the test's own time-out is the bound
}

TEST(WaitingRoomTest, ClosingCallsEverybodyAndLaterOnesAtOnce) {
  WaitingRoom room;
  int called = 0;
  room.Enter("a", absl::InfiniteDuration(), [&] { ++called; });
  room.Close();
  EXPECT_EQ(called, 1);
  room.Enter("a", absl::InfiniteDuration(), [&] { ++called; });
  EXPECT_EQ(called, 2);
}

TEST(WaitingRoomTest, EveryGuestIsCalledOnceUnderContention) {
  std::atomic<int> called{0};
  {
    WaitingRoom room;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 200; ++i) {
          const uint64_t ticket = room.Enter(
              i % 2 == 0 ? "even" : "odd",
              i % 5 == 0 ? absl::ZeroDuration() : absl::InfiniteDuration(),
              [&] { ++called; });
          if (t == 0) room.WakeAll("even");
          if (t == 1 && i % 3 == 0) room.Leave(ticket);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(called, 800);
}

}  // namespace
}  // namespace gradmatch
