// Floors of a run: who is read, what it changes, and that it shows nowhere.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "matcher/push/floors.h"
#include "tests/matcher/push/push_world.h"

namespace gradmatch {
namespace {

// Knows who is a priority graduate, and keeps whom it was asked about.
class FakePriorities : public PriorityReader {
 public:
  absl::StatusOr<std::vector<uint8_t>> ArePriority(
      std::string_view run_id, std::span<const std::string> keys) override {
    if (!error.ok()) return error;
    runs.insert(std::string(run_id));
    std::vector<uint8_t> marks;
    for (const std::string& key : keys) {
      asked.insert(key);
      marks.push_back(priority.contains(key));
    }
    return marks;
  }

  std::set<std::string> priority;  // by key
  std::set<std::string> asked;
  std::set<std::string> runs;
  absl::Status error;
};

constexpr int kGraduates = 120;

class PushFloorsTest : public testing::Test {
 protected:
  PushFloorsTest() : world_(store_) { Fill(world_); }

  // Far more graduates than places.
  void Fill(PushWorld& world) {
    world.PutGraduates(kGraduates);
    for (int i = 0; i < 20; ++i) {
      world.PutPosting({.id = absl::StrCat("p", i),
                        .openings = 1 + i % 3,
                        .employer = absl::StrCat("e", i % 6)});
    }
    world.priorities = &priorities_;
  }
  void MarkEvery(int step) {
    priorities_.priority.clear();
    for (int g = 0; g < kGraduates; g += step) {
      priorities_.priority.insert(
          PushWorld::GraduateKeyOf(absl::StrCat("g", g)));
    }
  }
  static v1::PushPlan Plan(int floor) {
    v1::PushPlan plan = SmallPlan(3, 1);
    plan.set_priority_floor(floor);
    return plan;
  }
  // Items by graduate's key.
  static std::map<std::string, int> ItemsOf(const PushWorld& world,
                                            const std::string& run) {
    std::map<std::string, int> items;
    for (const v1::PushItem& item : world.Items(run)) {
      const std::string id = item.graduate().substr(10);
      ++items[PushWorld::GraduateKeyOf(id)];
    }
    return items;
  }
  static std::string Bytes(const PushWorld& world, const std::string& run) {
    std::string bytes;
    for (const v1::PushItem& item : world.Items(run)) {
      absl::StrAppend(&bytes, item.SerializeAsString());
    }
    return bytes;
  }

  FakePriorities priorities_;
  InMemoryStore store_;
  PushWorld world_;
};

TEST_F(PushFloorsTest, WithoutAFloorNobodyIsReadAndNothingChanges) {
  const v1::PushRun none = world_.Run("r1", Plan(0));
  MarkEvery(1);
  InMemoryStore other_store;
  PushWorld other(other_store);
  Fill(other);
  const v1::PushRun all = other.Run("r1", Plan(0));
  EXPECT_EQ(Bytes(world_, "r1"), Bytes(other, "r1"));
  EXPECT_EQ(none.SerializeAsString(), all.SerializeAsString());
  EXPECT_TRUE(priorities_.asked.empty());
  EXPECT_EQ(all.counts().floors_met(), 0);
  EXPECT_EQ(all.counts().floors_short(), 0);
}

TEST_F(PushFloorsTest, PriorityGraduatesGetTheirFloorFirst) {
  MarkEvery(4);  // 30 of 120, for 39 places
  world_.Run("r1", Plan(1));
  const auto with = ItemsOf(world_, "r1");
  InMemoryStore other_store;
  PushWorld other(other_store);
  Fill(other);
  other.Run("r1", Plan(0));
  const auto without = ItemsOf(other, "r1");
  int met_with = 0, met_without = 0;
  for (const std::string& key : priorities_.priority) {
    met_with += with.contains(key);
    met_without += without.contains(key);
  }
  EXPECT_GT(met_with, met_without);
  EXPECT_GT(met_with, 25);
  // Counted, cut to tens.
  const v1::PushRunCounts counts = world_.StoredRun("r1").run().counts();
  EXPECT_EQ(counts.floors_met(), met_with - met_with % 10);
  EXPECT_EQ(counts.floors_short() % 10, 0);
  ExpectFiguresAddUp(counts);
}

TEST_F(PushFloorsTest, OnlyWhoCouldGetSomethingIsRead) {
  MarkEvery(2);
  world_.SetLifecycle(3, v1::Graduate::LIFECYCLE_PLACED);
  world_.SetLifecycle(4, v1::Graduate::LIFECYCLE_OPTED_OUT);
  world_.Run("r1", Plan(1));
  EXPECT_FALSE(priorities_.asked.contains(PushWorld::GraduateKeyOf("g3")));
  EXPECT_FALSE(priorities_.asked.contains(PushWorld::GraduateKeyOf("g4")));
  EXPECT_GT(priorities_.asked.size(), 100);
  EXPECT_THAT(priorities_.runs, testing::ElementsAre("r1"));
}

// An item of a priority graduate is the item that anybody would have got: the
// same posting to the same person reads the same whoever is marked.
TEST_F(PushFloorsTest, AnItemDoesNotShowTheStatus) {
  std::map<std::string, std::string> by_pair;
  for (int step : {1, 2, 3, 5}) {
    InMemoryStore store;
    PushWorld world(store);
    Fill(world);
    MarkEvery(step);
    world.Run("r1", Plan(1));
    for (v1::PushItem item : world.Items("r1")) {
      // Where it stands in the list depends on the others.
      item.clear_name();
      item.clear_rank();
      const auto [it, added] = by_pair.try_emplace(
          item.graduate() + " " + item.posting(), item.SerializeAsString());
      if (!added) {
        EXPECT_EQ(it->second, item.SerializeAsString());
      }
    }
  }
}

TEST_F(PushFloorsTest, AKilledRunEndsAsTheUnbrokenOne) {
  MarkEvery(3);
  world_.Run("r1", Plan(2));
  for (int stop_after : {8, 40, 100}) {
    InMemoryStore store;
    PushWorld world(store);
    Fill(world);
    world.StoreRun("r1", Plan(2));
    auto end = world.Execute("r1", 2, nullptr, [&] {
      return world.StoredRun("r1").checkpoint().graduates_done() >= stop_after
                 ? PushWord::kStop
                 : PushWord::kGoOn;
    });
    ASSERT_TRUE(end.ok()) << end.status();
    ASSERT_EQ(*end, PushEnd::kStopped);
    end = world.Execute("r1");
    ASSERT_TRUE(end.ok()) << end.status();
    EXPECT_EQ(Bytes(world, "r1"), Bytes(world_, "r1")) << stop_after;
    EXPECT_EQ(world.StoredRun("r1").run().counts().floors_met(),
              world_.StoredRun("r1").run().counts().floors_met());
    EXPECT_EQ(world.StoredRun("r1").run().counts().floors_short(),
              world_.StoredRun("r1").run().counts().floors_short());
  }
}

TEST_F(PushFloorsTest, AFloorThatCannotBeReadStopsTheRun) {
  priorities_.error = absl::UnavailableError("no audit");
  world_.StoreRun("r1", Plan(1));
  EXPECT_TRUE(absl::IsUnavailable(world_.Execute("r1").status()));
  EXPECT_TRUE(world_.Items("r1").empty());
  world_.priorities = nullptr;
  EXPECT_EQ(ReasonOf(world_.Execute("r1").status()), kSealKeyMissing);
}

TEST(CutToTensTest, NobodyIsCountedOutOfIt) {
  for (const auto& [count, want] : std::map<int64_t, int64_t>{
           {0, 0}, {1, 0}, {9, 0}, {10, 10}, {19, 10}, {123, 120}}) {
    EXPECT_EQ(CutToTens(count), want);
  }
}

}  // namespace
}  // namespace gradmatch
