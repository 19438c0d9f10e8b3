#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/fakes/faulty_store.h"
#include "tests/matcher/push/push_world.h"

namespace gradmatch {
namespace {

void Fill(PushWorld& world) {
  world.PutGraduates(30);
  world.SetLifecycle(3, v1::Graduate::LIFECYCLE_PLACED);
  for (int i = 0; i < 8; ++i) {
    world.PutPosting({.id = absl::StrCat("p", i),
                      .openings = 1 + i % 2,
                      .employer = absl::StrCat("e", i % 3)});
  }
}

// All that a run leaves behind, but for how often it was taken up again.
std::string Dump(const InMemoryStore& store, PushWorld& world) {
  std::string dump;
  for (Family family : {Family::kPushItem, Family::kLedger, Family::kMeta}) {
    auto cursor = store.Scan(family, {});
    for (; cursor->Valid(); cursor->Next()) {
      absl::StrAppend(&dump, std::string(cursor->key()), "=",
                      std::string(cursor->value()), "\n");
    }
  }
  v1::StoredPushRun run = world.StoredRun("r1");
  run.mutable_run()->clear_resumptions();
  return dump + run.SerializeAsString();
}

std::string Unbroken() {
  InMemoryStore store;
  PushWorld world(store);
  Fill(world);
  world.Run("r1", SmallPlan(2, 6), 1);
  return Dump(store, world);
}

// Every write of a run fails once, with and without reaching the disk; the next
// start finds the run and ends it as if nothing had happened.
TEST(PushRunFaultTest, AKilledRunEndsAsAnUnbrokenOne) {
  const std::string want = Unbroken();
  for (const auto failure :
       {FaultyStore::Failure::kNothingKept, FaultyStore::Failure::kBatchKept}) {
    int fail_at = 1;
    for (bool failed = true; failed; ++fail_at) {
      SCOPED_TRACE(absl::StrCat("fail_at=", fail_at));
      InMemoryStore store;
      {
        PushWorld world(store);
        Fill(world);
        world.StoreRun("r1", SmallPlan(2, 6));
        FaultyStore faulty(store, fail_at, failure);
        const auto end = world.Execute("r1", 2, &faulty);
        failed = faulty.failed();
        ASSERT_EQ(end.ok(), !failed) << end.status();
      }
      PushWorld again(store);
      const v1::PushRun::State state = again.StoredRun("r1").run().state();
      if (state != v1::PushRun::STATE_READY) {
        const auto end = again.Execute("r1");
        ASSERT_TRUE(end.ok()) << end.status();
        const bool began = state != v1::PushRun::STATE_PENDING;
        EXPECT_EQ(again.StoredRun("r1").run().resumptions(), began ? 1 : 0);
      }
      ExpectFiguresAddUp(again.StoredRun("r1").run().counts());
      ASSERT_EQ(Dump(store, again), want);
    }
    EXPECT_GT(fail_at, 10);  // the run has several checkpoints to fail at
  }
}

// Stopped by a draining server at every possible moment, and again and again.
TEST(PushRunFaultTest, ARunStoppedAtEveryCheckpointEndsAsAnUnbrokenOne) {
  const std::string want = Unbroken();
  InMemoryStore store;
  {
    PushWorld world(store);
    Fill(world);
    world.StoreRun("r1", SmallPlan(2, 6));
  }
  int starts = 0;
  PushEnd end = PushEnd::kStopped;
  while (end == PushEnd::kStopped) {
    ASSERT_LT(++starts, 100);
    PushWorld world(store);
    const int64_t before = world.StoredRun("r1").checkpoint().graduates_done();
    const auto ended = world.Execute("r1", 2, nullptr, [&] {
      return world.StoredRun("r1").checkpoint().graduates_done() > before
                 ? PushWord::kStop
                 : PushWord::kGoOn;
    });
    ASSERT_TRUE(ended.ok()) << ended.status();
    end = *ended;
  }
  PushWorld world(store);
  EXPECT_EQ(world.StoredRun("r1").run().resumptions(), starts - 1);
  EXPECT_GT(starts, 5);
  EXPECT_EQ(Dump(store, world), want);
}

// Placed after the run was cut short: hears nothing more, and is counted once.
TEST(PushRunFaultTest, TheWorldMayChangeBetweenStopAndStart) {
  InMemoryStore store;
  {
    PushWorld world(store);
    Fill(world);
    world.StoreRun("r1", SmallPlan(2, 6));
    const auto end = world.Execute("r1", 1, nullptr, [&] {
      return world.StoredRun("r1").checkpoint().graduates_done() >= 8
                 ? PushWord::kStop
                 : PushWord::kGoOn;
    });
    ASSERT_TRUE(end.ok());
    ASSERT_EQ(*end, PushEnd::kStopped);
  }
  PushWorld world(store);
  const std::vector<v1::PushItem> before = world.Items("r1");
  ASSERT_FALSE(before.empty());
  for (int i = 0; i < 30; ++i) {
    world.SetLifecycle(i, v1::Graduate::LIFECYCLE_PLACED);
  }
  ASSERT_TRUE(world.Execute("r1").ok());
  const v1::PushRunCounts counts = world.StoredRun("r1").run().counts();
  ExpectFiguresAddUp(counts);
  EXPECT_EQ(counts.graduates_total(), 30);
  EXPECT_EQ(world.Items("r1").size(), before.size());
}

}  // namespace
}  // namespace gradmatch
