#include "index/rocksdb_store.h"

#include <rocksdb/db.h>

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
#include "index/rocksdb_engine.h"
#include "index/rocksdb_live_files.h"
#include "index/rocksdb_purge.h"
#include "index/watermark.h"

namespace gradmatch {
namespace {

// With fewer RocksDB sets it to this by itself.
constexpr int kLeastOpenFiles = 20;

enum class Direction { kForward, kBack };

class RocksdbCursor : public Cursor {
 public:
  RocksdbCursor(const RocksdbEngine& engine, Family family,
                const KeyRange& range, Direction direction)
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
                   std::unique_ptr<RocksdbEngine> engine,
                   std::shared_ptr<WriteCondition> condition,
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
    MutexLock lock(files_mu_);
    absl::Status purged = PurgeTables(engine_->purge_parts(), targets);
    return purged.ok() ? RemoveTree(data_folder_ + "/recovery") : purged;
  }

  absl::StatusOr<FileSearch> Search(const ByteSearch& needles) const override {
    return SearchDataFolder(engine_->purge_parts(), engine_->options(),
                            data_folder_, needles);
  }

  absl::Status WithFiles(const UseStoreFiles& use) override {
    if (condition_->broken()) return condition_->status();
    MutexLock lock(files_mu_);
    // Before the files are listed: they have at least this.
    const uint64_t acknowledged = watermark_->value();
    return WithLiveFiles(engine_->db(), engine_->purge_parts().families,
                         [&](const std::vector<StoreFile>& files) {
                           return use({files, acknowledged});
                         });
  }

  const OpenReport& open_report() const override { return report_; }
  absl::Status Health() const override { return condition_->status(); }

  absl::Status VerifyTables(const std::function<bool()>& stop) const override {
    for (const std::string& name : engine_->LiveTables()) {
      if (stop()) break;
      const absl::Status whole = engine_->ReadTable(name);
      // One that was merged into another meanwhile is gone.
      if (!whole.ok() && engine_->LiveTables().contains(name)) return whole;
    }
    return absl::OkStatus();
  }

  StoreFigures Figures() const override { return engine_->Figures(); }

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
  const std::shared_ptr<WriteCondition> condition_;
  const std::unique_ptr<Watermark> watermark_;
  const OpenReport report_;
  const std::unique_ptr<RocksdbEngine> engine_;

  // Held by whoever needs files to stay, and by whoever needs them to go.
  Mutex files_mu_;
};

// Makes the small files of a folder whose RocksDB is not there yet. Creation
// may have been broken off before, so each step may already be done; but a
// watermark that has risen means that a store was there.
absl::Status PrepareNewFolder(const std::string& folder,
                              const std::string& watermark_path) {
  const auto old = Watermark::Open(watermark_path);
  if (old.ok() && (*old)->value() > 0) {
    return absl::DataLossError(absl::StrCat(
        folder, "/store/CURRENT is missing, but writes up to ", (*old)->value(),
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
  if (options.max_open_files < kLeastOpenFiles) {
    return refuse("max_open_files", options.max_open_files, kLeastOpenFiles);
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

  auto condition = std::make_shared<WriteCondition>();
  auto engine =
      std::make_unique<RocksdbEngine>(options, paths.engine_folder, condition);
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
