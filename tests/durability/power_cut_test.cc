// gradmatchd under mixed load on a disk that loses power, and killed, at every
// sync and at random; after each restart everything it had acknowledged is
// compared. Run for long:
//
//   DURABILITY_CYCLES=500 DURABILITY_SEED=7 bin/power_cut_test
//
// is that many cuts and that many kills, the first 500 of each at the first,
// second ... 500th sync after the start of a process, the others at random
// ones. DURABILITY_PAUSE=N leaves out the first N, to go on with a run.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/durability/daemon.h"
#include "tests/durability/oracle.h"
#include "tests/durability/workload.h"

namespace gradmatch {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int kEverySync = 500;
// A world's lists grow; a new one has the syncs of its making.
constexpr int kCyclesOfAWorld = 25;
constexpr size_t kMostShown = 10;
constexpr absl::Duration kLongestLife = absl::Seconds(30);

int64_t Setting(const char* name, int64_t otherwise) {
  const char* const text = std::getenv(name);
  int64_t value = otherwise;
  return text != nullptr && absl::SimpleAtoi(text, &value) ? value : otherwise;
}

enum class End { kCut, kKill };

// One end of one process.
struct Fate {
  End end = End::kKill;
  int64_t at_sync = 0;
  bool after = false;
  SimulatedDisk::Syncs syncs = SimulatedDisk::Syncs::kKept;

  std::string ToString() const {
    return absl::StrCat(end == End::kCut ? "cut" : "kill",
                        after ? " after sync " : " before sync ", at_sync);
  }
};

// A disk, what was promised on it, and those who work with it.
class World {
 public:
  explicit World(uint32_t seed) : random_(seed), work_(oracle_, seed) {}

  // A process from its start to its end, and what it says of the lives before.
  void Live(const Fate& fate) {
    disk_.ResetControl();
    disk_.control().die_after_it = fate.after;
    disk_.control().die_at_sync = fate.at_sync;
    {
      Daemon daemon(disk_);
      if (daemon.serving() && work_.Judge(daemon, disk_) &&
          work_.Prepare(daemon)) {
        work_.Run(daemon, kLongestLife);
      }
      daemon.Kill();
      const int code = daemon.Wait();
      if (code != 128 + SIGKILL) {
        oracle_.Blame(absl::StrCat("it ended by itself with ", code, ":\n",
                                   Daemon::LogTail(disk_)));
      }
    }
    if (fate.end == End::kCut) disk_.CutPower(random_, fate.syncs);
  }

  // A last start without a fault, and an orderly end.
  void Close() {
    disk_.ResetControl();
    Daemon daemon(disk_);
    if (!daemon.serving() || !work_.Judge(daemon, disk_)) {
      oracle_.Blame("it does not come back:\n" + Daemon::LogTail(disk_));
    }
    daemon.Terminate();
    const int code = daemon.Wait();
    if (code != 0) oracle_.Blame(absl::StrCat("stopped with ", code));
  }

  Oracle& oracle() { return oracle_; }
  std::mt19937& random() { return random_; }

 private:
  std::mt19937 random_;
  SimulatedDisk disk_;
  Oracle oracle_;
  Workload work_;
};

// The n-th process ends at the n-th sync of its life; from the 501st on, at
// any.
std::vector<Fate> Fates(int cycles, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<int64_t> syncs;
  std::uniform_int_distribution<int64_t> any(1, 3'000);
  for (int i = 1; i <= kEverySync; ++i) syncs.push_back(i);
  // Few cycles: spread over all of them.
  if (cycles < kEverySync) std::shuffle(syncs.begin(), syncs.end(), random);
  std::vector<Fate> fates;
  for (int i = 0; i < cycles; ++i) {
    for (const End end : {End::kCut, End::kKill}) {
      fates.push_back({.end = end,
                       .at_sync = i < kEverySync ? syncs[i] : any(random),
                       .after = random() % 2 == 0});
    }
  }
  // Cuts follow kills and kills cuts in any order.
  std::shuffle(fates.begin(), fates.end(), random);
  return fates;
}

TEST(PowerCutTest, NothingAcknowledgedIsLostByCutsAndKills) {
  const auto cycles = static_cast<int>(Setting("DURABILITY_CYCLES", 50));
  const auto seed = static_cast<uint32_t>(Setting("DURABILITY_SEED", 20261201));
  const std::vector<Fate> fates = Fates(cycles, seed);
  int64_t acknowledged = 0;
  std::unique_ptr<World> world;
  for (size_t i = Setting("DURABILITY_PAUSE", 0); i < fates.size(); ++i) {
    SCOPED_TRACE(absl::StrCat(
        "seed=", seed, " process=", i, ": ", fates[i].ToString(),
        "; repeat with DURABILITY_CYCLES=", cycles, " DURABILITY_SEED=", seed));
    if (world == nullptr) world = std::make_unique<World>(seed + i);
    world->Live(fates[i]);
    const bool last = i + 1 == fates.size() || (i + 1) % kCyclesOfAWorld == 0;
    if (last) world->Close();
    std::vector<std::string> violations = world->oracle().TakeViolations();
    const size_t count = violations.size();
    violations.resize(std::min(count, kMostShown));
    ASSERT_EQ(count, 0) << absl::StrJoin(violations, "\n");
    if (!last) continue;
    acknowledged += world->oracle().acknowledgements();
    world.reset();
    std::cout << i + 1 << " of " << fates.size() << " processes ended, "
              << acknowledged << " writes acknowledged" << std::endl;
  }
  EXPECT_GE(acknowledged, 100 * cycles);
}

// A data folder that is being made is cut off at every sync, at every fifth
// when there is little time, and then made.
TEST(PowerCutTest, AFolderThatIsBeingMadeIsCutOffAtEverySync) {
  const auto seed = static_cast<uint32_t>(Setting("DURABILITY_SEED", 20261201));
  const int64_t step = Setting("DURABILITY_CYCLES", 50) < kEverySync ? 5 : 1;
  constexpr int64_t kSyncsOfMaking = 50;
  for (int64_t sync = 1 + seed % step; sync <= kSyncsOfMaking; sync += step) {
    SCOPED_TRACE(absl::StrCat("seed=", seed, " cut at sync ", sync));
    World world(seed + sync);
    world.Live({.end = End::kCut, .at_sync = sync, .after = sync % 2 == 0});
    world.Close();
    EXPECT_THAT(world.oracle().TakeViolations(), IsEmpty());
  }
}

// The same on a disk that says it has synced and has not: this must go wrong,
// else the test above sees nothing.
TEST(PowerCutTest, ControlADiskThatLiesLosesAcknowledgedWrites) {
  const Fate lie{.end = End::kCut,
                 .at_sync = 300,
                 .syncs = SimulatedDisk::Syncs::kIgnored};
  for (uint32_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE(seed);
    World world(seed);
    // What is there before the lie stays; so it is no empty folder that comes
    // back, but one that is old and whole.
    if (seed > 1) world.Live({.end = End::kCut, .at_sync = 200});
    world.Live(lie);
    EXPECT_THAT(world.oracle().TakeViolations(), IsEmpty());
    world.Close();
    EXPECT_THAT(world.oracle().TakeViolations(),
                Contains(HasSubstr("acknowledged was")));
  }
}

}  // namespace
}  // namespace gradmatch
