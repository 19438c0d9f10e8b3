// Data snapshots of a store that is being written to, what they share, and what
// restoring gives. GRADMATCH_RESTORES=100 runs the loop that long.

#include <sys/stat.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "index/data_snapshot/restored_mark.h"
#include "index/format.h"
#include "tests/index/data_snapshot/snapshot_fixture.h"

namespace gradmatch {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

using SnapshotTest = SnapshotFixture;

TEST_F(SnapshotTest, RestoresWhatWasThere) {
  Write("a", 500);
  const auto manifest = Make();
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  const Contents before = Read(*store_, Family::kPosting);
  Write("later", 10);
  EXPECT_TRUE(Verify(PathOf(manifest->id)).ok());
  ASSERT_TRUE(Restore(manifest->id, temp_ / "restored").ok());
  EXPECT_EQ(ReadFolder(temp_ / "restored"), before);

  const auto mark = ReadRestoredMark(temp_ / "restored");
  ASSERT_TRUE(mark.ok() && mark->has_value()) << mark.status();
  EXPECT_EQ((*mark)->snapshot, manifest->id);
  EXPECT_EQ((*mark)->journal_folder, snapshots_path());
  EXPECT_EQ(*ReadFile(temp_ / "restored/SECRET"),
            *ReadFile(data_path() + "/SECRET"));
  struct stat secret;
  ASSERT_EQ(::stat((temp_ / "restored/SECRET").c_str(), &secret), 0);
  EXPECT_EQ(secret.st_mode & 0777, 0600);
  EXPECT_TRUE(Verify(PathOf(manifest->id)).ok()) << "restoring changed it";
}

// Each writer writes its keys in order, two in a batch, and counts what was
// acknowledged.
class Writers {
 public:
  Writers(RocksdbStore& store, int count) : acknowledged_(count) {
    for (int i = 0; i < count; ++i) {
      threads_.emplace_back([this, &store, i] {
        for (int n = 0; !stop_; ++n) {
          WriteBatch batch;
          const std::string key = absl::StrCat("w", i, "/", 1'000'000 + n);
          batch.Put(Family::kPosting, key, "v");
          batch.Put(Family::kGraduate, key, "v");
          if (!store.Write(batch, Durability::kSynced).ok()) return;
          acknowledged_[i] = n + 1;
        }
      });
    }
  }
  ~Writers() { Stop(); }
  void Stop() {
    stop_ = true;
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }
  std::vector<int> acknowledged() const {
    return {acknowledged_.begin(), acknowledged_.end()};
  }

 private:
  std::atomic<bool> stop_{false};
  std::vector<std::atomic<int>> acknowledged_;
  std::vector<std::thread> threads_;
};

TEST_F(SnapshotTest, UnderLoadEachRestoreIsAPrefixWithAllThatWasAcknowledged) {
  const char* wanted = std::getenv("GRADMATCH_RESTORES");
  const int rounds = wanted == nullptr ? 4 : std::atoi(wanted);
  constexpr int kWriters = 3;
  Writers writers(*store_, kWriters);
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE(round);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    const std::vector<int> acknowledged = writers.acknowledged();
    const auto manifest = Make();
    ASSERT_TRUE(manifest.ok()) << manifest.status();
    const std::string to = temp_ / "restored";
    ASSERT_TRUE(Restore(manifest->id, to).ok());
    const Contents contents = ReadFolder(to);
    std::vector<int> seen(kWriters, 0);
    for (const auto& [key, value] : contents) {
      const int writer = key[1] - '0';
      // Without a gap: the next one is the next of this writer.
      ASSERT_EQ(key, absl::StrCat("w", writer, "/", 1'000'000 + seen[writer]));
      ++seen[writer];
    }
    for (int i = 0; i < kWriters; ++i) EXPECT_GE(seen[i], acknowledged[i]) << i;
    fs::remove_all(to);
    if (round < 3) continue;
    ASSERT_TRUE(folder_->Delete(manifest->id).ok());
  }
}

int64_t LinkedBytes(const std::string& snapshot) {
  int64_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(snapshot)) {
    if (entry.is_regular_file() && entry.hard_link_count() > 1) {
      bytes += static_cast<int64_t>(entry.file_size());
    }
  }
  return bytes;
}

TEST_F(SnapshotTest, TheSecondSharesTheTablesOfTheFirst) {
  // Little enough that no table is merged in between.
  ASSERT_NO_FATAL_FAILURE(OpenStore(64 << 20));
  Write("big", 2'000, 1'000);
  const auto first = Make();
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_GT(first->new_bytes, 4'000'000);
  EXPECT_EQ(LinkedBytes(PathOf(first->id)), 0);
  Write("small", 10);
  const auto second = Make();
  ASSERT_TRUE(second.ok()) << second.status();
  // RocksDB's own lists and options are some 100 KB each time.
  EXPECT_LT(second->new_bytes, first->new_bytes / 20);
  EXPECT_GT(LinkedBytes(PathOf(second->id)), first->TotalBytes() * 9 / 10);
  // None of it with the data folder.
  for (const auto& entry : fs::recursive_directory_iterator(data_path())) {
    if (entry.is_regular_file()) {
      EXPECT_EQ(entry.hard_link_count(), 1) << entry.path();
    }
  }
  const Contents before = Read(*store_, Family::kPosting);
  ASSERT_TRUE(folder_->Delete(first->id).ok());
  EXPECT_TRUE(Verify(PathOf(second->id)).ok());
  ASSERT_TRUE(Restore(second->id, temp_ / "restored").ok());
  EXPECT_EQ(ReadFolder(temp_ / "restored"), before);
}

TEST_F(SnapshotTest, ARottenTableOfTheFirstIsCopiedAnewIntoTheSecond) {
  Write("big", 2'000, 1'000);
  const auto first = Make();
  ASSERT_TRUE(first.ok());
  for (const SnapshotFile& file : first->files) {
    if (file.table_id.empty()) continue;
    const std::string path = PathOf(first->id) + "/data/" + file.path;
    std::string bytes = *ReadFile(path);
    bytes[bytes.size() / 2] ^= 1;
    ASSERT_TRUE(WriteFileDurably(path, bytes).ok());
  }
  EXPECT_FALSE(Verify(PathOf(first->id)).ok());
  const auto second = Make();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_TRUE(Verify(PathOf(second->id)).ok());
}

TEST_F(SnapshotTest, ATableThatIsDamagedInTheStoreMakesNoSnapshot) {
  Write("big", 2'000, 1'000);
  ASSERT_TRUE(Make().ok()) << "flushes";
  // Under the open store, as a disk does it.
  int damaged = 0;
  for (const auto& entry : fs::directory_iterator(data_path() + "/store")) {
    if (entry.path().extension() != ".sst") continue;
    std::fstream file(entry.path(),
                      std::ios::in | std::ios::out | std::ios::binary);
    const auto at = static_cast<std::streamoff>(fs::file_size(entry) / 3);
    file.seekg(at);
    const char byte = static_cast<char>(file.get() ^ 4);
    file.seekp(at);
    file.put(byte);
    ++damaged;
  }
  ASSERT_GT(damaged, 0);
  fs::remove_all(snapshots_path());
  fs::create_directories(snapshots_path());
  const auto made = Make();
  EXPECT_TRUE(absl::IsDataLoss(made.status())) << made.status();
  const auto left = ListFolder(snapshots_path());
  ASSERT_TRUE(left.ok()) << left.status();
  EXPECT_THAT(*left, testing::IsEmpty());
}

TEST_F(SnapshotTest, RestoresIntoNothingButAnEmptyFolder) {
  Write("a", 10);
  const auto manifest = Make();
  ASSERT_TRUE(manifest.ok());
  const std::string to = temp_ / "restored";
  fs::create_directories(to + "/lost+found");
  std::ofstream(to + "/mine") << "mine";
  const absl::Status refused = Restore(manifest->id, to);
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr("is not empty"));
  EXPECT_EQ(*ReadFile(to + "/mine"), "mine");
  EXPECT_FALSE(FileExists(to + "/RESTORING"));
  fs::remove(to + "/mine");
  ASSERT_TRUE(Restore(manifest->id, to).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(Restore(manifest->id, to)))
      << "a data folder is not empty";
  EXPECT_TRUE(absl::IsFailedPrecondition(Restore(manifest->id, data_path())));
}

TEST_F(SnapshotTest, WithoutItsJournalItIsRestoredOnlyWhenThatIsAccepted) {
  Write("a", 10);
  v1::StoredRightsEntry entry;
  entry.set_deleted("someone");
  ASSERT_TRUE(journal_->Append({entry}).ok());
  const auto manifest = Make();
  ASSERT_TRUE(manifest.ok());
  const std::string rights = snapshots_path() + "/RIGHTS";
  const std::string whole = *ReadFile(rights);
  std::string damaged = whole;
  damaged[damaged.size() - 40] ^= 1;
  const struct {
    const char* name;
    std::string bytes;
  } cases[] = {{"damaged", damaged},
               {"older", whole.substr(0, whole.find('\n') + 1)},
               {"no journal", "something"},
               {"gone", ""}};
  for (const auto& [name, bytes] : cases) {
    SCOPED_TRACE(name);
    fs::remove(rights);
    if (!bytes.empty()) {
      ASSERT_TRUE(WriteFileDurably(rights, bytes).ok());
    }
    const std::string to = temp_ / "restored";
    const absl::Status refused = Restore(manifest->id, to);
    EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
    EXPECT_THAT(std::string(refused.message()),
                HasSubstr("--accept-missing-erasures"));
    EXPECT_FALSE(FileExists(to));
    ASSERT_TRUE(Restore(manifest->id, to, "the disk is gone").ok());
    EXPECT_EQ((*ReadRestoredMark(to))->accepted, "the disk is gone");
    fs::remove_all(to);
  }
}

TEST_F(SnapshotTest, TheFolderIsApartAndOfOneProcess) {
  EXPECT_TRUE(absl::IsFailedPrecondition(
      SnapshotFolder::Open(snapshots_path(), data_path()).status()))
      << "held";
  for (const std::string& inside :
       {data_path() + "/snapshots", data_path(), temp_.path()}) {
    const auto refused = SnapshotFolder::Open(inside, data_path());
    EXPECT_TRUE(absl::IsFailedPrecondition(refused.status())) << inside;
  }
}

TEST_F(SnapshotTest, NoSnapshotWhereThereIsNoRoom) {
  const absl::Status status = CheckFreeBytes(temp_.path(), int64_t{1} << 60);
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_TRUE(CheckFreeBytes(temp_.path(), 1).ok());
}

TEST_F(SnapshotTest, OneThatIsEndedLeavesNothing) {
  Write("a", 100);
  SnapshotRequest request{.id = folder_->NewId(clock_.Now()),
                          .data_folder = data_path(),
                          .program = "test",
                          .now = clock_.Now()};
  WorkMeter meter([](int64_t done, int64_t) {
    return done > 1000 ? absl::CancelledError("enough") : absl::OkStatus();
  });
  EXPECT_TRUE(absl::IsCancelled(
      WriteSnapshot(*store_, *folder_, request, meter).status()));
  EXPECT_THAT(*ListFolder(snapshots_path()),
              testing::UnorderedElementsAre("LOCK", "RIGHTS"));
}

}  // namespace
}  // namespace gradmatch
