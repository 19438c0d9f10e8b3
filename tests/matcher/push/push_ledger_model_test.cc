#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/matcher/push/push_world.h"

namespace gradmatch {
namespace {

constexpr int kGraduates = 40;
constexpr int kPostings = 16;

int GroupOf(int posting) { return posting < 12 ? posting : posting - 12; }

int NumberOf(const std::string& name) {
  return std::stoi(name.substr(name.rfind('/') + 2));
}

// What must be true, kept in maps.
struct Model {
  std::map<int, int> openings;                 // by group, most of a member
  std::map<int, int> pushed;                   // by group, refused left out
  std::set<std::pair<std::string, int>> told;  // graduate, group: for good
  std::map<std::string, v1::PushItem::State> state;  // by item name
  std::map<std::string, v1::PushItem> items;
};

TestPosting PostingAt(int i, std::mt19937& rng, Model& model) {
  TestPosting posting{.id = absl::StrCat("p", i)};
  posting.openings = 1 + static_cast<int>(rng() % 4);
  posting.employer = absl::StrCat("e", i % 5);
  if (GroupOf(i) != i) posting.canonical = absl::StrCat("p", GroupOf(i));
  int& most = model.openings[GroupOf(i)];
  most = std::max(most, posting.openings);
  return posting;
}

// One run, checked against the model, which then knows it.
void RunAndCheck(PushWorld& world, Model& model, const std::string& run_id,
                 const v1::PushPlan& plan) {
  world.Run(run_id, plan);
  std::map<std::string, int> slots;
  std::map<int, int> of_run;
  for (const v1::PushItem& item : world.Items(run_id)) {
    const int group = GroupOf(NumberOf(item.posting()));
    ASSERT_TRUE(model.told.emplace(item.graduate(), group).second)
        << item.graduate() << " hears of group " << group << " twice";
    ASSERT_LE(++slots[item.graduate()], plan.slots());
    ++model.pushed[group];
    ++of_run[group];
    model.state[item.name()] = v1::PushItem::STATE_INTENT;
    model.items[item.name()] = item;
  }
  for (int group = 0; group < 12; ++group) {
    const int cap = model.openings[group] * plan.applicants_per_opening();
    // What earlier plans with higher caps pushed may lie above; this run may
    // then add nothing.
    if (of_run[group] > 0) {
      ASSERT_LE(model.pushed[group], cap);
    }
  }
  // Nobody forgotten: who has a slot left has nothing that could fill it.
  for (int g = 0; g < kGraduates; ++g) {
    const std::string graduate = absl::StrCat("graduates/g", g);
    if (slots[graduate] >= plan.slots()) continue;
    std::set<int> seen;
    for (int p = 0; p < kPostings; ++p) {
      const std::string name = PushWorld::PostingNameOf(absl::StrCat("p", p));
      if (HashRanker::ScoreOf(graduate, name) < 0) continue;
      const int group = GroupOf(p);
      if (model.told.contains({graduate, group})) continue;
      ASSERT_GE(model.pushed[group],
                model.openings[group] * plan.applicants_per_opening())
          << graduate << " was not told of group " << group;
    }
  }
}

void ReportSomething(PushWorld& world, Model& model, std::mt19937& rng) {
  std::vector<DeliveryReport> reports;
  std::vector<DeliveryOutcome> want;
  for (auto& [name, item] : model.items) {
    if (rng() % 3 != 0) continue;
    DeliveryReport report;
    const size_t slash = name.find("/items/");
    report.run_id = name.substr(9, slash - 9);
    report.number = std::stoll(name.substr(slash + 7));
    report.push_id = rng() % 10 == 0 ? "another" : item.push_id();
    v1::PushItem::State& state = model.state[name];
    const bool refused = rng() % 2 == 0;
    report.code =
        refused ? DeliveryReport::Code::kRefused : DeliveryReport::Code::kSent;
    if (report.push_id != item.push_id()) {
      want.push_back(DeliveryOutcome::kMismatch);
    } else if (state != v1::PushItem::STATE_INTENT) {
      want.push_back(DeliveryOutcome::kUnchanged);
    } else {
      want.push_back(DeliveryOutcome::kRecorded);
      state = refused ? v1::PushItem::STATE_REFUSED : v1::PushItem::STATE_SENT;
      if (refused) --model.pushed[GroupOf(NumberOf(item.posting()))];
    }
    reports.push_back(std::move(report));
  }
  const auto got =
      world.push_store.RecordDeliveries(reports, PushWorld::GraduateKeyOf);
  ASSERT_TRUE(got.ok()) << got.status();
  ASSERT_EQ(*got, want);
}

void CompareStore(const PushWorld& world, const Model& model) {
  for (int group = 0; group < 12; ++group) {
    const auto counter = world.push_store.Counter(absl::StrCat("s/p", group));
    ASSERT_TRUE(counter.ok());
    const auto it = model.pushed.find(group);
    ASSERT_EQ(*counter, it == model.pushed.end() ? 0 : it->second);
  }
  std::set<std::pair<std::string, int>> told;
  for (int g = 0; g < kGraduates; ++g) {
    const auto ledger =
        world.push_store.Ledger(PushWorld::GraduateKeyOf(absl::StrCat("g", g)));
    ASSERT_TRUE(ledger.ok());
    for (const LedgerLine& line : *ledger) {
      told.emplace(absl::StrCat("graduates/g", g),
                   NumberOf("/" + line.canonical_key.substr(1)));
    }
  }
  ASSERT_EQ(told, model.told);
}

TEST(PushLedgerModelTest, HoldsOverRunsAndDeliveries) {
  for (uint32_t seed : {1u, 2u, 3u, 4u}) {
    SCOPED_TRACE(absl::StrCat("seed=", seed));
    std::mt19937 rng(seed);
    InMemoryStore store;
    Model model;
    {
      PushWorld world(store);
      world.PutGraduates(kGraduates);
      for (int i = 0; i < kPostings; ++i) {
        world.PutPosting(PostingAt(i, rng, model));
      }
      for (int i = 12; i < kPostings; ++i) {
        world.PutGroup({absl::StrCat("p", i - 12), absl::StrCat("p", i)});
      }
    }
    for (int run = 0; run < 8; ++run) {
      SCOPED_TRACE(absl::StrCat("run=", run));
      PushWorld world(store);  // the server starts again
      v1::PushPlan plan = SmallPlan(1 + static_cast<int>(rng() % 3),
                                    2 + static_cast<int>(rng() % 5));
      plan.set_max_per_employer(100);
      RunAndCheck(world, model, absl::StrCat("r", run), plan);
      if (HasFatalFailure()) return;
      ReportSomething(world, model, rng);
      CompareStore(world, model);
      if (HasFatalFailure()) return;
    }
    EXPECT_GT(model.items.size(), 50u);
  }
}

}  // namespace
}  // namespace gradmatch
