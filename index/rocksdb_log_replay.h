#ifndef GRADMATCH_INDEX_ROCKSDB_LOG_REPLAY_H_
#define GRADMATCH_INDEX_ROCKSDB_LOG_REPLAY_H_

#include <rocksdb/wal_filter.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "index/log_starts.h"

namespace gradmatch {

// Looks at every batch of the logs as RocksDB replays them when a store is
// opened: that the first is where the logs begin (log_starts.h), and that none
// is missing after it. RocksDB skips a stretch of zeros without a word. For one
// opening, by one thread; for index/rocksdb_*.cc only.
class LogReplay : public rocksdb::WalFilter {
 public:
  // `starts` is borrowed.
  explicit LogReplay(const LogStarts& starts) : starts_(starts) {}

  void ColumnFamilyLogNumberMap(
      const std::map<uint32_t, uint64_t>& log_of_family,
      const std::map<std::string, uint32_t>& id_of_family) override;
  WalProcessingOption LogRecordFound(unsigned long long log,
                                     const std::string& file,
                                     const rocksdb::WriteBatch& batch,
                                     rocksdb::WriteBatch* new_batch,
                                     bool* changed) override;
  const char* Name() const override { return "gradmatch.LogReplay"; }

  // Where the replay had to begin; nullopt when it is not known.
  std::optional<LogStarts::Start> wanted() const { return wanted_; }
  // The replay began with a later write than wanted.
  bool lost_start() const { return lost_start_; }
  // Whether any batch was seen.
  bool saw_any() const { return next_ != 0; }
  // What was read, for an error: the logs, and the last write that was whole.
  std::string Describe() const;

 private:
  const LogStarts& starts_;
  std::optional<LogStarts::Start> wanted_;
  bool lost_start_ = false;
  uint64_t log_ = 0;   // the last one with a batch
  uint64_t next_ = 0;  // 0: nothing seen
};

// "000131.log".
std::string LogFileName(uint64_t log);

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_ROCKSDB_LOG_REPLAY_H_
