#ifndef GRADMATCH_INDEX_RECOVERY_H_
#define GRADMATCH_INDEX_RECOVERY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace gradmatch {

// What happened when the store was opened. For the log and for `status`.
struct OpenReport {
  bool created = false;  // there was no store before
  // Opened with every byte of the log in order. False: the log's end was torn
  // (a plain kill does that) and the whole part was recovered.
  bool strict = true;
  uint64_t recovered_sequence = 0;
  // What had been acknowledged; nullopt when no watermark was there to compare.
  std::optional<uint64_t> watermark;
  std::string aside_path;      // the copy made before recovery; empty if none
  std::string strict_refusal;  // why the strict way was refused; empty if not
};

enum class LogMode {
  kStrict,       // any damage in the log refuses the opening
  kPointInTime,  // the log ends before its first damage
};

// The engine as recovery sees it: files in a folder that can be opened.
class RecoverableEngine {
 public:
  virtual ~RecoverableEngine() = default;
  // At most one attempt is open; a failed one leaves nothing open.
  virtual absl::Status Open(LogMode mode) = 0;
  virtual void Close() = 0;
  // The sequence number of the last write that is there. Only while open.
  virtual uint64_t LatestSequence() const = 0;
  // Only while open: DataLoss when a log is not there that held a write up to
  // `acknowledged`; every later opening then says so too.
  virtual absl::Status CheckLogs(uint64_t acknowledged) = 0;
  // What the last opening read of the logs, with their names, for an error;
  // empty when there was nothing.
  virtual std::string DescribeLogs() const = 0;
  // Reads every table that is part of the store and none of `known` (names of
  // files, sorted) to the end and checks every block. Tables that are still
  // being written are no part of it.
  virtual absl::Status VerifyTables(const std::vector<std::string>& known) = 0;
  // Reads one table file to the end and checks every block. Open or not.
  virtual absl::Status ReadTable(const std::string& name) = 0;
};

struct RecoveryPaths {
  std::string engine_folder;   // the engine's files
  std::string aside_folder;    // copies go to <aside_folder>/<time>
  std::string watermark_path;  // copied with them; never changed here
};

// Opens the engine: the strict way; if that is refused, after a copy of all
// files aside (tables by hard link, the rest by bytes), up to the first damage
// of the log. Then compares with `watermark`. DataLoss, with the engine closed
// again, when something acknowledged is missing: the message names both
// numbers and the copy. What kept the recovery from being tried (a full disk)
// is returned as it is. Of the copies made before good recoveries only the
// newest is kept, of those before recoveries that were broken off only the
// first; copies of refused ones stay until someone removes them.
absl::StatusOr<OpenReport> OpenWithRecovery(RecoverableEngine& engine,
                                            const RecoveryPaths& paths,
                                            std::optional<uint64_t> watermark,
                                            absl::Time now);

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_RECOVERY_H_
