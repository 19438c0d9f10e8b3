// What is removed when its time is over, against an oracle that says of every
// entry when it is made whether it has to be there afterwards; with failures at
// every write, as a kill would make them.

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gradmatch/v1/posting.pb.h"
#include "index/keys.h"
#include "index/vault/audit_store.h"
#include "matcher/ingest/proto_times.h"
#include "server/retention/retention_runner.h"
#include "tests/fakes/faulty_store.h"
#include "tests/fakes/in_memory_store.h"
#include "tests/index/catalog_fixture.h"

namespace gradmatch {
namespace {

using Keys = std::set<std::pair<Family, std::string>>;

constexpr RetentionDays kDays = {.raw_rows = 90,
                                 .tombstones = 60,
                                 .audit = 400,
                                 .ledger = 1'000,
                                 .push_items = 800,
                                 .feedback = 300,
                                 .quarantine = 180,
                                 .reports = 30};
const absl::Time kNow =
    absl::FromCivil(absl::CivilHour(2026, 3, 1, 12), ChinaTime());

// Nothing is searched here.
Loader NoRows() {
  return
      [](CollectionId, std::string_view, std::string_view,
         std::optional<Embedding>) -> absl::StatusOr<std::optional<LoadedRow>> {
        return std::nullopt;
      };
}

// Everything that one server has, over a store that may fail.
struct World {
  explicit World(Store& s, const RetentionDays& days = kDays,
                 bool count_only = false)
      : store(s), push_store(s), requests(s, clock) {
    auto opened = Catalog::Open(s, clock, TestOptions(), NoRows());
    EXPECT_TRUE(opened.ok()) << opened.status();
    catalog = *std::move(opened);
    audit = AuditLog::Open(s, clock).value();
    runner = std::make_unique<RetentionRunner>(
        RetentionOptions{.count_only = count_only, .share = 1}, clock, *audit,
        log,
        MakeRetentionJobs({.store = &s,
                           .catalog = catalog.get(),
                           .push_store = &push_store,
                           .audit = audit.get(),
                           .requests = &requests},
                          days));
  }
  void Walk() {
    runner->RunIfDue([] { return false; });
  }
  RetentionState StateOf(const std::string& job) const {
    for (const RetentionState& state : runner->states()) {
      if (state.job == job) return state;
    }
    ADD_FAILURE() << "no job " << job;
    return {};
  }

  ManualClock clock{kNow};
  Logger log{LogOptions(), [](std::string_view) {}};
  Store& store;
  std::unique_ptr<Catalog> catalog;
  PushStore push_store;
  RequestLog requests;
  std::unique_ptr<AuditLog> audit;
  std::unique_ptr<RetentionRunner> runner;
};

// Entries of every kind and age, and which of them must be left.
class Filler {
 public:
  Filler(uint32_t seed, InMemoryStore& store) : rng_(seed), store_(store) {}

  void Fill(int count) {
    for (int i = 0; i < count; ++i) {
      const std::string key = PostingKey("s", absl::StrCat("p", i));
      const v1::Posting::State state = AddPosting(key);
      AddBeside(key, state);
      AddPush(i, key, state);
      AddPeople(i);
    }
    EXPECT_TRUE(store_.Write(batch_, Durability::kSynced).ok());
  }

  const Keys& must_stay() const { return must_stay_; }
  const Keys& must_go() const { return must_go_; }

 private:
  int Days() { return std::uniform_int_distribution<>(0, 2'000)(rng_); }
  bool Coin() { return std::uniform_int_distribution<>(0, 1)(rng_) == 1; }
  // Away from the limit by an hour at least: the limit itself is not the point.
  absl::Time Ago(int days) { return kNow - absl::Hours(24 * days + 1); }
  int64_t MicrosAgo(int days) { return absl::ToUnixMicros(Ago(days)); }

  void Put(Family family, const std::string& key, const std::string& value,
           bool stays) {
    batch_.Put(family, key, value);
    (stays ? must_stay_ : must_go_).insert({family, key});
  }

  // Stored; a tombstone; or nothing at all.
  v1::Posting::State AddPosting(const std::string& key) {
    v1::Posting posting;
    const auto state =
        static_cast<v1::Posting::State>(std::uniform_int_distribution<>(
            v1::Posting::STATE_DRAFT, v1::Posting::STATE_DELETED)(rng_));
    if (state == v1::Posting::STATE_DELETED && Coin()) return state;
    v1::StoredRecord record;
    record.set_revision(3);
    record.set_generation(1);
    const int days = Days();
    record.set_update_time_micros(MicrosAgo(days));
    if (state == v1::Posting::STATE_DELETED) {
      record.set_tombstone(true);
      Put(Family::kPosting, key, record.SerializeAsString(),
          days < kDays.tombstones);
      return state;
    }
    posting.set_state(state);
    expire_days_ = Days();
    *posting.mutable_expire_time() = ProtoTimeOf(Ago(expire_days_));
    record.set_payload(posting.SerializeAsString());
    Put(Family::kPosting, key, record.SerializeAsString(), true);
    return state;
  }

  void AddBeside(const std::string& key, v1::Posting::State state) {
    v1::StoredRawRow raw;
    raw.set_raw("{}");
    int days = Days();
    raw.set_receive_time_micros(MicrosAgo(days));
    Put(Family::kRawRow, key, raw.SerializeAsString(), days < kDays.raw_rows);

    v1::QuarantineEntry entry;
    days = Days();
    *entry.mutable_create_time() = ProtoTimeOf(Ago(days));
    const bool held = state == v1::Posting::STATE_QUARANTINED &&
                      expire_days_ < kDays.quarantine;
    Put(Family::kQuarantine, key, entry.SerializeAsString(),
        held || days < kDays.quarantine);
  }

  void AddPush(int i, const std::string& posting, v1::Posting::State state) {
    const std::string person =
        GraduateKey(absl::StrCat("pseudonyms-", 10'000 + i));
    const int days = Days();
    const std::string item_key = PushItemKey("run", i);
    bool item_stays = false;
    if (Coin()) {
      v1::PushItem item;
      *item.mutable_create_time() = ProtoTimeOf(Ago(days));
      item_stays = days < kDays.push_items;
      Put(Family::kPushItem, item_key, item.SerializeAsString(), item_stays);
    }
    v1::LedgerEntry entry;
    entry.set_push_run("run");
    entry.set_item(i);
    entry.set_posting(posting);
    entry.set_intent_time_micros(MicrosAgo(days));
    const bool gone = state == v1::Posting::STATE_CLOSED ||
                      state == v1::Posting::STATE_EXPIRED ||
                      state == v1::Posting::STATE_DELETED;
    // The same vacancy, open again under another id.
    bool heir = false;
    if (gone && Coin()) {
      const uint64_t fingerprint = 1'000 + i;
      entry.set_fingerprint(fingerprint);
      const std::string other = PostingKey("s", absl::StrCat("heir", i));
      Put(Family::kDuplicateGroup, FingerprintKey(fingerprint), other, true);
      if (Coin()) {
        heir = true;
        v1::Posting open;
        open.set_state(v1::Posting::STATE_OPEN);
        v1::StoredRecord record;
        record.set_generation(1);
        record.set_payload(open.SerializeAsString());
        Put(Family::kPosting, other, record.SerializeAsString(), true);
      }
    }
    Put(Family::kLedger, LedgerKey(person, posting), entry.SerializeAsString(),
        days < kDays.ledger || !gone || heir || item_stays);
    const int told = Days();
    Put(Family::kHandRecommendation,
        HandRecommendationKey(person, MicrosAgo(told), "r"), "x",
        told < kDays.ledger);
  }

  void AddPeople(int i) {
    const std::string person =
        GraduateKey(absl::StrCat("pseudonyms-", 10'000 + i));
    v1::StoredFeedback event;
    int days = Days();
    event.set_receive_time_micros(MicrosAgo(days));
    Put(Family::kFeedback, FeedbackKey(person, "e"), event.SerializeAsString(),
        days < kDays.feedback);
    v1::StoredDismissal dismissal;
    dismissal.set_time_micros(MicrosAgo(2'000));
    Put(Family::kFeedback, DismissalKey(person, "c"),
        dismissal.SerializeAsString(), true);
    v1::StoredRecallRun run;
    days = Days();
    if (Coin()) run.set_end_time_micros(MicrosAgo(days));
    Put(Family::kMeta,
        absl::StrCat(std::string(kRecallRunPrefix), "recall-", i),
        run.SerializeAsString(),
        run.end_time_micros() == 0 || days < kDays.reports);
    days = i;
    Put(Family::kMeta,
        GraduatesShownKey(absl::FormatTime(
            "%Y-%m-%d", kNow - absl::Hours(24 * days), ChinaTime())),
        "", days <= kDays.reports);
    v1::StoredRequest request;
    days = Days() % 14;
    request.set_create_time_micros(MicrosAgo(days));
    Put(Family::kRequest, RequestKey("m", "c", absl::StrCat(i)),
        request.SerializeAsString(), days < 7);
    v1::StoredOperation operation;
    days = Days();
    operation.set_create_time_micros(MicrosAgo(days));
    operation.set_push_run("pushRuns/gone");
    Put(Family::kOperation, OperationKey(absl::StrCat("push-", i)),
        operation.SerializeAsString(), days < kDays.reports);
  }

  std::mt19937 rng_;
  InMemoryStore& store_;
  int expire_days_ = 0;
  WriteBatch batch_;
  Keys must_stay_, must_go_;
};

Keys Present(const Store& store, const Keys& keys) {
  Keys present;
  for (const auto& [family, key] : keys) {
    if (store.Get(family, key).ok()) present.insert({family, key});
  }
  return present;
}

// As a list that a failure can be read from.
std::vector<std::string> Names(const Keys& keys) {
  std::vector<std::string> names;
  for (const auto& [family, key] : keys) {
    names.push_back(absl::StrCat(A(FamilyName(family)), " ", key));
  }
  return names;
}

TEST(RetentionTest, LeavesWhatTheOracleSays) {
  for (const uint32_t seed : {1u, 2u, 3u}) {
    SCOPED_TRACE(absl::StrCat("seed=", seed));
    InMemoryStore store;
    Filler filler(seed, store);
    filler.Fill(300);
    World world(store);
    world.Walk();
    for (const RetentionState& state : world.runner->states()) {
      EXPECT_TRUE(state.status.ok()) << state.job << state.status;
    }
    EXPECT_EQ(Names(Present(store, filler.must_go())),
              std::vector<std::string>());
    EXPECT_EQ(Names(Present(store, filler.must_stay())),
              Names(filler.must_stay()));
    EXPECT_GT(filler.must_go().size(), 500);
  }
}

TEST(RetentionTest, CountsWithoutRemoving) {
  InMemoryStore store;
  Filler filler(7, store);
  filler.Fill(200);
  World world(store, kDays, /*count_only=*/true);
  world.Walk();
  EXPECT_EQ(Present(store, filler.must_go()), filler.must_go());
  int64_t due = 0;
  for (const RetentionState& state : world.runner->states()) {
    due += state.due;
    EXPECT_EQ(state.removed_total, 0) << state.job;
  }
  // Ledger entries whose items are still there only because nothing goes.
  EXPECT_LE(due, static_cast<int64_t>(filler.must_go().size()));
  EXPECT_GT(due, static_cast<int64_t>(filler.must_go().size()) * 3 / 4);
}

TEST(RetentionTest, AnyFailedWriteLosesNothingAndIsMadeGood) {
  int64_t writes = 0;
  for (int64_t fail_at = 1; fail_at == 1 || fail_at <= writes; ++fail_at) {
    SCOPED_TRACE(absl::StrCat("fail_at=", fail_at));
    InMemoryStore store;
    Filler filler(11, store);
    filler.Fill(40);
    {
      FaultyStore faulty(store, fail_at,
                         fail_at % 2 == 0 ? FaultyStore::Failure::kBatchKept
                                          : FaultyStore::Failure::kNothingKept);
      World world(faulty);
      world.Walk();
      EXPECT_EQ(Present(store, filler.must_stay()), filler.must_stay());
    }
    World again(store);
    again.Walk();
    EXPECT_EQ(Present(store, filler.must_stay()), filler.must_stay());
    EXPECT_EQ(Names(Present(store, filler.must_go())),
              std::vector<std::string>());
    const auto report = VerifyAudit(store);
    ASSERT_TRUE(report.ok());
    EXPECT_EQ(report->broken, AuditBreak::kNone);
    if (writes == 0) {
      InMemoryStore whole;
      Filler(11, whole).Fill(40);
      FaultyStore counting(whole, 0);
      World world(counting);
      world.Walk();
      writes = counting.writes();
      EXPECT_GT(writes, 10);
    }
  }
}

// What was removed is in the audit, before and after, with the count alone.
TEST(RetentionTest, IsInTheAudit) {
  InMemoryStore store;
  Filler filler(5, store);
  filler.Fill(50);
  World world(store);
  world.Walk();
  const auto page = ListAudit(store, {.resource = "retention/raw_rows"});
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page->entries.size(), 2);
  const int64_t removed = world.StateOf("raw_rows").removed_total;
  EXPECT_EQ(page->entries[0].result(), absl::StrCat("REMOVED ", removed));
  EXPECT_EQ(page->entries[1].result(), "ALLOWED");
  EXPECT_EQ(page->entries[0].principal(), "server");
}

TEST(RetentionTest, WalksWhenItIsTimeAndNotBefore) {
  InMemoryStore store;
  World world(store);
  world.Walk();
  const auto first = world.StateOf("ledger").last_time;
  ASSERT_TRUE(first.has_value());
  world.clock.Advance(absl::Hours(23));
  world.Walk();
  EXPECT_EQ(world.StateOf("ledger").last_time, first);
  world.clock.Advance(absl::Hours(1));
  world.Walk();
  EXPECT_EQ(world.StateOf("ledger").last_time, *first + absl::Hours(24));
  // A clock that is set back by years does not end it.
  world.clock.Advance(-absl::Hours(24 * 900));
  world.Walk();
  EXPECT_EQ(world.StateOf("ledger").last_time, world.clock.Now());
}

TEST(RetentionTest, StopsBetweenTwoJobs) {
  InMemoryStore store;
  Filler filler(5, store);
  filler.Fill(50);
  World world(store);
  int asked = 0;
  world.runner->RunIfDue([&asked] { return ++asked > 8; });
  EXPECT_FALSE(world.StateOf("audit").last_time.has_value());
  world.runner->RunIfDue([] { return false; });
  EXPECT_EQ(Names(Present(store, filler.must_go())),
            std::vector<std::string>());
  EXPECT_TRUE(world.StateOf("audit").last_time.has_value());
}

// A row that came while its old one was looked at stays.
TEST(RetentionTest, WhatIsWrittenMeanwhileStays) {
  InMemoryStore store;
  World world(store);
  const std::string key = PostingKey("s", "p");
  const auto put = [&](absl::Time received, int64_t revision) {
    v1::StoredRawRow raw;
    raw.set_receive_time_micros(absl::ToUnixMicros(received));
    Change change;
    change.key = key;
    change.id = "p";
    change.revision = revision;
    change.content_hash = static_cast<uint64_t>(revision);
    change.payload = v1::Posting().SerializeAsString();
    change.also.Put(Family::kRawRow, key, raw.SerializeAsString());
    ASSERT_TRUE(world.catalog->Apply({change}, false).ok());
  };
  put(kNow - absl::Hours(24 * 365), 1);
  const Record seen = *world.catalog->Get(CollectionId::kPostings, key);
  put(kNow, 2);
  // The removal as the job would make it, of the state it saw.
  Change removal;
  removal.key = key;
  removal.also_only = true;
  removal.precondition.etag = seen.head.etag;
  removal.also.Delete(Family::kRawRow, key);
  const auto results = world.catalog->Apply({removal}, false);
  ASSERT_TRUE(results.ok());
  EXPECT_EQ(results->front().outcome, Outcome::kEtagMismatch);
  EXPECT_TRUE(store.Get(Family::kRawRow, key).ok());
  // And of the state that is there.
  removal.precondition.etag =
      world.catalog->Get(CollectionId::kPostings, key)->head.etag;
  ASSERT_TRUE(world.catalog->Apply({removal}, false).ok());
  EXPECT_FALSE(store.Get(Family::kRawRow, key).ok());
  EXPECT_EQ(world.catalog->Get(CollectionId::kPostings, key)->head.etag,
            *removal.precondition.etag);
}

}  // namespace
}  // namespace gradmatch
