#ifndef GRADMATCH_INDEX_FILE_SYSTEM_H_
#define GRADMATCH_INDEX_FILE_SYSTEM_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace gradmatch {

// The few file operations the store needs beside RocksDB. Errors name the
// operation, the path and the system's reason.

// Owns a file descriptor.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept;
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor();

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// From errno: NotFound, PermissionDenied, ResourceExhausted or Internal.
absl::Status FileError(std::string_view operation, std::string_view path,
                       int error);

absl::StatusOr<FileDescriptor> OpenFile(const std::string& path, int flags,
                                        mode_t mode = 0644);
// NotFound when absent.
absl::StatusOr<std::string> ReadFile(const std::string& path);

// Replaces the file as a whole: after a crash it has the old or the new bytes.
// On stable storage when this returns OK.
absl::Status WriteFileDurably(const std::string& path, std::string_view bytes,
                              mode_t mode = 0644);
absl::Status SyncFolder(const std::string& folder);

// Makes the folder and its parents, on stable storage; OK when it is there.
absl::Status MakeFolder(const std::string& folder);
// Names, sorted; without "." and "..". NotFound when absent.
absl::StatusOr<std::vector<std::string>> ListFolder(const std::string& folder);
// The copy's bytes, not yet its name, are on stable storage.
absl::Status CopyFile(const std::string& from, const std::string& to);
absl::Status LinkFile(const std::string& from, const std::string& to);
// Within one folder; durable when this returns OK.
absl::Status RenameFile(const std::string& from, const std::string& to);
absl::Status RemoveTree(const std::string& path);
bool FileExists(const std::string& path);

// Takes `path` as a lock for this process and keeps it while the descriptor
// lives. FailedPrecondition, naming the owner's process id, when it is taken.
absl::StatusOr<FileDescriptor> LockFile(const std::string& path);

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_FILE_SYSTEM_H_
