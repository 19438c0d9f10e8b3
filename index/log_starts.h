#ifndef GRADMATCH_INDEX_LOG_STARTS_H_
#define GRADMATCH_INDEX_LOG_STARTS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace gradmatch {

// With which write each log of the store begins, kept in a small file outside
// of RocksDB. RocksDB replays the logs it finds: of one that is missing, that
// lost its beginning, or that an older list of files would need, it says
// nothing as long as another log follows. With this the replay is known to have
// begun where it must; that it goes on without a gap is seen in the log itself,
// and how far it must get in the watermark.
//
// Lines of text; the last is a hash of those before:
//   gradmatch-log-starts 1
//   <log's number> <number of its first write>
//   lost <log's number>
//   hash <16 hex digits>
class LogStarts {
 public:
  struct Start {
    uint64_t log = 0;
    uint64_t write = 0;
  };

  // Empty when there is no file: a folder from before there was one, or someone
  // removed it to go on without. DataLoss when it is damaged.
  static absl::StatusOr<LogStarts> Read(const std::string& path);
  static absl::StatusOr<LogStarts> Parse(std::string_view text);

  std::string Serialize() const;
  // Durable when this returns OK.
  absl::Status Write(const std::string& path) const;

  // The first word on a log counts. Only the newest logs are kept, many more
  // than are ever needed at a time. False when nothing was to be added.
  bool Add(const Start& start);

  // The oldest log from number `least` on: a replay of these begins no later
  // than at its start. Nullopt when none is known.
  std::optional<Start> OldestFrom(uint64_t least) const;
  // The first log after number `log`; nullopt when none is known.
  std::optional<Start> After(uint64_t log) const { return OldestFrom(log + 1); }

  // That the log was found to be lost, so that it is not forgotten at the next
  // start, when RocksDB does not miss it any more.
  void SetLost(uint64_t log) { lost_ = log; }
  std::optional<uint64_t> lost() const { return lost_; }

 private:
  std::map<uint64_t, uint64_t> starts_;  // write by log
  std::optional<uint64_t> lost_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_LOG_STARTS_H_
