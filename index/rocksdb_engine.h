#ifndef GRADMATCH_INDEX_ROCKSDB_ENGINE_H_
#define GRADMATCH_INDEX_ROCKSDB_ENGINE_H_

#include <rocksdb/db.h>
#include <rocksdb/listener.h>

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "index/base/mutex.h"
#include "index/log_starts.h"
#include "index/recovery.h"
#include "index/rocksdb_log_replay.h"
#include "index/rocksdb_purge.h"
#include "index/rocksdb_store.h"

namespace gradmatch {

// RocksDB as RocksdbStore and recovery use it: opened, closed, verified. For
// index/rocksdb_*.cc only.

inline rocksdb::Slice ToSlice(std::string_view s) {
  return {s.data(), s.size()};
}
inline std::string_view ToView(const rocksdb::Slice& s) {
  return {s.data(), s.size()};
}

// `what` was tried. RocksDB names files and offsets, never keys or values.
absl::Status ToStatus(const rocksdb::Status& s, std::string_view what);

// Whether the store takes writes. Shared with RocksDB's threads.
class WriteCondition {
 public:
  bool broken() const { return broken_.load(std::memory_order_acquire); }

  // The first reason stays.
  void Break(std::string_view reason) {
    MutexLock lock(mu_);
    if (reason_.empty()) reason_ = reason;
    broken_.store(true, std::memory_order_release);
  }

  absl::Status status() const {
    if (!broken()) return absl::OkStatus();
    MutexLock lock(mu_);
    return absl::FailedPreconditionError(
        absl::StrCat("the store is read-only since a write failed (", reason_,
                     "): see to the disk, then restart the service"));
  }

 private:
  std::atomic<bool> broken_ = false;
  mutable Mutex mu_;
  std::string reason_ ABSL_GUARDED_BY(mu_);
};

// One store in one folder. Used by one thread while it opens and closes; db()
// may be used by many between.
class RocksdbEngine : public RecoverableEngine {
 public:
  // Nothing is opened. Errors of RocksDB's background work break `condition`.
  RocksdbEngine(const RocksdbStoreOptions& options, std::string folder,
                std::shared_ptr<WriteCondition> condition);
  ~RocksdbEngine() override { Close(); }

  // With all families; an absent store is made.
  absl::Status Open(LogMode mode) override;
  void Close() override;
  uint64_t LatestSequence() const override {
    return db_->GetLatestSequenceNumber();
  }
  absl::Status CheckLogs(uint64_t acknowledged) override;
  std::string DescribeLogs() const override;
  absl::Status VerifyTables(const std::vector<std::string>& known) override;
  absl::Status ReadTable(const std::string& name) override;

  // The names of the tables that are part of the store now.
  std::set<std::string> LiveTables() const;

  // Cheap: nothing of it reads a table.
  StoreFigures Figures() const;

  rocksdb::DB& db() const { return *db_; }
  rocksdb::Options options() const { return {db_options_, family_options_}; }
  PurgeParts purge_parts() const {
    return {*db_, folder_, handles_, handle(Family::kMeta)};
  }
  // The first handle is that of the unused default family.
  rocksdb::ColumnFamilyHandle* handle(Family family) const {
    return handles_[static_cast<size_t>(family) + 1];
  }

 private:
  // A new store gets all its families in one go: made one by one, as DB::Open
  // would, they cost 80 syncs. A kill in between leaves some missing, which
  // DB::Open then makes.
  absl::Status CreateIfAbsent();
  absl::Status ReadLogStarts();
  std::string DescribeFiles() const;
  // On RocksDB's threads too, as long as open_db_ is set.
  void NoteNewestLog();

  const std::string folder_;
  const std::string starts_path_;
  LogStarts starts_as_found_;  // by the opening; the replay looks at it
  Mutex starts_mu_;
  LogStarts starts_ ABSL_GUARDED_BY(starts_mu_);
  rocksdb::DBOptions db_options_;
  const rocksdb::ColumnFamilyOptions family_options_;
  std::unique_ptr<LogReplay> replay_;  // outlives db_, which points at it
  std::unique_ptr<rocksdb::DB> db_;
  std::atomic<rocksdb::DB*> open_db_ = nullptr;  // db_, for NoteNewestLog
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_ROCKSDB_ENGINE_H_
