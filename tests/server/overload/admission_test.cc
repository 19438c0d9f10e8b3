#include "server/admission.h"

#include <map>
#include <random>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace gradmatch {
namespace {

using Kind = Admission::Kind;

const absl::Time kNow = absl::FromUnixSeconds(1'000);

// "" when it was let in; the permit goes to `held`.
std::string Enter(Admission& admission, const std::string& tenant,
                  std::vector<Admission::Permit>& held, int64_t bytes = 0,
                  Kind kind = Kind::kCall, absl::Time now = kNow) {
  Admission::Answer answer = admission.TryEnter(tenant, kind, bytes, now);
  if (!answer.permit.has_value()) {
    return std::string(QuotaLimitName(answer.refused_by));
  }
  held.push_back(*std::move(answer.permit));
  return "";
}

TEST(AdmissionTest, CountsCallsAndBytesAndGivesThemBack) {
  Admission admission({.max_in_flight = 10, .max_bytes = 100});
  std::vector<Admission::Permit> held;
  EXPECT_EQ(Enter(admission, "a", held, 60), "");
  EXPECT_EQ(Enter(admission, "b", held, 50), "bytes");
  EXPECT_EQ(Enter(admission, "b", held, 40), "");
  EXPECT_EQ(admission.in_flight(), 2);
  EXPECT_EQ(admission.bytes(), 100);
  held.clear();
  EXPECT_EQ(admission.in_flight(), 0);
  EXPECT_EQ(admission.bytes(), 0);
  // Alone, a call larger than the limit is let in, or it never would be.
  EXPECT_EQ(Enter(admission, "a", held, 1'000), "");
  EXPECT_EQ(Enter(admission, "b", held, 1), "bytes");
}

TEST(AdmissionTest, NoTenantHasMoreThanIsStillFree) {
  Admission admission({.max_in_flight = 12});
  std::vector<Admission::Permit> a, b, c;
  for (int i = 0; i < 6; ++i) EXPECT_EQ(Enter(admission, "a", a), "");
  EXPECT_EQ(Enter(admission, "a", a), "tenant_calls");
  // Two that press end at a third each.
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Enter(admission, "b", b), "");
  EXPECT_EQ(Enter(admission, "b", b), "tenant_calls");
  a.resize(4);
  EXPECT_EQ(Enter(admission, "b", b), "");
  EXPECT_EQ(Enter(admission, "a", a), "tenant_calls");
  EXPECT_EQ(Enter(admission, "b", b), "tenant_calls");
  // And there is room for who comes next.
  EXPECT_EQ(Enter(admission, "c", c), "");
}

TEST(AdmissionTest, ATenantsOwnLimitsAreNamed) {
  Admission admission({.max_in_flight = 100,
                       .max_bytes = 1'000,
                       .max_streams = 100,
                       .tenant_in_flight = 2,
                       .tenant_bytes = 10,
                       .tenant_streams = 1});
  std::vector<Admission::Permit> held, other;
  EXPECT_EQ(Enter(admission, "a", held, 6), "");
  EXPECT_EQ(Enter(admission, "a", held, 6), "tenant_bytes");
  EXPECT_EQ(Enter(admission, "a", held, 4), "");
  EXPECT_EQ(Enter(admission, "a", held, 0), "tenant_calls");
  // Streams are counted apart: a tenant with many still makes calls.
  EXPECT_EQ(Enter(admission, "a", held, 0, Kind::kStream), "");
  EXPECT_EQ(Enter(admission, "a", held, 0, Kind::kStream), "tenant_streams");
  EXPECT_EQ(Enter(admission, "b", other, 6), "");
  EXPECT_EQ(Enter(admission, "b", other, 0, Kind::kStream), "");
  EXPECT_EQ(admission.streams(), 2);
}

TEST(AdmissionTest, AllStreamsTogetherHaveAnEnd) {
  Admission admission({.max_streams = 1});
  std::vector<Admission::Permit> held;
  EXPECT_EQ(Enter(admission, "a", held, 0, Kind::kStream), "");
  EXPECT_EQ(Enter(admission, "b", held, 0, Kind::kStream), "streams");
}

TEST(AdmissionTest, RatesRefillAndSayWhen) {
  Admission admission({.tenant_rate = 10});
  std::vector<Admission::Permit> held;
  const auto enter = [&](const char* tenant, absl::Duration after,
                         Kind kind = Kind::kCall) {
    return Enter(admission, tenant, held, 0, kind, kNow + after);
  };
  for (int i = 0; i < 10; ++i) EXPECT_EQ(enter("a", absl::ZeroDuration()), "");
  EXPECT_EQ(enter("a", absl::ZeroDuration()), "tenant_rate");
  const Admission::Answer refused =
      admission.TryEnter("a", Kind::kCall, 0, kNow);
  EXPECT_EQ(refused.retry_after, absl::Milliseconds(100));
  EXPECT_EQ(enter("a", absl::ZeroDuration(), Kind::kStream), "");
  EXPECT_EQ(enter("b", absl::ZeroDuration()), "");
  EXPECT_EQ(enter("a", absl::Milliseconds(101)), "");
  EXPECT_EQ(enter("a", absl::Milliseconds(102)), "tenant_rate");
  // A long pause earns one second's worth.
  for (int i = 0; i < 10; ++i) EXPECT_EQ(enter("a", absl::Hours(1)), "");
  EXPECT_EQ(enter("a", absl::Hours(1)), "tenant_rate");
}

TEST(AdmissionTest, BusiestTenantsAreFewAndNoPeople) {
  Admission admission({.max_in_flight = 1'000});
  std::vector<Admission::Permit> held;
  for (int tenant = 1; tenant <= 5; ++tenant) {
    for (int call = 0; call < tenant; ++call) {
      Enter(admission, absl::StrCat("source/s", tenant), held);
    }
  }
  Enter(admission, "staff/s-1", held);
  using Busy = std::vector<std::pair<std::string, int64_t>>;
  EXPECT_EQ(admission.BusiestTenants(2),
            (Busy{{"source/s5", 5}, {"source/s4", 4}, {"(other)", 7}}));
}

// Against a model, with many tenants: the sums are right, the limits hold, and
// nothing is left at the end.
TEST(AdmissionTest, AgreesWithAModel) {
  for (const uint32_t seed : {1u, 2u, 3u}) {
    SCOPED_TRACE(absl::StrCat("seed=", seed));
    std::mt19937 random(seed);
    const Admission::Limits limits = {
        .max_in_flight = 30, .max_bytes = 300, .tenant_in_flight = 12};
    Admission admission(limits);
    struct Held {
      Admission::Permit permit;
      std::string tenant;
      int64_t bytes;
    };
    std::vector<Held> held;
    for (int step = 0; step < 20'000; ++step) {
      if (random() % 2 == 0 && !held.empty()) {
        std::swap(held[random() % held.size()], held.back());
        held.pop_back();
      } else {
        const std::string tenant = absl::StrCat("t", random() % 6);
        const int64_t bytes = random() % 40;
        int64_t calls = 0, total_bytes = 0;
        for (const Held& one : held) {
          calls += one.tenant == tenant;
          total_bytes += one.bytes;
        }
        const int64_t free = limits.max_in_flight - int64_t(held.size());
        auto answer = admission.TryEnter(tenant, Kind::kCall, bytes, kNow);
        if (answer.permit.has_value()) {
          EXPECT_LT(calls, std::min(limits.tenant_in_flight, free));
          EXPECT_TRUE(held.empty() || total_bytes + bytes <= limits.max_bytes);
          held.push_back({*std::move(answer.permit), tenant, bytes});
        } else {
          EXPECT_TRUE(calls >= std::min(limits.tenant_in_flight, free) ||
                      total_bytes + bytes > limits.max_bytes ||
                      answer.refused_by == QuotaLimit::kTenantBytes);
        }
      }
      ASSERT_EQ(admission.in_flight(), int64_t(held.size()));
    }
    held.clear();
    EXPECT_EQ(admission.in_flight(), 0);
    EXPECT_EQ(admission.bytes(), 0);
    EXPECT_EQ(admission.BusiestTenants(9).size(), 1u);  // "(other)" alone
  }
}

TEST(AdmissionTest, ThreadsMayShareIt) {
  Admission admission({.max_in_flight = 8});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&admission, t] {
      for (int i = 0; i < 2'000; ++i) {
        std::vector<Admission::Permit> held;
        Enter(admission, absl::StrCat(t % 2), held, 10);
        EXPECT_LE(admission.in_flight(), 8);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(admission.in_flight(), 0);
}

}  // namespace
}  // namespace gradmatch
