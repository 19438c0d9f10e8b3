#include "index/rocksdb_store.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/table.h>
#include <rocksdb/wal_filter.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "index/base/mutex.h"
#include "index/base/strings.h"
#include "index/file_system.h"
#include "index/format.h"
#include "index/keys.h"
#include "index/pseudonym.h"
#include "index/rocksdb_purge.h"
#include "index/watermark.h"

namespace gradmatch {
namespace {

rocksdb::Slice ToSlice(std::string_view s) { return {s.data(), s.size()}; }

std::string_view ToView(const rocksdb::Slice& s) {
  return {s.data(), s.size()};
}

// RocksDB names files and offsets, never keys or values.
absl::Status ToStatus(const rocksdb::Status& s, std::string_view what) {
  if (s.ok()) return absl::OkStatus();
  const std::string text = absl::StrCat(A(what), ": ", s.ToString());
  if (s.IsCorruption()) return absl::DataLossError(text);
  if (s.IsNotFound()) return absl::NotFoundError(text);
  if (s.IsNoSpace()) return absl::ResourceExhaustedError(text);
  if (s.IsInvalidArgument()) return absl::FailedPreconditionError(text);
  return absl::InternalError(text);
}

// Whether the store takes writes. Shared with RocksDB's threads.
class Condition {
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

// RocksDB would retry or go on after some errors of its background work; in
// this version that has lost data, so any of them ends writing.
class BackgroundErrors : public rocksdb::EventListener {
 public:
  explicit BackgroundErrors(std::shared_ptr<Condition> condition)
      : condition_(std::move(condition)) {}
  void OnBackgroundError(rocksdb::BackgroundErrorReason,
                         rocksdb::Status* status) override {
    condition_->Break(status->ToString());
  }
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }

 private:
  const std::shared_ptr<Condition> condition_;
};

// Looks at every batch of the log as it is replayed. RocksDB skips a stretch of
// zeros without a word; the numbers of the batches then have a gap, which is
// damage like any other.
class UnbrokenSequence : public rocksdb::WalFilter {
 public:
  WalProcessingOption LogRecordFound(unsigned long long, const std::string&,
                                     const rocksdb::WriteBatch& batch,
                                     rocksdb::WriteBatch*, bool*) override {
    // The head of a batch: number (8 bytes) and count (4), little endian.
    const std::string& bytes = batch.Data();
    const uint64_t first = ReadLittleEndian(bytes, 8);
    if (next_ != 0 && first != next_) {
      return WalProcessingOption::kCorruptedRecord;
    }
    next_ = first + batch.Count();
    return WalProcessingOption::kContinueProcessing;
  }
  const char* Name() const override { return "gradmatch.UnbrokenSequence"; }

 private:
  static uint64_t ReadLittleEndian(std::string_view bytes, int size) {
    uint64_t value = 0;
    for (int i = size; i-- > 0;) {
      value = value << 8 | static_cast<unsigned char>(bytes[i]);
    }
    return value;
  }

  uint64_t next_ = 0;  // 0: nothing seen
};

rocksdb::ColumnFamilyOptions FamilyOptions(const RocksdbStoreOptions& options) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.block_size = 8 << 10;
  if (options.plain_tables) table.block_restart_interval = 1;
  rocksdb::ColumnFamilyOptions family;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  family.compression =
      options.plain_tables ? rocksdb::kNoCompression : rocksdb::kLZ4Compression;
  family.write_buffer_size = options.write_buffer_bytes / 2;
  family.level_compaction_dynamic_level_bytes = true;
  family.force_consistency_checks = true;
  return family;
}

rocksdb::DBOptions DatabaseOptions(const RocksdbStoreOptions& options) {
  rocksdb::DBOptions db;
  db.create_if_missing = true;
  db.create_missing_column_families = true;
  db.paranoid_checks = true;
  db.max_open_files = options.max_open_files;
  db.max_background_jobs = options.background_jobs;
  db.db_write_buffer_size = options.write_buffer_bytes;
  db.max_total_wal_size = 2 * options.write_buffer_bytes;
  db.wal_compression = rocksdb::kNoCompression;
  db.max_bgerror_resume_count = 0;
  db.skip_stats_update_on_db_open = true;
  db.keep_log_file_num = 4;
  db.max_log_file_size = 16 << 20;
  // Its log would tell keys of people: ranges that are compacted.
  db.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  return db;
}

class Engine : public RecoverableEngine {
 public:
  Engine(const RocksdbStoreOptions& options, std::string folder,
         std::shared_ptr<Condition> condition)
      : folder_(std::move(folder)),
        db_options_(DatabaseOptions(options)),
        family_options_(FamilyOptions(options)) {
    db_options_.listeners = {
        std::make_shared<BackgroundErrors>(std::move(condition))};
  }
  ~Engine() override { Close(); }

  absl::Status Open(LogMode mode) override {
    absl::Status created = CreateIfAbsent();
    if (!created.ok()) return created;
    rocksdb::DBOptions options = db_options_;
    options.wal_filter = &sequence_.emplace();
    options.max_manifest_file_size = 1;  // as PurgeTables wants it
    options.wal_recovery_mode =
        mode == LogMode::kStrict
            ? rocksdb::WALRecoveryMode::kAbsoluteConsistency
            : rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    std::vector<rocksdb::ColumnFamilyDescriptor> families = {
        {rocksdb::kDefaultColumnFamilyName, family_options_}};
    for (int i = 0; i < kFamilyCount; ++i) {
      families.emplace_back(std::string(FamilyName(static_cast<Family>(i))),
                            family_options_);
    }
    rocksdb::DB* db = nullptr;
    const rocksdb::Status s =
        rocksdb::DB::Open(options, folder_, families, &handles_, &db);
    db_.reset(db);
    return ToStatus(s, "open " + folder_);
  }

  void Close() override {
    if (db_ == nullptr) return;
    for (rocksdb::ColumnFamilyHandle* handle : handles_) {
      db_->DestroyColumnFamilyHandle(handle);
    }
    handles_.clear();
    db_.reset();
  }

  uint64_t LatestSequence() const override {
    return db_->GetLatestSequenceNumber();
  }

  absl::Status VerifyTables(const std::vector<std::string>& names) override {
    for (const std::string& name : names) {
      rocksdb::SstFileReader reader{
          rocksdb::Options(db_options_, family_options_)};
      rocksdb::Status s = reader.Open(absl::StrCat(folder_, "/", name));
      if (s.ok()) s = reader.VerifyChecksum();
      if (!s.ok()) return ToStatus(s, "verify " + name);
    }
    return absl::OkStatus();
  }

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
  absl::Status CreateIfAbsent() {
    if (std::filesystem::exists(folder_ + "/CURRENT")) return absl::OkStatus();
    rocksdb::DB* raw = nullptr;
    rocksdb::Status s = rocksdb::DB::Open(
        rocksdb::Options(db_options_, family_options_), folder_, &raw);
    if (!s.ok()) return ToStatus(s, "create " + folder_);
    const std::unique_ptr<rocksdb::DB> db(raw);
    std::vector<std::string> names;
    for (int i = 0; i < kFamilyCount; ++i) {
      names.emplace_back(FamilyName(static_cast<Family>(i)));
    }
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    s = db->CreateColumnFamilies(family_options_, names, &handles);
    for (rocksdb::ColumnFamilyHandle* handle : handles) {
      db->DestroyColumnFamilyHandle(handle);
    }
    return ToStatus(s, "create the families of " + folder_);
  }

  const std::string folder_;
  rocksdb::DBOptions db_options_;
  const rocksdb::ColumnFamilyOptions family_options_;
  std::optional<UnbrokenSequence>
      sequence_;  // outlives db_, which points at it
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
};

enum class Direction { kForward, kBack };

class RocksdbCursor : public Cursor {
 public:
  RocksdbCursor(const Engine& engine, Family family, const KeyRange& range,
                Direction direction)
      : begin_(range.begin),
        end_(range.end),
        lower_bound_(begin_),
        upper_bound_(end_),
        family_(family),
        direction_(direction) {
    rocksdb::ReadOptions options;
    if (!begin_.empty()) options.iterate_lower_bound = &lower_bound_;
    if (!end_.empty()) options.iterate_upper_bound = &upper_bound_;
    // A walk over everything would push out what requests need.
    options.fill_cache = !end_.empty();
    iterator_.reset(engine.db().NewIterator(options, engine.handle(family)));
    if (direction_ == Direction::kForward) {
      iterator_->Seek(begin_);
    } else {
      iterator_->SeekToLast();
    }
  }

  bool Valid() const override { return iterator_->Valid(); }
  void Next() override {
    if (direction_ == Direction::kForward) {
      iterator_->Next();
    } else {
      iterator_->Prev();
    }
  }
  std::string_view key() const override { return ToView(iterator_->key()); }
  std::string_view value() const override { return ToView(iterator_->value()); }
  absl::Status status() const override {
    return ToStatus(iterator_->status(),
                    absl::StrCat("walk over ", A(FamilyName(family_))));
  }

 private:
  const std::string begin_;
  const std::string end_;
  const rocksdb::Slice lower_bound_;
  const rocksdb::Slice upper_bound_;
  const Family family_;
  const Direction direction_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

class RocksdbStoreImpl : public RocksdbStore {
 public:
  RocksdbStoreImpl(std::string data_folder, FileDescriptor lock,
                   std::unique_ptr<Engine> engine,
                   std::shared_ptr<Condition> condition,
                   std::unique_ptr<Watermark> watermark, OpenReport report)
      : data_folder_(std::move(data_folder)),
        lock_(std::move(lock)),
        condition_(std::move(condition)),
        watermark_(std::move(watermark)),
        report_(std::move(report)),
        engine_(std::move(engine)) {}

  absl::StatusOr<std::string> Get(Family family,
                                  std::string_view key) const override {
    std::string value;
    const rocksdb::Status s = engine_->db().Get(
        rocksdb::ReadOptions(), engine_->handle(family), ToSlice(key), &value);
    if (!s.ok()) return ReadError(s, family);
    return value;
  }

  absl::StatusOr<std::vector<std::optional<std::string>>> MultiGet(
      Family family, std::span<const std::string> keys) const override {
    const std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
    std::vector<rocksdb::PinnableSlice> values(keys.size());
    std::vector<rocksdb::Status> statuses(keys.size());
    engine_->db().MultiGet(rocksdb::ReadOptions(), engine_->handle(family),
                           keys.size(), slices.data(), values.data(),
                           statuses.data());
    std::vector<std::optional<std::string>> found(keys.size());
    for (size_t i = 0; i < keys.size(); ++i) {
      if (statuses[i].IsNotFound()) continue;
      if (!statuses[i].ok()) return ReadError(statuses[i], family);
      found[i] = values[i].ToString();
    }
    return found;
  }

  std::unique_ptr<Cursor> Scan(Family family,
                               const KeyRange& range) const override {
    return std::make_unique<RocksdbCursor>(*engine_, family, range,
                                           Direction::kForward);
  }
  std::unique_ptr<Cursor> ScanBack(Family family,
                                   const KeyRange& range) const override {
    return std::make_unique<RocksdbCursor>(*engine_, family, range,
                                           Direction::kBack);
  }

  absl::Status Write(const WriteBatch& batch, Durability durability) override {
    if (condition_->broken()) return condition_->status();
    rocksdb::WriteBatch out;
    for (const WriteBatch::Op& op : batch.ops()) {
      rocksdb::ColumnFamilyHandle* handle = engine_->handle(op.family);
      const rocksdb::Status s = op.value ? out.Put(handle, op.key, *op.value)
                                         : out.Delete(handle, op.key);
      if (!s.ok()) return ToStatus(s, "build a batch");
    }
    rocksdb::WriteOptions options;
    options.sync = durability == Durability::kSynced;
    // This batch gets numbers above the latest one now, so once it is synced
    // everything up to that plus its own count is.
    const uint64_t durable = engine_->LatestSequence() + batch.ops().size();
    const rocksdb::Status s = engine_->db().Write(options, &out);
    if (!s.ok()) return Fail(ToStatus(s, "write to the store"));
    if (!options.sync) return absl::OkStatus();
    if (absl::Status w = watermark_->Advance(durable); !w.ok()) return Fail(w);
    return absl::OkStatus();
  }

  absl::Status Purge(std::span<const FamilyRange> ranges) override {
    if (condition_->broken()) return condition_->status();
    std::vector<PurgeTarget> targets;
    for (const FamilyRange& range : ranges) {
      targets.push_back({engine_->handle(range.family), range.range});
    }
    absl::Status purged = PurgeTables(engine_->purge_parts(), targets);
    return purged.ok() ? RemoveTree(data_folder_ + "/recovery") : purged;
  }

  absl::StatusOr<FileSearch> Search(const ByteSearch& needles) const override {
    return SearchDataFolder(engine_->purge_parts(), engine_->options(),
                            data_folder_, needles);
  }

  const OpenReport& open_report() const override { return report_; }
  absl::Status Health() const override { return condition_->status(); }

  int64_t ApproximateBytes() const override {
    uint64_t tables = 0, memory = 0;
    engine_->db().GetAggregatedIntProperty(
        rocksdb::DB::Properties::kLiveSstFilesSize, &tables);
    engine_->db().GetAggregatedIntProperty(
        rocksdb::DB::Properties::kCurSizeAllMemTables, &memory);
    return static_cast<int64_t>(tables + memory);
  }

 private:
  static absl::Status ReadError(const rocksdb::Status& s, Family family) {
    return ToStatus(s, absl::StrCat("read from ", A(FamilyName(family))));
  }

  absl::Status Fail(absl::Status status) {
    condition_->Break(S(status.message()));
    return status;
  }

  const std::string data_folder_;
  const FileDescriptor lock_;  // released last
  const std::shared_ptr<Condition> condition_;
  const std::unique_ptr<Watermark> watermark_;
  const OpenReport report_;
  const std::unique_ptr<Engine> engine_;
};

// Makes the small files of a folder whose RocksDB is not there yet. Creation
// may have been broken off before, so each step may already be done; but a
// watermark that has risen means that a store was there.
absl::Status PrepareNewFolder(const std::string& folder,
                              const std::string& watermark_path) {
  const auto old = Watermark::Open(watermark_path);
  if (old.ok() && (*old)->value() > 0) {
    return absl::DataLossError(absl::StrCat(
        folder, "/store is gone, but writes up to ", (*old)->value(),
        " were acknowledged in this data folder; restore a backup"));
  }
  if (absl::Status s = EnsureSecret(folder); !s.ok()) return s;
  // RocksDB syncs what it puts into its folder, not the folder's own name.
  if (absl::Status s = MakeFolder(folder + "/store"); !s.ok()) return s;
  return Watermark::Create(watermark_path, 0);
}

// Null when there is no watermark: someone removed it to go on without.
absl::StatusOr<std::unique_ptr<Watermark>> OpenWatermark(
    const std::string& path) {
  auto watermark = Watermark::Open(path);
  if (absl::IsNotFound(watermark.status())) return nullptr;
  return watermark;
}

}  // namespace

absl::Status Validate(const RocksdbStoreOptions& options) {
  const auto refuse = [](std::string_view name, int64_t value, int64_t least) {
    return absl::InvalidArgumentError(absl::StrCat(
        "store option ", A(name), " is ", value, "; at least ", least));
  };
  if (options.folder.empty()) {
    return absl::InvalidArgumentError(
        "store option folder is empty; name a data folder");
  }
  if (options.clock == nullptr) {
    return absl::InvalidArgumentError("store option clock is missing");
  }
  if (options.block_cache_bytes < 1 << 20) {
    return refuse("block_cache_bytes", options.block_cache_bytes, 1 << 20);
  }
  if (options.write_buffer_bytes < 1 << 20) {
    return refuse("write_buffer_bytes", options.write_buffer_bytes, 1 << 20);
  }
  if (options.max_open_files < 64) {
    return refuse("max_open_files", options.max_open_files, 64);
  }
  if (options.background_jobs < 1) {
    return refuse("background_jobs", options.background_jobs, 1);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<RocksdbStore>> RocksdbStore::Open(
    const RocksdbStoreOptions& options) {
  if (absl::Status s = Validate(options); !s.ok()) return s;
  const std::string& folder = options.folder;
  const RecoveryPaths paths{folder + "/store", folder + "/recovery",
                            folder + "/WATERMARK"};
  const absl::Time now = options.clock->Now();
  auto format =
      OpenFormat(folder, options.create_if_empty, options.program, now);
  if (!format.ok()) return format.status();
  auto lock = LockFile(folder + "/LOCK");
  if (!lock.ok()) return lock.status();
  if (absl::Status s = UpgradeFormat(folder, format->format); !s.ok()) {
    return s;
  }

  const bool created = !FileExists(paths.engine_folder + "/CURRENT");
  if (created) {
    absl::Status s = PrepareNewFolder(folder, paths.watermark_path);
    if (!s.ok()) return s;
  }
  const auto secret = Pseudonymizer::Open(folder);
  if (!secret.ok()) return secret.status();
  auto watermark = OpenWatermark(paths.watermark_path);
  if (!watermark.ok()) return watermark.status();
  std::optional<uint64_t> acknowledged;
  if (*watermark != nullptr) acknowledged = (*watermark)->value();

  auto condition = std::make_shared<Condition>();
  auto engine =
      std::make_unique<Engine>(options, paths.engine_folder, condition);
  auto report = OpenWithRecovery(*engine, paths, acknowledged, now);
  if (!report.ok()) return report.status();
  report->created = created;
  if (*watermark == nullptr) {
    absl::Status s =
        Watermark::Create(paths.watermark_path, report->recovered_sequence);
    if (!s.ok()) return s;
    watermark = Watermark::Open(paths.watermark_path);
    if (!watermark.ok()) return watermark.status();
  }
  return std::make_unique<RocksdbStoreImpl>(
      folder, *std::move(lock), std::move(engine), std::move(condition),
      *std::move(watermark), *std::move(report));
}

}  // namespace gradmatch
