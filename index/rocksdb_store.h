#ifndef GRADMATCH_INDEX_ROCKSDB_STORE_H_
#define GRADMATCH_INDEX_ROCKSDB_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "index/base/clock.h"
#include "index/recovery.h"
#include "index/store.h"
#include "index/store_copy.h"

namespace gradmatch {

// A data folder:
//   FORMAT      what wrote it and who may read it (format.h)
//   LOCK        held while a process has the folder open
//   SECRET      for pseudonyms, mode 0600 (pseudonym.h)
//   WATERMARK   what was acknowledged (watermark.h)
//   LOGSTARTS   where each log of store/ begins (log_starts.h)
//   store/      RocksDB
//   recovery/   copies made before a torn log was recovered (recovery.h)
struct RocksdbStoreOptions {
  std::string folder;
  // Make an empty or missing folder a data folder; else it is NotFound.
  bool create_if_empty = true;
  std::string program = "gradmatch";  // goes to FORMAT as created_by
  const Clock* clock = nullptr;       // required; borrowed; outlives the store

  // --- Changes speed and memory only ---
  int64_t block_cache_bytes = 256 << 20;
  // All write buffers together; about as much log is replayed at a start.
  int64_t write_buffer_bytes = 128 << 20;
  int max_open_files = 512;
  int background_jobs = 2;
  // Tables without compression and with every key in full: about twice the
  // size, but a search of the bytes of files then misses nothing.
  bool plain_tables = false;

  // For a copy that is opened once and closed again: no table is merged, so
  // that those it shares with other copies stay.
  bool settle_only = false;
};
absl::Status Validate(const RocksdbStoreOptions& options);

// What the store weighs, for /metrics. Bytes are RocksDB's own estimates but
// for the log's.
struct StoreFigures {
  int64_t table_bytes = 0;
  int64_t buffer_bytes = 0;  // written, not yet in a table
  int64_t log_bytes = 0;
  int64_t compaction_bytes = 0;  // that compaction has before it
  // Since the store was opened: writers were slowed down, or stopped.
  int64_t slowdowns = 0;
  int64_t stops = 0;
  // Records of each family, by FamilyName, estimated.
  std::vector<std::pair<std::string_view, int64_t>> records;
};

// The Store on disk. A failed write or an error of RocksDB's own background
// work makes it read-only for good: the process is to be restarted, which
// opens and checks the folder again. So it is when the disk was full: RocksDB's
// own going on after that (7.8) did not do so in trials.
class RocksdbStore : public Store {
 public:
  // Opens or creates the data folder. FailedPrecondition: another process has
  // it, a newer program wrote it, it is not a data folder, SECRET is missing.
  // DataLoss: something acknowledged is missing, or files are damaged.
  static absl::StatusOr<std::unique_ptr<RocksdbStore>> Open(
      const RocksdbStoreOptions& options);

  virtual const OpenReport& open_report() const = 0;

  // Calls `use` with the store as it is at one moment, in files of the data
  // folder's store/ that stay until it returns. Writers go on meanwhile; a
  // purge waits, since its end is to say that no file is left. One call at a
  // time; others wait.
  virtual absl::Status WithFiles(const UseStoreFiles& use) = 0;

  // OK while the store takes writes; else why it does not.
  virtual absl::Status Health() const = 0;

  virtual StoreFigures Figures() const = 0;
  // Reads every table to its end. DataLoss, naming the file, when one is
  // damaged; what is read of it otherwise would be refused as well, but maybe
  // only in a year. Takes as long as the disk needs to read all.
  // Between two tables it looks at `stop` and ends with OK when it is true.
  virtual absl::Status VerifyTables(
      const std::function<bool()>& stop) const = 0;

  // Bytes of table files and of what is not yet in one, roughly.
  virtual int64_t ApproximateBytes() const = 0;
};

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_ROCKSDB_STORE_H_
