#ifndef GRADMATCH_INDEX_ROCKSDB_LIVE_FILES_H_
#define GRADMATCH_INDEX_ROCKSDB_LIVE_FILES_H_

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/store_copy.h"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
}  // namespace rocksdb

namespace gradmatch {

// Parts of the store on RocksDB: what RocksdbStore::WithFiles and
// SettleStoreCopy do there. For index/rocksdb_*.cc only.

// Calls `use` with the files that together are the store; RocksDB removes none
// of them before it returns. Memory is flushed first, so that the log is short.
absl::Status WithLiveFiles(
    rocksdb::DB& db, std::span<rocksdb::ColumnFamilyHandle* const> families,
    const std::function<absl::Status(const std::vector<StoreFile>&)>& use);

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_ROCKSDB_LIVE_FILES_H_
