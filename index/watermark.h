#ifndef GRADMATCH_INDEX_WATERMARK_H_
#define GRADMATCH_INDEX_WATERMARK_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "index/base/mutex.h"
#include "index/file_system.h"

namespace gradmatch {

// A sequence number up to which everything was acknowledged as durable, kept
// in a small file outside the write-ahead log, so that a log that lost its end
// is noticed: what is recovered must reach the watermark.
//
// The file has two slots, 4096 bytes apart, written in turn, so that one torn
// write leaves the other slot:
//   slot := "GMWMARK1" u64(sequence) u64(turn) u64(hash of the 24 bytes before)
// all numbers big endian, the hash ContentHash.
//
// After a process is killed the file holds the last acknowledgement. After a
// power cut it may be up to a second old: the file is synced once a second.
// All methods may run concurrently.
class Watermark {
 public:
  // Makes or replaces the file, with both slots at `sequence`, durably.
  static absl::Status Create(const std::string& path, uint64_t sequence);

  // NotFound when there is no file; DataLoss when no slot is whole.
  static absl::StatusOr<std::unique_ptr<Watermark>> Open(
      const std::string& path, absl::Duration sync_interval = absl::Seconds(1));

  // The highest value ever given to Advance or found when opened.
  uint64_t value() const;

  // Records that everything up to `sequence` is durable; call before telling
  // anyone so. Lower values than value() are fine and change nothing.
  absl::Status Advance(uint64_t sequence);

  // Forces the file to stable storage.
  absl::Status Sync();

 private:
  Watermark(FileDescriptor fd, std::string path, absl::Duration sync_interval)
      : fd_(std::move(fd)),
        path_(std::move(path)),
        sync_interval_(sync_interval) {}

  bool SyncIsDue();

  // Constant after construction.
  const FileDescriptor fd_;
  const std::string path_;
  const absl::Duration sync_interval_;

  mutable Mutex mu_;
  uint64_t value_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t turn_ ABSL_GUARDED_BY(mu_) = 0;
  int64_t last_sync_nanos_ ABSL_GUARDED_BY(mu_) = 0;  // monotonic
};

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_WATERMARK_H_
