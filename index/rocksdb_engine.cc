#include "index/rocksdb_engine.h"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "index/base/strings.h"
#include "index/keys.h"

namespace gradmatch {
namespace {

// RocksDB would retry or go on after some errors of its background work; in
// this version that has lost data, so any of them ends writing.
class BackgroundErrors : public rocksdb::EventListener {
 public:
  explicit BackgroundErrors(std::shared_ptr<WriteCondition> condition)
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
  const std::shared_ptr<WriteCondition> condition_;
};

// A count of RocksDB's statistics; 0 when it has no such one.
int64_t StallsOf(const std::map<std::string, std::string>& stats,
                 const std::string& name) {
  const auto found = stats.find(name);
  int64_t count = 0;
  if (found != stats.end()) (void)absl::SimpleAtoi(found->second, &count);
  return count;
}

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

}  // namespace

absl::Status ToStatus(const rocksdb::Status& s, std::string_view what) {
  if (s.ok()) return absl::OkStatus();
  const std::string text = absl::StrCat(A(what), ": ", s.ToString());
  if (s.IsCorruption()) return absl::DataLossError(text);
  if (s.IsNotFound()) return absl::NotFoundError(text);
  if (s.IsNoSpace()) return absl::ResourceExhaustedError(text);
  if (s.IsInvalidArgument()) return absl::FailedPreconditionError(text);
  return absl::InternalError(text);
}

RocksdbEngine::RocksdbEngine(const RocksdbStoreOptions& options,
                             std::string folder,
                             std::shared_ptr<WriteCondition> condition)
    : folder_(std::move(folder)),
      db_options_(DatabaseOptions(options)),
      family_options_(FamilyOptions(options)) {
  db_options_.listeners = {
      std::make_shared<BackgroundErrors>(std::move(condition))};
}

absl::Status RocksdbEngine::Open(LogMode mode) {
  absl::Status created = CreateIfAbsent();
  if (!created.ok()) return created;
  rocksdb::DBOptions options = db_options_;
  sequence_ = std::make_unique<UnbrokenSequence>();
  options.wal_filter = sequence_.get();
  options.max_manifest_file_size = 1;  // as PurgeTables wants it
  options.wal_recovery_mode =
      mode == LogMode::kStrict ? rocksdb::WALRecoveryMode::kAbsoluteConsistency
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

void RocksdbEngine::Close() {
  if (db_ == nullptr) return;
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    db_->DestroyColumnFamilyHandle(handle);
  }
  handles_.clear();
  db_.reset();
}

absl::Status RocksdbEngine::VerifyTables(
    const std::vector<std::string>& known) {
  // A merge that begins with the opening would take tables away meanwhile.
  rocksdb::Status s = db_->PauseBackgroundWork();
  std::vector<rocksdb::LiveFileMetaData> files;
  if (s.ok()) db_->GetLiveFilesMetaData(&files);
  for (const rocksdb::LiveFileMetaData& file : files) {
    const std::string name(absl::StripPrefix(file.name, "/"));
    if (std::binary_search(known.begin(), known.end(), name)) continue;
    rocksdb::SstFileReader reader{
        rocksdb::Options(db_options_, family_options_)};
    s = reader.Open(absl::StrCat(folder_, "/", name));
    if (s.ok()) s = reader.VerifyChecksum();
    if (!s.ok()) {
      db_->ContinueBackgroundWork();
      return ToStatus(s, "verify " + name);
    }
  }
  if (s.ok()) s = db_->ContinueBackgroundWork();
  return ToStatus(s, "verify the tables of " + folder_);
}

absl::Status RocksdbEngine::CreateIfAbsent() {
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

StoreFigures RocksdbEngine::Figures() const {
  using Properties = rocksdb::DB::Properties;
  const auto sum = [this](const std::string& property) {
    uint64_t value = 0;
    db_->GetAggregatedIntProperty(property, &value);
    return static_cast<int64_t>(value);
  };
  StoreFigures figures;
  figures.table_bytes = sum(Properties::kLiveSstFilesSize);
  figures.buffer_bytes = sum(Properties::kCurSizeAllMemTables);
  figures.compaction_bytes = sum(Properties::kEstimatePendingCompactionBytes);
  rocksdb::VectorLogPtr logs;
  if (db_->GetSortedWalFiles(logs).ok()) {
    for (const auto& log : logs) {
      figures.log_bytes += static_cast<int64_t>(log->SizeFileBytes());
    }
  }
  for (int i = 0; i < kFamilyCount; ++i) {
    const Family family = static_cast<Family>(i);
    uint64_t records = 0;
    db_->GetIntProperty(handle(family), Properties::kEstimateNumKeys, &records);
    figures.records.emplace_back(FamilyName(family),
                                 static_cast<int64_t>(records));
    std::map<std::string, std::string> stats;
    db_->GetMapProperty(handle(family), Properties::kCFStats, &stats);
    figures.slowdowns += StallsOf(stats, "io_stalls.total_slowdown");
    figures.stops += StallsOf(stats, "io_stalls.total_stop");
  }
  return figures;
}

}  // namespace gradmatch
