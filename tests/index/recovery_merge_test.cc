// A store that was cut off opens while RocksDB already merges tables: what it
// is writing then has no end yet, and that is no damage. The store once said it
// was, and that a backup was to be restored.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "index/base/clock.h"
#include "index/rocksdb_store.h"
#include "tests/fakes/temp_folder.h"

namespace gradmatch {
namespace {

constexpr int kRounds = 40;
constexpr int kValues = 4;
constexpr size_t kValueBytes = 256 << 10;

// Bytes behind the newest log that are no entry, as of a write that was torn.
void TearLog(const std::string& store) {
  std::string newest;
  for (const auto& entry : std::filesystem::directory_iterator(store)) {
    if (entry.path().extension() == ".log") {
      newest = std::max(newest, entry.path().string());
    }
  }
  std::ofstream(newest, std::ios::app | std::ios::binary) << "torn";
}

TEST(RecoveryMergeTest, TablesThatAreBeingMergedAreNoDamage) {
  // In memory where there is such a place: many openings, each with syncs.
  const std::filesystem::path memory = "/dev/shm";
  TempFolder folder(std::filesystem::exists(memory)
                        ? memory
                        : std::filesystem::temp_directory_path());
  const SystemClock clock;
  int recovered = 0;
  for (int round = 0; round < kRounds; ++round) {
    SCOPED_TRACE(absl::StrCat("round=", round));
    auto store = RocksdbStore::Open(
        {.folder = folder.path(), .clock = &clock, .plain_tables = true});
    ASSERT_TRUE(store.ok()) << store.status();
    recovered += !(*store)->open_report().strict;
    // Each opening makes a table of these, and the fourth a merge.
    for (int i = 0; i < kValues; ++i) {
      WriteBatch batch;
      batch.Put(Family::kRawRow, absl::StrCat(i),
                std::string(kValueBytes, static_cast<char>(round)));
      ASSERT_TRUE((*store)->Write(batch, Durability::kSynced).ok());
    }
    store->reset();
    TearLog(folder / "store");
  }
  EXPECT_EQ(recovered, kRounds - 1);
}

}  // namespace
}  // namespace gradmatch
