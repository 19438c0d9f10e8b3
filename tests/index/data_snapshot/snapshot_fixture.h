#ifndef GRADMATCH_TESTS_INDEX_DATA_SNAPSHOT_SNAPSHOT_FIXTURE_H_
#define GRADMATCH_TESTS_INDEX_DATA_SNAPSHOT_SNAPSHOT_FIXTURE_H_

#include <map>
#include <memory>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "index/base/clock.h"
#include "index/data_snapshot/rights_journal.h"
#include "index/data_snapshot/snapshot_folder.h"
#include "index/data_snapshot/snapshot_restore.h"
#include "index/data_snapshot/snapshot_writer.h"
#include "index/rocksdb_store.h"
#include "tests/fakes/temp_folder.h"

namespace gradmatch {

inline RocksdbStoreOptions SmallStore(const std::string& folder,
                                      const Clock& clock) {
  RocksdbStoreOptions options;
  options.folder = folder;
  options.clock = &clock;
  options.block_cache_bytes = 1 << 20;
  options.write_buffer_bytes = 1 << 20;
  return options;
}

// A store with a folder for its data snapshots and a journal in it.
class SnapshotFixture : public testing::Test {
 protected:
  SnapshotFixture() {
    OpenStore();
    auto folder = SnapshotFolder::Open(snapshots_path(), data_path());
    EXPECT_TRUE(folder.ok()) << folder.status();
    folder_ = std::make_unique<SnapshotFolder>(*std::move(folder));
    auto journal = RightsJournal::Open(snapshots_path(), clock_);
    EXPECT_TRUE(journal.ok()) << journal.status();
    journal_ = *std::move(journal);
  }

  std::string data_path() const { return temp_ / "data"; }
  std::string snapshots_path() const { return temp_ / "snapshots"; }
  std::string PathOf(const std::string& id) const {
    return folder_->PathOf(id);
  }

  void OpenStore(int64_t write_buffer_bytes = 1 << 20) {
    store_.reset();
    RocksdbStoreOptions options = SmallStore(data_path(), clock_);
    options.write_buffer_bytes = write_buffer_bytes;
    auto store = RocksdbStore::Open(options);
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }

  // Keys of two families in one batch.
  static WriteBatch Pair(const std::string& key, const std::string& value) {
    WriteBatch batch;
    batch.Put(Family::kPosting, key, value);
    batch.Put(Family::kGraduate, key, value);
    return batch;
  }
  void Write(const std::string& prefix, int count, size_t bytes = 100) {
    std::mt19937 random(7);
    for (int i = 0; i < count; ++i) {
      const std::string key = absl::StrCat(prefix, i);
      std::string value(bytes, '\0');  // that no table makes smaller
      for (char& c : value) c = static_cast<char>(random());
      const absl::Status written =
          store_->Write(Pair(key, value), i % 50 == 0 ? Durability::kSynced
                                                      : Durability::kBuffered);
      ASSERT_TRUE(written.ok()) << written;
    }
    ASSERT_TRUE(store_->Write(Pair("end", "end"), Durability::kSynced).ok());
  }

  absl::StatusOr<SnapshotManifest> Make(const StepHook& at_step = {}) {
    clock_.Advance(absl::Seconds(1));
    SnapshotRequest request;
    request.now = clock_.Now();
    request.id = folder_->NewId(request.now);
    request.data_folder = data_path();
    request.program = "test";
    request.journal = journal_->position();
    WorkMeter meter;
    return WriteSnapshot(*store_, *folder_, request, meter, at_step);
  }
  static absl::Status Verify(const std::string& path) {
    WorkMeter meter;
    return VerifySnapshot(path, meter).status();
  }
  absl::Status Restore(const std::string& id, const std::string& to,
                       const std::string& accepted = "") const {
    WorkMeter meter;
    return RestoreSnapshot({.snapshot = PathOf(id),
                            .data_folder = to,
                            .accepted = accepted},
                           meter)
        .status();
  }

  using Contents = std::map<std::string, std::string>;
  static Contents Read(const Store& store, Family family) {
    Contents contents;
    const auto cursor = store.Scan(family, KeyRange{});
    for (; cursor->Valid(); cursor->Next()) {
      contents.emplace(cursor->key(), cursor->value());
    }
    EXPECT_TRUE(cursor->status().ok()) << cursor->status();
    return contents;
  }
  // What a restored folder holds; it opened without a recovery.
  Contents ReadFolder(const std::string& folder) const {
    RocksdbStoreOptions options = SmallStore(folder, clock_);
    options.create_if_empty = false;
    const auto store = RocksdbStore::Open(options);
    EXPECT_TRUE(store.ok()) << store.status();
    if (!store.ok()) return {};
    EXPECT_TRUE((*store)->open_report().strict);
    Contents contents = Read(**store, Family::kPosting);
    EXPECT_EQ(Read(**store, Family::kGraduate), contents);
    return contents;
  }

  const TempFolder temp_;
  ManualClock clock_{absl::FromUnixSeconds(1'772'337'600)};
  std::unique_ptr<RocksdbStore> store_;
  std::unique_ptr<SnapshotFolder> folder_;
  std::unique_ptr<RightsJournal> journal_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_INDEX_DATA_SNAPSHOT_SNAPSHOT_FIXTURE_H_
