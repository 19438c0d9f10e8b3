#include "index/rocksdb_engine.h"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/file_system.h"
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

// Tells when a new log may have been begun.
class LogSwitches : public rocksdb::EventListener {
 public:
  explicit LogSwitches(std::function<void()> on_switch)
      : on_switch_(std::move(on_switch)) {}
  // A thread that writes is at this, and no other writes meanwhile.
  void OnMemTableSealed(const rocksdb::MemTableInfo&) override { on_switch_(); }

 private:
  const std::function<void()> on_switch_;
};

// RocksDB tells of a table that is not the one it lists by its number alone.
std::string TableNamedBy(const rocksdb::Status& s) {
  constexpr std::string_view kBefore = "table file ";
  const std::string text = s.ToString();
  const size_t at = text.find(kBefore);
  if (at == std::string::npos) return "";
  const uint64_t number =
      std::strtoull(text.c_str() + at + kBefore.size(), nullptr, 10);
  return absl::StrFormat("; the table is %06d.sst", number);
}

// CURRENT names the list of files to open the store with. RocksDB calls it an
// error of the system when that list is not there, and names only the list.
absl::Status CheckCurrent(const std::string& folder) {
  const auto current = ReadFile(folder + "/CURRENT");
  if (!current.ok()) return current.status();
  const std::string list(absl::StripSuffix(*current, "\n"));
  if (list.find_first_of(std::string("/\0", 2)) == std::string::npos &&
      absl::StartsWith(list, "MANIFEST-") &&
      FileExists(absl::StrCat(folder, "/", list))) {
    return absl::OkStatus();
  }
  return absl::DataLossError(absl::StrCat(
      "open ", folder, ": CURRENT names \"",
      absl::CHexEscape(list.substr(0, 60)),
      "\", which is no list of files (MANIFEST-...) that is there"));
}

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
  family.disable_auto_compactions = options.settle_only;
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
  // A table that is missing is named as it would have been called long ago.
  const std::string text = absl::StrReplaceAll(
      absl::StrCat(A(what), ": ", s.ToString()), {{".ldb", ".sst"}});
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
      starts_path_(options.folder.empty() ? "" : options.folder + "/LOGSTARTS"),
      db_options_(DatabaseOptions(options)),
      family_options_(FamilyOptions(options)) {
  db_options_.listeners = {
      std::make_shared<BackgroundErrors>(std::move(condition)),
      std::make_shared<LogSwitches>([this] { NoteNewestLog(); })};
}

absl::Status RocksdbEngine::Open(LogMode mode) {
  absl::Status ready = CreateIfAbsent();
  if (ready.ok()) ready = CheckCurrent(folder_);
  if (ready.ok()) ready = ReadLogStarts();
  if (!ready.ok()) return ready;
  if (replay_ != nullptr && replay_->lost_start()) {
    return absl::DataLossError(absl::StrCat(
        "open ", folder_, ": nothing is left before the damage of the log"));
  }
  rocksdb::DBOptions options = db_options_;
  replay_ = std::make_unique<LogReplay>(starts_as_found_);
  options.wal_filter = replay_.get();
  options.max_manifest_file_size = 1;  // as PurgeTables and LogReplay want it
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
  if (s.ok()) {
    open_db_ = db;
    NoteNewestLog();
    return absl::OkStatus();
  }
  return ToStatus(s, absl::StrCat("open ", folder_, " (", DescribeFiles(),
                                  TableNamedBy(s), ")"));
}

// RocksDB seldom says which file an error is about.
std::string RocksdbEngine::DescribeFiles() const {
  const auto list = ReadFile(folder_ + "/CURRENT");
  std::string text = absl::StrCat(
      "the list of files is ",
      list.ok() ? absl::StripSuffix(*list, "\n") : "unknown", "; the logs are");
  const auto names = ListFolder(folder_);
  for (size_t i = 0; names.ok() && i < names->size(); ++i) {
    if (absl::EndsWith((*names)[i], ".log")) {
      absl::StrAppend(&text, " ", (*names)[i]);
    }
  }
  const std::string read = replay_->Describe();
  return read.empty() ? text : absl::StrCat(text, "; ", read);
}

void RocksdbEngine::Close() {
  if (db_ == nullptr) return;
  open_db_ = nullptr;
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    db_->DestroyColumnFamilyHandle(handle);
  }
  handles_.clear();
  db_.reset();
}

absl::Status RocksdbEngine::ReadLogStarts() {
  if (starts_path_.empty()) return absl::OkStatus();
  MutexLock lock(starts_mu_);
  auto starts = LogStarts::Read(starts_path_);
  if (!starts.ok()) return starts.status();
  if (starts->lost().has_value()) {
    return absl::DataLossError(absl::StrCat(
        LogFileName(*starts->lost()),
        " was found to be lost at an earlier start, with acknowledged writes "
        "in it (to go on without them, remove LOGSTARTS)"));
  }
  starts_as_found_ = *starts;
  starts_ = *std::move(starts);
  return absl::OkStatus();
}

// The log that RocksDB writes to now is the one with the highest number, and
// begins with the next write. What cannot be noted is only not checked later.
void RocksdbEngine::NoteNewestLog() {
  const rocksdb::DB* db = open_db_;
  if (db == nullptr || starts_path_.empty()) return;
  const auto names = ListFolder(folder_);
  if (!names.ok()) return;
  LogStarts::Start start{.write = db->GetLatestSequenceNumber() + 1};
  for (const std::string& name : *names) {
    uint64_t number = 0;
    if (absl::EndsWith(name, ".log") &&
        absl::SimpleAtoi(absl::StripSuffix(name, ".log"), &number)) {
      start.log = std::max(start.log, number);
    }
  }
  MutexLock lock(starts_mu_);
  if (start.log != 0 && starts_.Add(start)) {
    starts_.Write(starts_path_).IgnoreError();
  }
}

absl::Status RocksdbEngine::CheckLogs(uint64_t acknowledged) {
  if (replay_->saw_any() || !replay_->wanted().has_value() ||
      acknowledged < replay_->wanted()->write) {
    return absl::OkStatus();
  }
  // The opening has made RocksDB forget that it needed the log.
  const uint64_t log = replay_->wanted()->log;
  MutexLock lock(starts_mu_);
  starts_.SetLost(log);
  starts_.Write(starts_path_).IgnoreError();
  return absl::DataLossError(absl::StrCat(
      LogFileName(log), ", which begins with write ", replay_->wanted()->write,
      ", is missing or empty, and writes up to ", acknowledged,
      " were acknowledged (to go on without them, remove LOGSTARTS)"));
}

std::set<std::string> RocksdbEngine::LiveTables() const {
  std::vector<rocksdb::LiveFileMetaData> files;
  db_->GetLiveFilesMetaData(&files);
  std::set<std::string> names;
  for (const auto& file : files) {
    names.insert(std::string(absl::StripPrefix(file.name, "/")));
  }
  return names;
}

std::string RocksdbEngine::DescribeLogs() const {
  return replay_ == nullptr ? "" : replay_->Describe();
}

absl::Status RocksdbEngine::VerifyTables(
    const std::vector<std::string>& known) {
  // A merge that begins with the opening would take tables away meanwhile.
  absl::Status whole = ToStatus(db_->PauseBackgroundWork(), "pause merges");
  if (!whole.ok()) return whole;
  for (const std::string& name : LiveTables()) {
    if (std::binary_search(known.begin(), known.end(), name)) continue;
    whole = ReadTable(name);
    if (!whole.ok()) break;
  }
  const absl::Status going =
      ToStatus(db_->ContinueBackgroundWork(), "go on with merges");
  return whole.ok() ? going : whole;
}

absl::Status RocksdbEngine::ReadTable(const std::string& name) {
  rocksdb::SstFileReader reader{rocksdb::Options(db_options_, family_options_)};
  rocksdb::Status s = reader.Open(absl::StrCat(folder_, "/", name));
  if (s.ok()) s = reader.VerifyChecksum();
  if (!s.ok()) return ToStatus(s, "verify " + name);
  // Whole in itself, and yet another one: a table knows its number.
  const uint64_t number = reader.GetTableProperties()->orig_file_number;
  uint64_t named = 0;
  if (number != 0 &&
      absl::SimpleAtoi(absl::StripSuffix(name, ".sst"), &named) &&
      named != number) {
    return absl::DataLossError(
        absl::StrCat("verify ", name, ": it is table ", number));
  }
  return absl::OkStatus();
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
