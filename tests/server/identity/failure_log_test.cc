#include "server/identity/failure_log.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace gradmatch {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'700'000'000);

TEST(FailureSamplerTest, KeepsTheFirstOfAnHourAndCountsTheRest) {
  FailureSampler sampler;
  int kept = 0;
  for (int i = 0; i < 1'000; ++i) {
    const auto decision =
        sampler.Add("TOKEN_INVALID", kStart + absl::Seconds(i));
    EXPECT_EQ(decision.left_out, 0);
    kept += decision.keep ? 1 : 0;
  }
  EXPECT_EQ(kept, FailureSampler::kEach);
  EXPECT_TRUE(sampler.Add("TOKEN_EXPIRED", kStart).keep) << "of its own";
  const auto next = sampler.Add("TOKEN_INVALID", kStart + absl::Hours(1));
  EXPECT_TRUE(next.keep);
  EXPECT_EQ(next.left_out, 1'000 - FailureSampler::kEach);
  EXPECT_EQ(sampler.Add("TOKEN_INVALID", kStart + absl::Hours(2)).left_out, 0);
}

// A year of knocking, a hundred times an hour, is a few entries a day.
TEST(FailureSamplerTest, AYearOfFailuresStaysSmall) {
  FailureSampler sampler;
  int64_t entries = 0;
  for (int hour = 0; hour < 24 * 365; ++hour) {
    for (int i = 0; i < 100; ++i) {
      const auto d = sampler.Add("TOKEN_INVALID",
                                 kStart + absl::Hours(hour) + absl::Seconds(i));
      entries += (d.keep ? 1 : 0) + (d.left_out > 0 ? 1 : 0);
    }
  }
  EXPECT_LE(entries, 24 * 365 * (FailureSampler::kEach + 1));
}

TEST(FailureSamplerTest, AClockSetBackBeginsAnew) {
  FailureSampler sampler;
  for (int i = 0; i < 100; ++i) sampler.Add("X", kStart);
  EXPECT_TRUE(sampler.Add("X", kStart - absl::Hours(5)).keep);
}

TEST(FailureBudgetTest, CountsByAddressAndMinute) {
  FailureBudget budget(3);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(budget.Take("a", kStart));
  EXPECT_FALSE(budget.Take("a", kStart + absl::Seconds(59)));
  EXPECT_TRUE(budget.Take("b", kStart)) << "another address";
  EXPECT_TRUE(budget.Take("a", kStart + absl::Minutes(1)));
}

TEST(FailureBudgetTest, ZeroIsAnyNumber) {
  FailureBudget budget(0);
  for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(budget.Take("a", kStart));
}

TEST(FailureBudgetTest, ManyAddressesShareWhatIsLeft) {
  FailureBudget budget(1);
  int taken = 0;
  for (size_t i = 0; i < 10 * FailureBudget::kMostPeers; ++i) {
    taken += budget.Take(absl::StrCat("peer-", i), kStart) ? 1 : 0;
  }
  EXPECT_EQ(taken, static_cast<int>(FailureBudget::kMostPeers) + 1);
}

TEST(AddressOfPeerTest, LeavesOutThePort) {
  EXPECT_EQ(AddressOfPeer("ipv4:10.0.0.1:4711"), "ipv4:10.0.0.1");
  EXPECT_EQ(AddressOfPeer("ipv6:%5B::1%5D:4711"), "ipv6:%5B::1%5D");
  EXPECT_EQ(AddressOfPeer("inproc"), "inproc");
  EXPECT_EQ(AddressOfPeer(""), "");
}

}  // namespace
}  // namespace gradmatch
