#include "index/request_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "index/content_hash.h"
#include "index/keys.h"
#include "tests/fakes/faulty_store.h"
#include "tests/fakes/in_memory_store.h"

namespace gradmatch {
namespace {

const RequestIdentity kRequest = {"sources/hb", "PostingService.Create", "r1"};

class RequestLogTest : public testing::Test {
 protected:
  void Keep(const RequestIdentity& id, uint64_t body, std::string response) {
    WriteBatch batch;
    log_.AddTo(batch, id, body, response);
    ASSERT_TRUE(store_.Write(batch, Durability::kSynced).ok());
  }
  RequestLookup Lookup(const RequestIdentity& id, uint64_t body) {
    auto lookup = log_.Lookup(id, body);
    EXPECT_TRUE(lookup.ok()) << lookup.status();
    return *std::move(lookup);
  }
  size_t Entries() {
    size_t count = 0;
    const auto cursor = store_.Scan(Family::kRequest, {});
    for (; cursor->Valid(); cursor->Next()) ++count;
    return count;
  }

  InMemoryStore store_;
  ManualClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  RequestLog log_{store_, clock_};
};

TEST_F(RequestLogTest, ARepeatGetsTheSameAnswer) {
  EXPECT_EQ(Lookup(kRequest, 1).outcome, RequestOutcome::kNew);
  Keep(kRequest, 1, "answer");
  const RequestLookup again = Lookup(kRequest, 1);
  EXPECT_EQ(again.outcome, RequestOutcome::kSame);
  EXPECT_EQ(again.response, "answer");
}

TEST_F(RequestLogTest, AnEmptyAnswerIsAnAnswer) {
  Keep(kRequest, 0, "");
  EXPECT_EQ(Lookup(kRequest, 0).outcome, RequestOutcome::kSame);
}

TEST_F(RequestLogTest, AnotherBodyIsAConflict) {
  Keep(kRequest, 1, "answer");
  const RequestLookup other = Lookup(kRequest, 2);
  EXPECT_EQ(other.outcome, RequestOutcome::kConflict);
  EXPECT_EQ(other.response, "");
}

TEST_F(RequestLogTest, CallersMethodsAndIdsAreApart) {
  Keep(kRequest, 1, "answer");
  for (const RequestIdentity& other :
       {RequestIdentity{"sources/bj", kRequest.method, "r1"},
        RequestIdentity{kRequest.scope, "PostingService.Delete", "r1"},
        RequestIdentity{kRequest.scope, kRequest.method, "r2"}}) {
    EXPECT_EQ(Lookup(other, 1).outcome, RequestOutcome::kNew);
  }
}

TEST_F(RequestLogTest, AnswersAreForgottenAfterSevenDays) {
  Keep(kRequest, 1, "answer");
  clock_.Advance(RequestLog::kLifetime - absl::Microseconds(1));
  EXPECT_EQ(Lookup(kRequest, 1).outcome, RequestOutcome::kSame);
  clock_.Advance(absl::Microseconds(1));
  EXPECT_EQ(Lookup(kRequest, 1).outcome, RequestOutcome::kNew);
  EXPECT_EQ(Lookup(kRequest, 2).outcome, RequestOutcome::kNew);
}

TEST_F(RequestLogTest, AClockThatGoesBackForgetsNothing) {
  Keep(kRequest, 1, "answer");
  clock_.Advance(-absl::Hours(24 * 30));
  EXPECT_EQ(Lookup(kRequest, 1).outcome, RequestOutcome::kSame);
}

TEST_F(RequestLogTest, PurgeRemovesTheExpiredOnly) {
  for (int i = 0; i < 2500; ++i) {
    Keep({"s", "M", absl::StrCat("old", i)}, 1, "x");
  }
  clock_.Advance(absl::Hours(24));
  Keep(kRequest, 1, "answer");
  EXPECT_EQ(*log_.PurgeExpired(), 0);
  clock_.Advance(absl::Hours(24 * 6));
  EXPECT_EQ(*log_.PurgeExpired(), 2500);
  EXPECT_EQ(Entries(), 1);
  EXPECT_EQ(Lookup(kRequest, 1).outcome, RequestOutcome::kSame);
}

TEST_F(RequestLogTest, PurgeLeavesARequestThatRunsAlone) {
  Keep(kRequest, 1, "answer");
  clock_.Advance(RequestLog::kLifetime);
  auto claim = log_.TryClaim(kRequest);
  ASSERT_NE(claim, nullptr);
  EXPECT_EQ(*log_.PurgeExpired(), 0);
  claim.reset();
  EXPECT_EQ(*log_.PurgeExpired(), 1);
}

TEST_F(RequestLogTest, DamagedEntryIsDataLossUntilPurged) {
  WriteBatch batch;
  batch.Put(Family::kRequest,
            RequestKey(kRequest.method, kRequest.scope, kRequest.request_id),
            "\xff\xff");
  ASSERT_TRUE(store_.Write(batch, Durability::kSynced).ok());
  EXPECT_TRUE(absl::IsDataLoss(log_.Lookup(kRequest, 1).status()));
  EXPECT_EQ(*log_.PurgeExpired(), 1);
  EXPECT_EQ(Lookup(kRequest, 1).outcome, RequestOutcome::kNew);
}

TEST_F(RequestLogTest, AFailedPurgeSaysSo) {
  Keep(kRequest, 1, "answer");
  clock_.Advance(RequestLog::kLifetime);
  FaultyStore faulty(store_, 1);
  RequestLog log(faulty, clock_);
  EXPECT_FALSE(log.PurgeExpired().ok());
  EXPECT_EQ(Entries(), 1);
}

TEST_F(RequestLogTest, TheSameRequestRunsOnceAtATime) {
  auto first = log_.TryClaim(kRequest);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(log_.TryClaim(kRequest), nullptr);
  EXPECT_NE(log_.TryClaim({"other", kRequest.method, "r1"}), nullptr);
  first.reset();
  EXPECT_NE(log_.TryClaim(kRequest), nullptr);
}

// Eight threads send each request; each is done once and answered alike.
TEST_F(RequestLogTest, RacingRepeatsAreDoneOnce) {
  constexpr int kRequests = 200;
  std::atomic<int> done = 0;
  const auto send = [&] {
    for (int i = 0; i < kRequests; ++i) {
      const RequestIdentity id = {"s", "M", absl::StrCat(i)};
      for (bool answered = false; !answered;) {
        const auto claim = log_.TryClaim(id);
        if (claim == nullptr) continue;
        const RequestLookup seen = Lookup(id, i);
        answered = true;
        if (seen.outcome == RequestOutcome::kSame) {
          EXPECT_EQ(seen.response, absl::StrCat("answer ", i));
          continue;
        }
        ++done;
        Keep(id, i, absl::StrCat("answer ", i));
      }
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back(send);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, kRequests);
}

}  // namespace
}  // namespace gradmatch
