#include "index/vault/audit_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/keys.h"
#include "index/rocksdb_store.h"
#include "index/vault/audit_store.h"
#include "tests/fakes/faulty_store.h"
#include "tests/fakes/in_memory_store.h"
#include "tests/fakes/temp_folder.h"

namespace gradmatch {
namespace {

AuditEvent Event(int n) {
  return {.principal = "local",
          .role = "operator",
          .method = n % 2 == 0 ? "A.Even" : "A.Odd",
          .resource = absl::StrCat("things/", n % 3),
          .purpose = absl::StrCat("第 ", n, " 次"),
          .result = "ALLOWED"};
}

class AuditLogTest : public testing::Test {
 protected:
  void Open(Store& store) {
    auto log = AuditLog::Open(store, clock_);
    ASSERT_TRUE(log.ok()) << log.status();
    log_ = *std::move(log);
  }
  void AppendSome(int count) {
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(log_->Append(Event(i)).ok());
      clock_.Advance(absl::Microseconds(7));
    }
  }
  AuditReport Verify(const std::optional<AuditAnchor>& anchor = {}) {
    auto report = VerifyAudit(store_, anchor);
    EXPECT_TRUE(report.ok()) << report.status();
    return *report;
  }

  ManualClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  InMemoryStore store_;
  std::unique_ptr<AuditLog> log_;
};

TEST_F(AuditLogTest, AChainGoesOnAfterAReopenAndAClockSetBack) {
  Open(store_);
  AppendSome(3);
  clock_.Advance(-absl::Hours(24));
  Open(store_);
  AppendSome(3);
  const AuditReport report = Verify();
  EXPECT_EQ(report.broken, AuditBreak::kNone)
      << AuditBreakText(report.broken) << " " << report.break_sequence;
  EXPECT_EQ(report.entries, 6);
  EXPECT_EQ(report.head.sequence, 6);
  EXPECT_EQ(report.head.hash, log_->head().hash);
}

TEST_F(AuditLogTest, ListsNewestFirstByPageAndFilter) {
  Open(store_);
  AppendSome(10);
  std::vector<int64_t> all;
  AuditQuery query{.limit = 3};
  do {
    auto page = ListAudit(store_, query);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const auto& entry : page->entries) all.push_back(entry.sequence());
    query.before = page->next_before;
  } while (!query.before.empty());
  EXPECT_THAT(all, testing::ElementsAre(10, 9, 8, 7, 6, 5, 4, 3, 2, 1));

  auto odd = ListAudit(store_, {.method = "A.Odd", .resource = "things/1"});
  ASSERT_TRUE(odd.ok());
  ASSERT_EQ(odd->entries.size(), 2);  // 1 and 7
  EXPECT_EQ(odd->entries[0].sequence(), 8);
  EXPECT_EQ(odd->entries[0].purpose(), "第 7 次");

  // A page ends when it has looked at enough, with a way on.
  auto few = ListAudit(store_, {.method = "nothing", .most_looked_at = 4});
  ASSERT_TRUE(few.ok());
  EXPECT_TRUE(few->entries.empty());
  EXPECT_FALSE(few->next_before.empty());
}

TEST_F(AuditLogTest, ASearchEndsWhenNobodyWaitsForIt) {
  Open(store_);
  AppendSome(1'000);
  int asked = 0;
  AuditQuery query{.method = "nothing"};
  query.stop = [&asked] {
    return ++asked < 2 ? absl::OkStatus() : absl::CancelledError("gone");
  };
  EXPECT_TRUE(absl::IsCancelled(ListAudit(store_, query).status()));
  EXPECT_EQ(asked, 2);  // of three times for a thousand entries
}

TEST_F(AuditLogTest, WhatCannotBeWrittenIsRefusedAndTheChainStaysWhole) {
  for (const auto failure :
       {FaultyStore::Failure::kNothingKept, FaultyStore::Failure::kBatchKept}) {
    InMemoryStore disk;
    FaultyStore faulty(disk, 3, failure);
    Open(faulty);
    EXPECT_TRUE(log_->Append(Event(0)).ok());
    EXPECT_TRUE(log_->Append(Event(1)).ok());
    const absl::Status refused = log_->Append(Event(2));
    EXPECT_TRUE(absl::IsUnavailable(refused)) << refused;
    EXPECT_EQ(ReasonOf(refused), kAuditUnavailable);
    // The disk works again: the log goes on behind what is there.
    Open(disk);
    EXPECT_TRUE(log_->Append(Event(3)).ok());
    auto report = VerifyAudit(disk);
    ASSERT_TRUE(report.ok());
    EXPECT_EQ(report->broken, AuditBreak::kNone);
    EXPECT_EQ(report->entries,
              failure == FaultyStore::Failure::kBatchKept ? 4 : 3);
  }
}

// A store whose writes fail once and reach the disk nevertheless.
class LostAcknowledgement : public FaultyStore {
 public:
  explicit LostAcknowledgement(Store& base)
      : FaultyStore(base, 0), base_(base) {}
  absl::Status Write(const WriteBatch& batch, Durability d) override {
    const absl::Status status = base_.Write(batch, d);
    return lose.exchange(false) ? absl::InternalError("lost") : status;
  }
  std::atomic<bool> lose{false};

 private:
  Store& base_;
};

TEST_F(AuditLogTest, ALostAcknowledgementDoesNotForkTheChain) {
  LostAcknowledgement store(store_);
  Open(store);
  EXPECT_TRUE(log_->Append(Event(0)).ok());
  store.lose = true;
  EXPECT_FALSE(log_->Append(Event(1)).ok());
  EXPECT_TRUE(log_->Append(Event(2)).ok());
  const AuditReport report = Verify();
  EXPECT_EQ(report.broken, AuditBreak::kNone);
  EXPECT_EQ(report.entries, 3);
}

TEST_F(AuditLogTest, ManyCallsShareOneWrite) {
  const TempFolder folder;
  auto disk = RocksdbStore::Open({.folder = folder.path(), .clock = &clock_});
  ASSERT_TRUE(disk.ok()) << disk.status();
  FaultyStore counting(**disk, 0);
  Open(counting);
  constexpr int kThreads = 16;
  constexpr int kEach = 50;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        EXPECT_TRUE(log_->Append(Event(t * kEach + i)).ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  auto report = VerifyAudit(**disk);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->broken, AuditBreak::kNone);
  EXPECT_EQ(report->entries, kThreads * kEach);
  EXPECT_LT(counting.writes(), kThreads * kEach);
  // Every event once.
  auto page = ListAudit(**disk, {.limit = 10'000});
  ASSERT_TRUE(page.ok());
  std::set<std::string> purposes;
  for (const auto& entry : page->entries) purposes.insert(entry.purpose());
  EXPECT_EQ(purposes.size(), kThreads * kEach);
}

// --- Tampering ---

// All entries by key, to be put back changed.
std::map<std::string, std::string> Entries(const Store& store) {
  std::map<std::string, std::string> entries;
  for (auto cursor = store.Scan(Family::kAudit, {}); cursor->Valid();
       cursor->Next()) {
    entries.emplace(cursor->key(), cursor->value());
  }
  return entries;
}

class TamperTest : public AuditLogTest {
 protected:
  static constexpr int kEntries = 40;

  void SetUp() override {
    Open(store_);
    AppendSome(kEntries);
    whole_ = Entries(store_);
    ASSERT_EQ(Verify().broken, AuditBreak::kNone);
    for (const auto& [key, value] : whole_) keys_.push_back(key);
  }
  void Put(const std::string& key, const std::optional<std::string>& value) {
    WriteBatch batch;
    if (value) {
      batch.Put(Family::kAudit, key, *value);
    } else {
      batch.Delete(Family::kAudit, key);
    }
    ASSERT_TRUE(store_.Write(batch, Durability::kSynced).ok());
  }
  void Restore() {
    WriteBatch batch;
    for (const auto& [key, value] : Entries(store_)) {
      batch.Delete(Family::kAudit, key);
    }
    for (const auto& [key, value] : whole_) {
      batch.Put(Family::kAudit, key, value);
    }
    ASSERT_TRUE(store_.Write(batch, Durability::kSynced).ok());
  }

  std::map<std::string, std::string> whole_;
  std::vector<std::string> keys_;
};

// 10,000 random acts, each of which must be found.
TEST_F(TamperTest, EveryActIsFound) {
  const uint32_t seed = 20'261'125;
  SCOPED_TRACE(absl::StrCat("seed=", seed));
  std::mt19937 rng(seed);
  const auto pick = [&](size_t n) { return static_cast<size_t>(rng() % n); };
  std::map<int, int> acts;
  for (int trial = 0; trial < 10'000; ++trial) {
    const size_t at = pick(kEntries);
    const int act = static_cast<int>(pick(4));
    ++acts[act];
    bool changed = true;
    if (act == 0) {  // delete
      Put(keys_[at], std::nullopt);
    } else if (act == 1) {  // alter one bit
      std::string value = whole_[keys_[at]];
      value[pick(value.size())] ^= static_cast<char>(1 << pick(8));
      v1::AuditEntry before, after;
      before.ParseFromString(whole_[keys_[at]]);
      // A bit that the message does not show is no change of the entry.
      changed = !after.ParseFromString(value) ||
                after.SerializeAsString() != before.SerializeAsString();
      Put(keys_[at], value);
    } else if (act == 2) {  // swap two
      const size_t other = (at + 1 + pick(kEntries - 1)) % kEntries;
      Put(keys_[at], whole_[keys_[other]]);
      Put(keys_[other], whole_[keys_[at]]);
    } else {  // cut the tail
      for (size_t i = at; i < keys_.size(); ++i) Put(keys_[i], std::nullopt);
    }
    const AuditReport report = Verify();
    if (changed) {
      ASSERT_NE(report.broken, AuditBreak::kNone)
          << "act " << act << " at " << at << " trial " << trial;
      ASSERT_LE(report.entries, static_cast<int64_t>(kEntries) - 1);
    }
    Restore();
  }
  EXPECT_EQ(acts.size(), 4);
}

TEST_F(TamperTest, TheFirstBreakIsNamed) {
  Put(keys_[10], std::nullopt);
  EXPECT_EQ(Verify().broken, AuditBreak::kMissing);
  EXPECT_EQ(Verify().break_sequence, 12);
  Restore();
  Put(keys_[kEntries - 1], std::nullopt);
  EXPECT_EQ(Verify().broken, AuditBreak::kTailCut);
  EXPECT_EQ(Verify().break_sequence, kEntries);
  // Whoever lists is told too.
  EXPECT_TRUE(absl::IsDataLoss(ListAudit(store_, {}).status()));
}

TEST_F(TamperTest, AChainWrittenAnewIsFoundByAnAnchorKeptElsewhere) {
  const AuditAnchor anchor = Verify().head;
  // Somebody who may write the store makes a chain of his own, head and all.
  WriteBatch batch;
  for (const std::string& key : keys_) batch.Delete(Family::kAudit, key);
  batch.Delete(Family::kMeta, AuditHeadKey());
  ASSERT_TRUE(store_.Write(batch, Durability::kSynced).ok());
  Open(store_);
  AppendSome(kEntries + 5);
  EXPECT_EQ(Verify().broken, AuditBreak::kNone);
  EXPECT_EQ(Verify(anchor).broken, AuditBreak::kOtherChain);
  EXPECT_EQ(Verify(anchor).break_sequence, kEntries);
}

TEST(PersonInAuditTest, NamesNobody) {
  // Entries outlive binaries: who was named so stays named so.
  EXPECT_EQ(PersonInAudit(std::string("\x00\x01\xff", 3)),
            "pseudonyms/d39ac32f9779f8ee813a1e48bcc5baa5");
}

// What is cut off is told of by the chain, so the rest can be verified; what is
// taken off in another way is found.
TEST_F(AuditLogTest, ACutChainCanStillBeVerified) {
  Open(store_);
  AppendSome(50);
  const AuditAnchor before = log_->head();
  const absl::Time limit = clock_.Now() - absl::Microseconds(7 * 20);
  auto cut = log_->Cut(limit, 12, "server", "operator", "保留期 180 天");
  ASSERT_TRUE(cut.ok()) << cut.status();
  EXPECT_EQ(*cut, 12);
  EXPECT_EQ(Verify().entries, 50 - 12 + 1);
  int64_t all = *cut;
  while ((cut = log_->Cut(limit, 12, "server", "operator", "")).ok() &&
         *cut > 0) {
    all += *cut;
    const AuditReport report = Verify(before);
    EXPECT_EQ(report.broken, AuditBreak::kNone)
        << AuditBreakText(report.broken) << " " << report.break_sequence;
  }
  ASSERT_TRUE(cut.ok()) << cut.status();
  EXPECT_EQ(all, 30);
  AppendSome(3);
  Open(store_);
  EXPECT_EQ(Verify().broken, AuditBreak::kNone);

  // One more, by somebody else.
  const auto first = store_.Scan(Family::kAudit, {});
  WriteBatch batch;
  batch.Delete(Family::kAudit, std::string(first->key()));
  ASSERT_TRUE(store_.Write(batch, Durability::kSynced).ok());
  EXPECT_EQ(Verify().broken, AuditBreak::kMissing);
}

TEST_F(AuditLogTest, TheNewestEntryIsNeverCutOff) {
  Open(store_);
  AppendSome(5);
  const auto cut =
      log_->Cut(clock_.Now() + absl::Hours(1), 100, "server", "operator", "");
  ASSERT_TRUE(cut.ok()) << cut.status();
  EXPECT_EQ(*cut, 4);
  EXPECT_EQ(Verify().broken, AuditBreak::kNone);
}

// Cut short between telling and cutting, and between any two writes.
TEST_F(AuditLogTest, ACutThatFailsLeavesAWholeChain) {
  for (int fail_at = 1; fail_at <= 6; ++fail_at) {
    for (const auto kept : {FaultyStore::Failure::kNothingKept,
                            FaultyStore::Failure::kBatchKept}) {
      InMemoryStore store;
      Open(store);
      AppendSome(40);
      FaultyStore faulty(store, fail_at, kept);
      Open(faulty);
      while (log_->Cut(clock_.Now(), 7, "server", "operator", "").value_or(0) >
             0) {
      }
      const auto report = VerifyAudit(store);
      ASSERT_TRUE(report.ok()) << report.status();
      EXPECT_EQ(report->broken, AuditBreak::kNone) << "fail_at=" << fail_at;
      EXPECT_GT(log_->failures() + faulty.failed(), 0);
    }
  }
}

}  // namespace
}  // namespace gradmatch
