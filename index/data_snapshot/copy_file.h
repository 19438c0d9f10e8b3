#ifndef GRADMATCH_INDEX_DATA_SNAPSHOT_COPY_FILE_H_
#define GRADMATCH_INDEX_DATA_SNAPSHOT_COPY_FILE_H_

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace gradmatch {

// How far the reading and copying of a data snapshot is. Used by one thread.
class WorkMeter {
 public:
  // Called after every piece, with bytes; an error it returns ends the work.
  using OnProgress = std::function<absl::Status(int64_t done, int64_t total)>;

  WorkMeter() = default;
  explicit WorkMeter(OnProgress on_progress)
      : on_progress_(std::move(on_progress)) {}

  void Expect(int64_t bytes) { total_ += bytes; }
  absl::Status Did(int64_t bytes) {
    done_ += bytes;
    return on_progress_ ? on_progress_(done_, total_) : absl::OkStatus();
  }

 private:
  const OnProgress on_progress_;
  int64_t done_ = 0;
  int64_t total_ = 0;
};

// SHA-256, in hex, of the first `bytes` of a file. OutOfRange when it has
// fewer.
absl::StatusOr<std::string> HashFile(const std::string& path, int64_t bytes,
                                     WorkMeter& meter);

// Copies the first `bytes` of `from` to `to`, which must not exist, and returns
// their hash. The bytes are on stable storage when this returns, the name is
// not; they are no longer in memory, so that whoever reads them back reads the
// disk.
absl::StatusOr<std::string> CopyAndHash(const std::string& from,
                                        const std::string& to, int64_t bytes,
                                        mode_t mode, WorkMeter& meter);

// Bytes that the disk of `folder` has left for us.
absl::StatusOr<int64_t> FreeBytes(const std::string& folder);
// ResourceExhausted, SNAPSHOT_NO_SPACE, when that is less than `bytes` and a
// margin.
absl::Status CheckFreeBytes(const std::string& folder, int64_t bytes);

absl::StatusOr<int64_t> FileBytes(const std::string& path);

// What is in a folder and in those below it: plain files by their paths within
// it, sorted; and whatever is neither a file nor a folder.
struct FolderContents {
  std::vector<std::string> files;
  std::vector<std::string> folders;
  std::vector<std::string> others;
};
absl::StatusOr<FolderContents> ListTree(const std::string& folder);

// Puts a folder's own names and those of all below it on stable storage.
absl::Status SyncTree(const std::string& folder);

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_DATA_SNAPSHOT_COPY_FILE_H_
