#ifndef GRADMATCH_INDEX_ROCKSDB_PURGE_H_
#define GRADMATCH_INDEX_ROCKSDB_PURGE_H_

#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/byte_search.h"
#include "index/store.h"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
struct Options;
}  // namespace rocksdb

namespace gradmatch {

// Parts of the store on RocksDB: how Store::Purge and Store::Search work there.
// Only rocksdb_store.cc calls this.

struct PurgeTarget {
  rocksdb::ColumnFamilyHandle* family;
  KeyRange range;
};

// All borrowed. `folder` is RocksDB's own; `families` are all there are;
// `scratch` is one in which the key kPurgeKey is nobody else's.
struct PurgeParts {
  rocksdb::DB& db;
  const std::string& folder;
  std::span<rocksdb::ColumnFamilyHandle* const> families;
  rocksdb::ColumnFamilyHandle* scratch;
};
inline constexpr char kPurgeKey[] = "purge";

// Works only where every change of the tables writes a new list of files
// (max_manifest_file_size = 1): the list names tables by their first and last
// keys, and old entries stay in it.
absl::Status PurgeTables(const PurgeParts& parts,
                         std::span<const PurgeTarget> targets);

// `data_folder` holds RocksDB's folder and all else.
absl::StatusOr<FileSearch> SearchDataFolder(const PurgeParts& parts,
                                            const rocksdb::Options& options,
                                            const std::string& data_folder,
                                            const ByteSearch& needles);

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_ROCKSDB_PURGE_H_
