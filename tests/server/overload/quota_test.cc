#include "server/quota.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "server/peer_watch.h"
#include "server/rpc_status.h"

namespace gradmatch {
namespace {

template <typename Detail>
Detail DetailOf(const absl::Status& status) {
  Detail detail;
  const auto payload = status.GetPayload(
      absl::StrCat("type.googleapis.com/", Detail::descriptor()->full_name()));
  EXPECT_TRUE(payload.has_value()) << status;
  if (payload.has_value()) {
    EXPECT_TRUE(detail.ParseFromString(std::string(*payload)));
  }
  return detail;
}

TEST(QuotaErrorTest, EveryLimitIsNamedShortAndSaysWhen) {
  std::set<std::string> names;
  for (int i = 0; i < kQuotaLimits; ++i) {
    const auto limit = static_cast<QuotaLimit>(i);
    const std::string name(QuotaLimitName(limit));
    SCOPED_TRACE(name);
    EXPECT_TRUE(names.insert(name).second);
    const absl::Status error = QuotaError(limit);
    EXPECT_EQ(error.code(), absl::StatusCode::kResourceExhausted);
    EXPECT_EQ(ReasonOf(error), kQuotaExceeded);
    const auto failure = DetailOf<google::rpc::QuotaFailure>(error);
    ASSERT_EQ(failure.violations_size(), 1);
    EXPECT_EQ(failure.violations(0).description(), name);
    EXPECT_EQ(failure.violations(0).subject(),
              name.starts_with("tenant") || name.starts_with("peer")
                  ? "tenant"
                  : "server");
    EXPECT_GE(RetryPushbackMillis(error), 200);
    // Trailers count against the peer's 8 KiB; the message goes twice, once at
    // three bytes a byte.
    const grpc::Status wire = ToGrpcStatus(error);
    EXPECT_LT(wire.error_details().size() + 3 * wire.error_message().size(),
              2'048u);
  }
}

TEST(QuotaErrorTest, TimesAreGivenAndSpread) {
  const absl::Status exact =
      QuotaError(QuotaLimit::kTenantRate, absl::Milliseconds(1'234));
  EXPECT_EQ(RetryPushbackMillis(exact), 1'234);
  std::set<int64_t> tens;
  for (int i = 0; i < 100; ++i) {
    const int64_t millis = RetryPushbackMillis(QuotaError(QuotaLimit::kCalls));
    EXPECT_GE(millis, 200);
    EXPECT_LE(millis, 400);
    tens.insert(millis / 10);
  }
  EXPECT_GE(tens.size(), 19u);  // of 20: nobody comes back together
}

TEST(QuotaErrorTest, OtherErrorsAreNotPushedBack) {
  EXPECT_EQ(RetryPushbackMillis(absl::OkStatus()), -1);
  // A budget of the day says "tomorrow": no client library is to sit and wait.
  EXPECT_EQ(RetryPushbackMillis(Overloaded(kBudgetUsedUp, "x", 3'600'000)), -1);
}

TEST(QuotaTenantTest, SharesAreOfInstitutionsAndRoles) {
  Caller caller;
  caller.role = CallerRole::kSource;
  caller.tenant = "hubei";
  EXPECT_EQ(QuotaTenant(caller), "source/hubei");
  EXPECT_TRUE(MayNameTenant(QuotaTenant(caller)));
  caller.role = CallerRole::kStaff;
  EXPECT_EQ(QuotaTenant(caller), "staff/hubei");
  EXPECT_FALSE(MayNameTenant(QuotaTenant(caller)));
  EXPECT_EQ(QuotaTenant(LocalCaller()), "platform");
}

TEST(PeerWatchTest, WhoCancelsTooMuchIsRefusedForAWhile) {
  PeerWatch watch(
      {.max_cancels = 3, .window = absl::Seconds(10), .ban = absl::Seconds(5)});
  const absl::Time now = absl::FromUnixSeconds(1'000);
  const auto cancel = [&](const char* peer, absl::Duration at, int times) {
    for (int i = 0; i < times; ++i) watch.Cancelled(peer, now + at);
  };
  cancel("ipv4:10.0.0.1:1", absl::ZeroDuration(), 3);
  EXPECT_EQ(watch.Banned("ipv4:10.0.0.1:1", now), absl::ZeroDuration());
  // The window is over: it counts anew.
  cancel("ipv4:10.0.0.1:1", absl::Seconds(11), 3);
  EXPECT_EQ(watch.Banned("ipv4:10.0.0.1:1", now + absl::Seconds(11)),
            absl::ZeroDuration());
  cancel("ipv4:10.0.0.1:1", absl::Seconds(12), 1);
  EXPECT_EQ(watch.Banned("ipv4:10.0.0.1:1", now + absl::Seconds(13)),
            absl::Seconds(4));
  EXPECT_EQ(watch.Banned("ipv4:10.0.0.1:2", now + absl::Seconds(13)),
            absl::ZeroDuration());
  EXPECT_EQ(watch.Banned("ipv4:10.0.0.1:1", now + absl::Seconds(17)),
            absl::ZeroDuration());
  EXPECT_EQ(watch.bans(), 1);
  // This process's own HTTP gateway calls for everybody.
  cancel("inproc", absl::ZeroDuration(), 100);
  EXPECT_EQ(watch.Banned("inproc", now), absl::ZeroDuration());
}

TEST(PeerWatchTest, RemembersNoMoreThanItMay) {
  PeerWatch watch({.max_cancels = 0, .max_peers = 10});
  absl::Time now = absl::FromUnixSeconds(1'000);
  for (int i = 0; i < 100; ++i) {
    watch.Cancelled(absl::StrCat("ipv4:10.0.0.1:", i),
                    now += absl::Milliseconds(1));
  }
  int banned = 0;
  for (int i = 0; i < 100; ++i) {
    banned += watch.Banned(absl::StrCat("ipv4:10.0.0.1:", i), now) >
              absl::ZeroDuration();
  }
  EXPECT_EQ(banned, 10);
  EXPECT_GT(watch.Banned("ipv4:10.0.0.1:99", now), absl::ZeroDuration());
}

}  // namespace
}  // namespace gradmatch
