#include <atomic>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "index/feedback_store.h"
#include "tests/fakes/faulty_store.h"
#include "tests/matcher/push/push_world.h"

namespace gradmatch {
namespace {

// 60 graduates, 20 postings of six employers, the last five in groups of two.
void Fill(PushWorld& world, int graduates = 60) {
  world.PutGraduates(graduates);
  for (int i = 0; i < 20; ++i) {
    TestPosting posting{.id = absl::StrCat("p", i)};
    posting.openings = 1 + i % 3;
    posting.employer = absl::StrCat("e", i % 6);
    if (i >= 15) posting.canonical = absl::StrCat("p", i - 15);
    world.PutPosting(posting);
  }
  for (int i = 15; i < 20; ++i) {
    world.PutGroup({absl::StrCat("p", i - 15), absl::StrCat("p", i)});
  }
}

// A run on one thread during which `change` happens once, between selection and
// writing.
v1::PushRunCounts RunWithChange(PushWorld& world, const std::string& run_id,
                                const v1::PushPlan& plan,
                                const std::function<void()>& change) {
  world.StoreRun(run_id, plan);
  std::atomic<bool> done{false};
  const auto end = world.Execute(run_id, 1, nullptr, [&] {
    if (world.StoredRun(run_id).run().state() ==
            v1::PushRun::STATE_ALLOCATING &&
        !done.exchange(true)) {
      change();
    }
    return PushWord::kGoOn;
  });
  EXPECT_TRUE(end.ok()) << end.status();
  EXPECT_TRUE(done);
  const v1::PushRunCounts counts = world.StoredRun(run_id).run().counts();
  ExpectFiguresAddUp(counts);
  return counts;
}

std::string Bytes(const std::vector<v1::PushItem>& items) {
  std::string bytes;
  for (const v1::PushItem& item : items) {
    absl::StrAppend(&bytes, item.SerializeAsString());
  }
  return bytes;
}

TEST(PushRunTest, ItemsAreTheSameWhateverTheNumberOfThreads) {
  std::string bytes;
  std::string run_bytes;
  for (int threads : {1, 2, 7}) {
    InMemoryStore store;
    PushWorld world(store);
    Fill(world, 600);
    const v1::PushRun run = world.Run("r1", SmallPlan(3, 10), threads);
    EXPECT_GT(run.counts().items(), 100);
    if (bytes.empty()) {
      bytes = Bytes(world.Items("r1"));
      run_bytes = run.SerializeAsString();
    }
    EXPECT_EQ(Bytes(world.Items("r1")), bytes) << threads << " threads";
    EXPECT_EQ(run.SerializeAsString(), run_bytes) << threads << " threads";
  }
}

TEST(PushRunTest, ItemsCarryWhatAReceiverNeeds) {
  InMemoryStore store;
  PushWorld world(store);
  Fill(world);
  const v1::PushRun run = world.Run("r1", SmallPlan(3, 10));
  std::set<std::string> push_ids;
  std::map<std::string, int> last_rank;
  for (const v1::PushItem& item : world.Items("r1")) {
    EXPECT_TRUE(push_ids.insert(item.push_id()).second);
    EXPECT_EQ(item.rank(), ++last_rank[item.graduate()]);
    EXPECT_EQ(item.state(), v1::PushItem::STATE_INTENT);
    EXPECT_FALSE(item.short_title().empty());
    EXPECT_EQ(item.reasons_size(), 1);
    EXPECT_EQ(item.eligibility().outcome(), v1::Eligibility::OUTCOME_ELIGIBLE);
    EXPECT_EQ(item.expire_time().seconds(),
              absl::ToUnixSeconds(world.clock.Now() + absl::Hours(24 * 14)));
  }
  EXPECT_EQ(run.versions().ranker(), "hash-test");
  EXPECT_EQ(run.versions().encoder(), "test-1");
  EXPECT_GT(run.versions().generation(), 0);
  EXPECT_EQ(run.counts().postings_open(), 15);
  EXPECT_EQ(run.counts().items(), static_cast<int64_t>(push_ids.size()));
}

TEST(PushRunTest, AnItemExpiresWithItsPosting) {
  InMemoryStore store;
  PushWorld world(store);
  Fill(world);
  v1::PushPlan plan = SmallPlan(3, 10);
  plan.set_item_ttl_days(365);
  world.Run("r1", plan);
  for (const v1::PushItem& item : world.Items("r1")) {
    EXPECT_EQ(item.expire_time().seconds(),
              absl::ToUnixSeconds(world.clock.Now() + absl::Hours(24 * 30)));
  }
}

TEST(PushRunTest, SaysWhyGraduatesGotNothing) {
  InMemoryStore store;
  PushWorld world(store);
  Fill(world, 0);
  const auto put = [&](const std::string& id, auto change) {
    v1::Graduate graduate = GraduateNamed(id);
    change(graduate);
    world.PutGraduate(graduate);
  };
  put("placed",
      [](auto& g) { g.set_lifecycle(v1::Graduate::LIFECYCLE_PLACED); });
  put("out",
      [](auto& g) { g.set_lifecycle(v1::Graduate::LIFECYCLE_OPTED_OUT); });
  put("frozen",
      [](auto& g) { g.set_lifecycle(v1::Graduate::LIFECYCLE_FROZEN); });
  put("off", [](auto& g) { g.mutable_preferences()->set_push(false); });
  put("impersonal",
      [](auto& g) { g.mutable_preferences()->set_personalisation(false); });
  put("paused", [&](auto& g) {
    g.mutable_preferences()->mutable_pause_end_time()->set_seconds(
        absl::ToUnixSeconds(world.clock.Now()) + 60);
  });
  put("abroad", [](auto&) {});
  put("home", [](auto& g) {
    g.mutable_profile()->mutable_region()->set_code("420100");
  });
  v1::PushPlan plan = SmallPlan(3, 10);
  plan.mutable_audience()->add_regions("420000");
  const v1::PushRunCounts counts = world.Run("r1", plan).counts();
  for (const char* code :
       {"PLACED", "OPTED_OUT", "FROZEN", "PUSH_OFF", "PERSONALISATION_OFF",
        "PAUSED", "NOT_IN_AUDIENCE"}) {
    EXPECT_EQ(CountOf(counts, code), 1) << code;
  }
  EXPECT_EQ(counts.graduates_total(), 8);
  EXPECT_EQ(counts.graduates_selected(), 1);
  EXPECT_EQ(counts.graduates_covered(), 1);
  for (const v1::PushItem& item : world.Items("r1")) {
    EXPECT_EQ(item.graduate(), "graduates/home");
  }
}

TEST(PushRunTest, NoPostingsNothingEligible) {
  InMemoryStore store;
  PushWorld world(store);
  world.PutGraduates(5);
  const v1::PushRunCounts counts = world.Run("r1", SmallPlan(3, 10)).counts();
  EXPECT_EQ(CountOf(counts, "NO_ELIGIBLE_POSTING"), 5);
  EXPECT_EQ(counts.items(), 0);
  EXPECT_EQ(counts.postings_open(), 0);
}

TEST(PushRunTest, NoGraduatesIsARunToo) {
  InMemoryStore store;
  PushWorld world(store);
  world.PutPosting({.id = "p"});
  EXPECT_EQ(world.Run("r1", SmallPlan(3, 10)).counts().graduates_total(), 0);
}

TEST(PushRunTest, MinScoreLeavesPoorOnesOut) {
  InMemoryStore store;
  PushWorld world(store);
  Fill(world);
  v1::PushPlan plan = SmallPlan(20, 1000);
  plan.set_min_score(0.9);
  plan.set_max_per_employer(100);
  const v1::PushRunCounts counts = world.Run("r1", plan).counts();
  EXPECT_GT(counts.items(), 0);
  EXPECT_GT(CountOf(counts, "BELOW_MIN_SCORE"), 0);
  EXPECT_GE(counts.mean_score(), 0.9);
  for (const v1::PushItem& item : world.Items("r1")) {
    EXPECT_GE(item.score(), 0.89999);
  }
}

TEST(PushRunTest, CapsHoldOverRunsAndAreNamed) {
  InMemoryStore store;
  PushWorld world(store);
  world.PutGraduates(50);
  world.PutPosting({.id = "p", .openings = 2});
  const v1::PushRunCounts first = world.Run("r1", SmallPlan(1, 4)).counts();
  EXPECT_EQ(first.items(), 8);
  EXPECT_EQ(first.postings_at_cap(), 1);
  EXPECT_GT(CountOf(first, "CAPS_EXHAUSTED"), 0);
  // The same cap in the next run: used up, so nothing.
  const v1::PushRunCounts second = world.Run("r2", SmallPlan(1, 4)).counts();
  EXPECT_EQ(second.items(), 0);
  EXPECT_EQ(CountOf(second, "ALL_PUSHED_BEFORE"), 8);
  // A plan that wants more applicants gets the difference.
  EXPECT_EQ(world.Run("r3", SmallPlan(1, 5)).counts().items(), 2);
}

TEST(PushRunTest, AGroupHasOneCapAndIsToldOnce) {
  InMemoryStore store;
  PushWorld world(store);
  world.PutGraduates(40);
  // Told alone first, then found to be one vacancy.
  world.PutPosting({.id = "a", .openings = 1});
  world.PutPosting({.id = "b", .openings = 3});
  const int64_t first = world.Run("r1", SmallPlan(1, 2)).counts().items();
  EXPECT_EQ(first, 8);
  world.PutPosting({.id = "b", .openings = 3, .canonical = "a"});
  world.PutGroup({"a", "b"});
  // One cap of 3 x 4 for both; what was told of either counts.
  const v1::PushRunCounts second = world.Run("r2", SmallPlan(1, 4)).counts();
  EXPECT_EQ(second.items(), 12 - first);
  EXPECT_EQ(second.postings_open(), 1);
  std::set<std::string> told;
  for (const char* run : {"r1", "r2"}) {
    for (const v1::PushItem& item : world.Items(run)) {
      EXPECT_TRUE(told.insert(item.graduate()).second) << item.graduate();
    }
  }
}

TEST(PushRunTest, AMemberThatLeavesItsGroupIsNotToldAgain) {
  InMemoryStore store;
  PushWorld world(store);
  world.PutGraduates(40);
  world.PutPosting({.id = "a"});
  world.PutPosting({.id = "b", .canonical = "a"});
  world.PutGroup({"a", "b"});
  world.Run("r1", SmallPlan(1, 1000));
  std::map<std::string, std::string> told;
  for (const v1::PushItem& item : world.Items("r1")) {
    told[item.graduate()] = item.posting();
  }
  // b becomes a vacancy of its own: news only to those who did not hear of b.
  world.PutPosting({.id = "b"});
  world.PutGroup({"a"});
  world.Run("r2", SmallPlan(5, 1000));
  for (const v1::PushItem& item : world.Items("r2")) {
    EXPECT_NE(told[item.graduate()], item.posting());
  }
}

// A source that closes a vacancy and posts it anew under another id made push
// runs tell everybody a second time: the group, and with it the name in the
// ledger, had ended with the first posting.
TEST(PushRunTest, AVacancyPostedAnewIsNotToldAgain) {
  InMemoryStore store;
  PushWorld world(store);
  world.PutGraduates(40);
  world.PutPosting({.id = "a", .title = "会计"});
  world.PutGroup({"a"});
  world.Run("r1", SmallPlan(1, 1000));
  std::set<std::string> told;
  for (const v1::PushItem& item : world.Items("r1")) {
    told.insert(item.graduate());
  }
  ASSERT_GT(told.size(), 10u);
  world.PutPosting(
      {.id = "a", .title = "会计", .state = v1::Posting::STATE_CLOSED});
  world.EndGroup("a");
  world.PutPosting({.id = "b", .title = "会计"});
  world.PutGroup({"b"});
  world.PutPosting({.id = "c", .title = "出纳"});
  world.PutGroup({"c"});
  const v1::PushRun run = world.Run("r2", SmallPlan(1, 1000));
  int others = 0;
  for (const v1::PushItem& item : world.Items("r2")) {
    if (item.posting() != PushWorld::PostingNameOf("b")) {
      ++others;  // allocation knew, and gave the slot to the other vacancy
      continue;
    }
    EXPECT_FALSE(told.contains(item.graduate())) << item.graduate();
  }
  EXPECT_GT(others, 10);
  EXPECT_EQ(CountOf(run.counts(), "WITHDRAWN"), 0);
}

TEST(PushRunTest, WhoeverLeavesDuringTheRunGetsNothing) {
  InMemoryStore store;
  PushWorld world(store);
  Fill(world);
  const v1::PushRunCounts counts =
      RunWithChange(world, "r1", SmallPlan(3, 10), [&] {
        world.SetLifecycle(7, v1::Graduate::LIFECYCLE_PLACED);
        world.PutPosting({.id = "p14", .state = v1::Posting::STATE_CLOSED});
      });
  EXPECT_EQ(CountOf(counts, "PLACED"), 1);
  EXPECT_EQ(counts.graduates_selected(), 59);
  for (const v1::PushItem& item : world.Items("r1")) {
    EXPECT_NE(item.graduate(), "graduates/g7");
    EXPECT_NE(item.posting(), PushWorld::PostingNameOf("p14"));
  }
}

// Dismisses a posting for g{graduate}, as ReportEvents does.
void Dismiss(InMemoryStore& store, int graduate, const std::string& id) {
  FeedbackLine line;
  line.graduate_key = PushWorld::GraduateKeyOf(absl::StrCat("g", graduate));
  line.event_id = absl::StrCat("e-", id);
  line.event.set_posting(absl::StrCat("s/", id));
  line.dismissed_subject = line.event.posting();
  ASSERT_TRUE(FeedbackStore(store).Record({{line}}).ok());
}

TEST(PushRunTest, WhatWasDismissedIsNotPushedWithItsGroup) {
  InMemoryStore store;
  PushWorld world(store);
  // One group told by two sources, and one vacancy of its own.
  world.PutPosting({.id = "a", .openings = 100});
  world.PutPosting({.id = "b", .openings = 100, .canonical = "a"});
  world.PutGroup({"a", "b"});
  world.PutGraduates(20);
  for (int g = 0; g < 20; g += 2) Dismiss(store, g, "b");
  world.Run("r1", SmallPlan(5, 10));
  std::set<std::string> told;
  for (const v1::PushItem& item : world.Items("r1")) {
    told.insert(item.graduate());
  }
  EXPECT_FALSE(told.empty());
  for (int g = 0; g < 20; g += 2) {
    EXPECT_FALSE(told.contains(absl::StrCat("graduates/g", g))) << g;
  }
}

TEST(PushRunTest, WhatIsDismissedDuringTheRunIsNotWritten) {
  InMemoryStore store;
  PushWorld world(store);
  world.PutPosting({.id = "a", .openings = 100});
  world.PutGraduates(20);
  const v1::PushRunCounts counts =
      RunWithChange(world, "r1", SmallPlan(5, 10), [&] {
        for (int g = 0; g < 20; ++g) Dismiss(store, g, "a");
      });
  EXPECT_GT(CountOf(counts, "WITHDRAWN"), 0);
  EXPECT_TRUE(world.Items("r1").empty());
}

// Candidates are found by the profile as it was; a graduate who changed it in
// the meantime was pushed what the new one rules out.
// Calls `hook` once, when a chunk of a run is about to be written.
class HookedStore : public FaultyStore {
 public:
  HookedStore(Store& base, std::function<void()> hook)
      : FaultyStore(base, 0), hook_(std::move(hook)) {}
  absl::StatusOr<std::string> Get(Family family,
                                  std::string_view key) const override {
    auto value = FaultyStore::Get(family, key);
    v1::StoredPushRun run;
    if (family == Family::kPushRun && value.ok() &&
        run.ParseFromString(*value) &&
        run.run().state() == v1::PushRun::STATE_WRITING &&
        !done_.exchange(true)) {
      hook_();
    }
    return value;
  }

 private:
  const std::function<void()> hook_;
  mutable std::atomic<bool> done_{false};
};

// Staff tell a graduate of a posting by hand while the run has it in its hands:
// the run goes on, and tells the graduate of it no second time.
TEST(PushRunTest, WhatStaffToldMeanwhileIsNotToldAgain) {
  InMemoryStore plain_store;
  PushWorld plain(plain_store);
  Fill(plain);
  plain.Run("r1", SmallPlan(3, 10));
  const v1::PushItem first = plain.Items("r1").front();

  InMemoryStore store;
  PushWorld world(store);
  Fill(world);
  world.StoreRun("r1", SmallPlan(3, 10));
  const std::string id =
      first.graduate().substr(first.graduate().rfind('/') + 1);
  const std::string key = PushWorld::GraduateKeyOf(id);
  const auto ledger = plain.push_store.Ledger(key);
  ASSERT_TRUE(ledger.ok());
  HookedStore hooked(store, [&] {
    for (const LedgerLine& line : *ledger) {
      if (line.entry.item() != 0) continue;
      const auto told = world.push_store.AppendByHand(
          {.graduate_key = key,
           .posting_key = line.entry.posting(),
           .canonical_key = line.canonical_key},
          1, [](std::span<const LedgerLine>) { return false; }, {});
      EXPECT_TRUE(told.ok() && *told);
    }
  });
  const auto end = world.Execute("r1", 2, &hooked);
  ASSERT_TRUE(end.ok()) << end.status();
  EXPECT_EQ(*end, PushEnd::kReady);
  ExpectFiguresAddUp(world.StoredRun("r1").run().counts());
  EXPECT_EQ(world.Items("r1").size(), plain.Items("r1").size() - 1);
  for (const v1::PushItem& item : world.Items("r1")) {
    EXPECT_FALSE(item.graduate() == first.graduate() &&
                 item.posting() == first.posting());
  }
}

TEST(PushRunTest, KeepsWhyAGraduateGotNothing) {
  InMemoryStore store;
  PushWorld world(store);
  world.PutGraduates(30);
  world.PutPosting({.id = "p0"});
  world.SetLifecycle(1, v1::Graduate::LIFECYCLE_PLACED);
  world.Run("r1", SmallPlan(1, 3));
  std::map<std::string, int64_t> kept;
  for (int i = 0; i < 30; ++i) {
    const auto uncovered = world.push_store.GetUncovered(
        PushWorld::GraduateKeyOf(absl::StrCat("g", i)));
    ASSERT_TRUE(uncovered.ok());
    if (!uncovered->has_value()) continue;
    EXPECT_EQ((*uncovered)->run_id, "r1");
    ++kept[(*uncovered)->code];
  }
  const v1::PushRunCounts counts = world.StoredRun("r1").run().counts();
  for (const auto& [code, graduates] : kept) {
    EXPECT_EQ(CountOf(counts, code), graduates) << code;
  }
  EXPECT_GT(kept["CAPS_EXHAUSTED"], 0);
  EXPECT_EQ(kept["PLACED"], 0);  // the record says so
}

TEST(PushRunTest, WhatIsNoLongerEligibleIsNotWritten) {
  InMemoryStore store;
  PushWorld world(store);
  Fill(world);
  const v1::PushRunCounts counts =
      RunWithChange(world, "r1", SmallPlan(3, 10), [&] {
        v1::Graduate changed = GraduateNamed("g7");
        changed.mutable_profile()->set_text(std::string(kNoLongerEligible));
        world.PutGraduate(changed);
      });
  EXPECT_EQ(CountOf(counts, "WITHDRAWN"), 1);
  for (const v1::PushItem& item : world.Items("r1")) {
    EXPECT_NE(item.graduate(), "graduates/g7");
  }
}

TEST(PushRunTest, CancelKeepsWhatIsWritten) {
  InMemoryStore store;
  PushWorld world(store);
  Fill(world);
  world.StoreRun("r1", SmallPlan(3, 10));
  const auto end = world.Execute("r1", 2, nullptr, [&] {
    return world.StoredRun("r1").checkpoint().graduates_done() >= 12
               ? PushWord::kCancel
               : PushWord::kGoOn;
  });
  ASSERT_TRUE(end.ok()) << end.status();
  EXPECT_EQ(*end, PushEnd::kCancelled);
  const v1::StoredPushRun run = world.StoredRun("r1");
  EXPECT_EQ(run.run().state(), v1::PushRun::STATE_CANCELLED);
  EXPECT_TRUE(run.run().has_end_time());
  EXPECT_EQ(run.checkpoint().graduates_done(), 12);
  EXPECT_EQ(world.Items("r1").size(),
            static_cast<size_t>(run.checkpoint().items()));
  EXPECT_FALSE(world.Items("r1").empty());
  // A run at its end is not carried out again.
  EXPECT_FALSE(world.Execute("r1").ok());
}

}  // namespace
}  // namespace gradmatch
