#include "index/rocksdb_live_files.h"

#include <rocksdb/db.h>
#include <rocksdb/metadata.h>
#include <rocksdb/table_properties.h>
#include <rocksdb/unique_id.h>

#include <map>
#include <memory>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "index/file_system.h"
#include "index/rocksdb_engine.h"

namespace gradmatch {
namespace {

// Ids of all tables, by the last part of their paths.
absl::StatusOr<std::map<std::string, std::string>> TableIds(
    rocksdb::DB& db, std::span<rocksdb::ColumnFamilyHandle* const> families) {
  std::map<std::string, std::string> ids;
  for (rocksdb::ColumnFamilyHandle* family : families) {
    rocksdb::TablePropertiesCollection tables;
    const rocksdb::Status s = db.GetPropertiesOfAllTables(family, &tables);
    if (!s.ok()) return ToStatus(s, "read the properties of tables");
    for (const auto& [path, properties] : tables) {
      std::string id;
      // Without an id a table is shared with nobody.
      if (!GetUniqueIdFromTableProperties(*properties, &id).ok()) continue;
      ids[path.substr(path.rfind('/') + 1)] = absl::BytesToHexString(id);
    }
  }
  return ids;
}

// A store of its own for a copy: little memory, no change of its tables.
absl::StatusOr<std::unique_ptr<RocksdbEngine>> OpenCopy(
    const std::string& folder, LogMode mode) {
  RocksdbStoreOptions options;
  options.block_cache_bytes = 8 << 20;
  options.write_buffer_bytes = 64 << 20;
  options.max_open_files = 64;
  options.background_jobs = 1;
  options.settle_only = true;
  auto engine = std::make_unique<RocksdbEngine>(
      options, folder, std::make_shared<WriteCondition>());
  if (absl::Status s = engine->Open(mode); !s.ok()) return s;
  return engine;
}

}  // namespace

absl::Status WithLiveFiles(
    rocksdb::DB& db, std::span<rocksdb::ColumnFamilyHandle* const> families,
    const std::function<absl::Status(const std::vector<StoreFile>&)>& use) {
  // Counted: others may do the same meanwhile.
  rocksdb::Status s = db.DisableFileDeletions();
  if (!s.ok()) return ToStatus(s, "keep files from being removed");
  const absl::Cleanup enable = [&db] {
    db.EnableFileDeletions(/*force=*/false);
  };
  std::vector<rocksdb::LiveFileStorageInfo> live;
  s = db.GetLiveFilesStorageInfo(rocksdb::LiveFilesStorageInfoOptions(), &live);
  if (!s.ok()) return ToStatus(s, "list the files of the store");
  const auto ids = TableIds(db, families);
  if (!ids.ok()) return ids.status();
  std::vector<StoreFile> files;
  for (rocksdb::LiveFileStorageInfo& info : live) {
    StoreFile file{.name = std::move(info.relative_filename),
                   .bytes = static_cast<int64_t>(info.size),
                   .replacement = std::move(info.replacement_contents)};
    if (const auto id = ids->find(file.name); id != ids->end()) {
      file.table_id = id->second;
    }
    files.push_back(std::move(file));
  }
  return use(files);
}

absl::StatusOr<uint64_t> SettleStoreCopy(const std::string& folder,
                                         uint64_t acknowledged) {
  // The log was copied while it was written, so its end may be torn.
  auto engine = OpenCopy(folder, LogMode::kPointInTime);
  if (!engine.ok()) {
    return absl::DataLossError(
        absl::StrCat("the copy of the store does not open: ",
                     std::string(engine.status().message())));
  }
  const uint64_t sequence = (*engine)->LatestSequence();
  (*engine)->Close();
  if (sequence < acknowledged) {
    return absl::DataLossError(absl::StrCat(
        "the copy of the store ends at write ", sequence, ", but writes up to ",
        acknowledged, " were acknowledged before it"));
  }
  // What opening leaves that is no part of a store.
  const auto names = ListFolder(folder);
  if (!names.ok()) return names.status();
  for (const std::string& name : *names) {
    if (name != "LOCK" && name != "LOG" && !name.starts_with("LOG.old")) {
      continue;
    }
    if (absl::Status s = RemoveTree(absl::StrCat(folder, "/", name)); !s.ok()) {
      return s;
    }
  }
  return sequence;
}

absl::Status VerifyStoreTables(const std::string& folder,
                               const std::vector<std::string>& names) {
  RocksdbStoreOptions options;
  options.block_cache_bytes = 1 << 20;
  options.settle_only = true;
  RocksdbEngine engine(options, folder, std::make_shared<WriteCondition>());
  for (const std::string& name : names) {
    absl::Status whole = engine.ReadTable(name);
    if (!whole.ok()) return whole;
  }
  return absl::OkStatus();
}

}  // namespace gradmatch
