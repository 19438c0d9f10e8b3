#include "index/data_snapshot/copy_file.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/data_snapshot/sha256.h"
#include "index/file_system.h"

namespace gradmatch {
namespace {

namespace fs = std::filesystem;

constexpr size_t kPieceBytes = 1 << 20;
// So that a snapshot never takes the last of a disk.
constexpr int64_t kMarginBytes = 64 << 20;

absl::Status WriteWhole(int fd, const std::string& path,
                        std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FileError("write", path, errno);
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return absl::OkStatus();
}

// Reads the first `bytes` of a file and hashes them; each piece also goes to
// `use`.
template <typename Use>
absl::StatusOr<std::string> ReadThrough(const std::string& path, int64_t bytes,
                                        WorkMeter& meter, Use use) {
  const auto fd = OpenFile(path, O_RDONLY);
  if (!fd.ok()) return fd.status();
  Sha256Hasher hasher;
  std::string piece(kPieceBytes, '\0');
  for (int64_t left = bytes; left > 0;) {
    const size_t wanted = std::min<int64_t>(left, kPieceBytes);
    const ssize_t n = ::read(fd->get(), piece.data(), wanted);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FileError("read", path, errno);
    if (n == 0) {
      return absl::OutOfRangeError(
          absl::StrCat(path, " has ", bytes - left, " bytes, not ", bytes));
    }
    const std::string_view got(piece.data(), static_cast<size_t>(n));
    hasher.Add(got);
    left -= n;
    absl::Status status = use(got);
    if (status.ok()) status = meter.Did(n);
    if (!status.ok()) return status;
  }
  return hasher.FinishHex();
}

}  // namespace

absl::StatusOr<std::string> HashFile(const std::string& path, int64_t bytes,
                                     WorkMeter& meter) {
  return ReadThrough(path, bytes, meter,
                     [](std::string_view) { return absl::OkStatus(); });
}

absl::StatusOr<std::string> CopyAndHash(const std::string& from,
                                        const std::string& to, int64_t bytes,
                                        mode_t mode, WorkMeter& meter) {
  const auto out = OpenFile(to, O_WRONLY | O_CREAT | O_EXCL, mode);
  if (!out.ok()) return out.status();
  auto hash = ReadThrough(from, bytes, meter, [&](std::string_view piece) {
    return WriteWhole(out->get(), to, piece);
  });
  if (!hash.ok()) return hash;
  if (::fsync(out->get()) != 0) return FileError("fsync", to, errno);
  ::posix_fadvise(out->get(), 0, 0, POSIX_FADV_DONTNEED);
  return hash;
}

absl::StatusOr<int64_t> FreeBytes(const std::string& folder) {
  struct statvfs disk;
  if (::statvfs(folder.c_str(), &disk) != 0) {
    return FileError("ask for the free space of", folder, errno);
  }
  return static_cast<int64_t>(disk.f_bavail) *
         static_cast<int64_t>(disk.f_frsize);
}

absl::Status CheckFreeBytes(const std::string& folder, int64_t bytes) {
  const auto free = FreeBytes(folder);
  if (!free.ok()) return free.status();
  if (*free >= bytes + kMarginBytes) return absl::OkStatus();
  return MakeError(absl::StatusCode::kResourceExhausted, kSnapshotNoSpace,
                   absl::StrCat(folder, " 所在磁盘剩余 ", *free >> 20,
                                " MiB，需要 ", (bytes + kMarginBytes) >> 20,
                                " MiB（含余量）；请腾出空间或减少保留的快照"));
}

absl::StatusOr<int64_t> FileBytes(const std::string& path) {
  std::error_code error;
  const auto bytes = fs::file_size(path, error);
  if (error) return FileError("ask for the size of", path, error.value());
  return static_cast<int64_t>(bytes);
}

absl::StatusOr<FolderContents> ListTree(const std::string& folder) {
  FolderContents contents;
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != fs::recursive_directory_iterator();
       entry.increment(error)) {
    const std::string path =
        entry->path().lexically_relative(folder).generic_string();
    const fs::file_type type = entry->symlink_status(error).type();
    if (error) break;
    (type == fs::file_type::regular     ? contents.files
     : type == fs::file_type::directory ? contents.folders
                                        : contents.others)
        .push_back(path);
  }
  if (error) return FileError("list", folder, error.value());
  std::sort(contents.files.begin(), contents.files.end());
  return contents;
}

absl::Status SyncTree(const std::string& folder) {
  const auto contents = ListTree(folder);
  if (!contents.ok()) return contents.status();
  for (const std::string& inner : contents->folders) {
    if (absl::Status s = SyncFolder(absl::StrCat(folder, "/", inner));
        !s.ok()) {
      return s;
    }
  }
  return SyncFolder(folder);
}

}  // namespace gradmatch
