#ifndef GRADMATCH_INDEX_STORE_COPY_H_
#define GRADMATCH_INDEX_STORE_COPY_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace gradmatch {

// A file of the store that a copy needs.
struct StoreFile {
  std::string name;   // within the store's folder
  int64_t bytes = 0;  // from its beginning; it may grow behind them
  // For the few that are to have other bytes than they have: those.
  std::string replacement;
  // For a table, which never changes: what tells it from every other table that
  // was ever written, in hex. Empty for all else.
  std::string table_id;
};

// The store as it is at one moment, in files.
struct StoreFiles {
  std::vector<StoreFile> files;
  // Everything up to this write was acknowledged before the moment, so it is in
  // the files; of what was under way, a prefix.
  uint64_t acknowledged = 0;
};
using UseStoreFiles = std::function<absl::Status(const StoreFiles&)>;

// Opens the copy in `folder` once, so that what is in its log is in tables and
// nothing is torn, and closes it. Returns the number of the last write in it.
// DataLoss when it cannot be opened, or ends before `acknowledged`. Tables that
// were there stay as they are.
absl::StatusOr<uint64_t> SettleStoreCopy(const std::string& folder,
                                         uint64_t acknowledged);

// Reads the named tables of the store in `folder` to their ends and checks
// every block.
absl::Status VerifyStoreTables(const std::string& folder,
                               const std::vector<std::string>& names);

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_STORE_COPY_H_
