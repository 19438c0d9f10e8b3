// kill -9 before every step of making and of restoring a data snapshot.

#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <vector>

#include "gmock/gmock.h"
#include "index/format.h"
#include "tests/index/data_snapshot/snapshot_fixture.h"

namespace gradmatch {
namespace {

namespace fs = std::filesystem;

// 0, 3, or 128 + the signal.
int Worker(std::vector<std::string> words) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    std::vector<char*> argv = {const_cast<char*>(SNAPSHOT_WORKER)};
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

constexpr int kKilled = 128 + SIGKILL;

TEST(SnapshotKillTest, AtEveryStepOfMakingOnlyWholeOnesAreLeft) {
  const TempFolder temp;
  const std::string data = temp / "data";
  const std::string snapshots = temp / "snapshots";
  int step = 1;
  int code = kKilled;
  for (; code == kKilled && step < 500; ++step) {
    SCOPED_TRACE(step);
    code = Worker({"create", data, snapshots, std::to_string(step)});
    const auto listed = ListSnapshots(snapshots);
    ASSERT_TRUE(listed.ok());
    for (const ListedSnapshot& snapshot : *listed) {
      WorkMeter meter;
      EXPECT_TRUE(VerifySnapshot(snapshots + "/" + snapshot.id, meter).ok());
    }
  }
  EXPECT_EQ(code, 0);
  EXPECT_GT(step, 12) << "else hardly anything was tried";
  // The last one of all is whole, and nothing half is left.
  const auto names = ListFolder(snapshots);
  ASSERT_TRUE(names.ok());
  int whole = 0;
  for (const std::string& name : *names) {
    EXPECT_THAT(name, testing::Not(testing::HasSubstr(".part")));
    whole += IsSnapshotId(name);
  }
  // One that was killed between the renaming and the end is whole too.
  EXPECT_GE(whole, 1);
}

TEST(SnapshotKillTest, AtEveryStepOfRestoringItIsAllOrNothingAndGoesOn) {
  const TempFolder temp;
  const std::string snapshots = temp / "snapshots";
  ASSERT_EQ(Worker({"create", temp / "data", snapshots, "0"}), 0);
  const std::string snapshot =
      snapshots + "/" + ListSnapshots(snapshots)->front().id;
  const ManualClock clock(absl::FromUnixSeconds(1'772'337'600));
  const std::string to = temp / "restored";
  int code = kKilled;
  int step = 1;
  for (; code == kKilled && step < 500; ++step) {
    SCOPED_TRACE(step);
    // Into what the one before left, whatever that is.
    const bool was_whole = FileExists(to + "/FORMAT");
    code = Worker({"restore", snapshot, to, std::to_string(step)});
    if (was_whole) {
      EXPECT_EQ(code, 3) << "not empty any more";
      fs::remove_all(to);
      code = kKilled;
      continue;
    }
    if (code != kKilled) break;
    RocksdbStoreOptions options = SmallStore(to, clock);
    options.create_if_empty = false;
    const auto store = RocksdbStore::Open(options);
    if (!FileExists(to + "/FORMAT")) {
      EXPECT_FALSE(store.ok()) << "half a restore was taken for a data folder";
    } else {
      EXPECT_TRUE(store.ok()) << store.status();
      EXPECT_TRUE(FileExists(to + "/RESTORED"));
    }
  }
  EXPECT_EQ(code, 0);
  EXPECT_GT(step, 10);
  const auto store = RocksdbStore::Open(SmallStore(to, clock));
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_TRUE((*store)->Get(Family::kPosting, "key").ok());
  EXPECT_TRUE(FileExists(to + "/RESTORED"));
  EXPECT_FALSE(FileExists(to + "/RESTORING"));
}

}  // namespace
}  // namespace gradmatch
