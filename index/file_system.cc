#include "index/file_system.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "index/base/strings.h"

namespace gradmatch {
namespace {

namespace fs = std::filesystem;

std::string ParentFolder(const std::string& path) {
  const std::string parent = fs::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

absl::Status WriteAll(const FileDescriptor& fd, const std::string& path,
                      std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FileError("write", path, errno);
    bytes.remove_prefix(n);
  }
  return absl::OkStatus();
}

}  // namespace

FileDescriptor::FileDescriptor(FileDescriptor&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)) {}

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) ::close(fd_);
}

absl::Status FileError(std::string_view operation, std::string_view path,
                       int error) {
  const std::string text = absl::StrCat(A(operation), " ", A(path), ": ",
                                        std::generic_category().message(error));
  switch (error) {
    case ENOENT:
      return absl::NotFoundError(text);
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(text);
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
      return absl::ResourceExhaustedError(text);
    default:
      return absl::InternalError(text);
  }
}

absl::StatusOr<FileDescriptor> OpenFile(const std::string& path, int flags,
                                        mode_t mode) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  if (fd < 0) return FileError("open", path, errno);
  return FileDescriptor(fd);
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  const auto fd = OpenFile(path, O_RDONLY);
  if (!fd.ok()) return fd.status();
  std::string bytes;
  char buffer[4096];
  for (;;) {
    const ssize_t n = ::read(fd->get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FileError("read", path, errno);
    if (n == 0) return bytes;
    bytes.append(buffer, n);
  }
}

absl::Status WriteFileDurably(const std::string& path, std::string_view bytes,
                              mode_t mode) {
  // One name for the half-written file, so that a crash leaves at most one;
  // removed first, so that its mode is ours.
  const std::string half = path + ".tmp";
  ::unlink(half.c_str());
  const auto fd = OpenFile(half, O_WRONLY | O_CREAT | O_EXCL, mode);
  if (!fd.ok()) return fd.status();
  if (absl::Status s = WriteAll(*fd, half, bytes); !s.ok()) return s;
  if (::fsync(fd->get()) != 0) return FileError("fsync", half, errno);
  return RenameFile(half, path);
}

absl::Status SyncFolder(const std::string& folder) {
  const auto fd = OpenFile(folder, O_RDONLY | O_DIRECTORY);
  if (!fd.ok()) return fd.status();
  if (::fsync(fd->get()) != 0) return FileError("fsync", folder, errno);
  return absl::OkStatus();
}

absl::Status MakeFolder(const std::string& folder) {
  if (folder.empty() || fs::is_directory(folder)) return absl::OkStatus();
  const std::string parent =
      ParentFolder(std::string(absl::StripSuffix(folder, "/")));
  if (absl::Status s = MakeFolder(parent); !s.ok()) return s;
  if (::mkdir(folder.c_str(), 0750) != 0 && errno != EEXIST) {
    return FileError("make folder", folder, errno);
  }
  return SyncFolder(parent);
}

absl::StatusOr<std::vector<std::string>> ListFolder(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> names;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  if (error) return FileError("list", folder, error.value());
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status CopyFile(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::copy_file(from, to, error);
  if (error) return FileError("copy to", to, error.value());
  const auto fd = OpenFile(to, O_RDONLY);
  if (!fd.ok()) return fd.status();
  if (::fsync(fd->get()) != 0) return FileError("fsync", to, errno);
  return absl::OkStatus();
}

absl::Status LinkFile(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::create_hard_link(from, to, error);
  return error ? FileError("link to", to, error.value()) : absl::OkStatus();
}

absl::Status RenameFile(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) {
    return FileError("rename to", to, errno);
  }
  return SyncFolder(ParentFolder(to));
}

absl::Status RemoveTree(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  return error ? FileError("remove", path, error.value()) : absl::OkStatus();
}

bool FileExists(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

absl::StatusOr<FileDescriptor> LockFile(const std::string& path) {
  auto fd = OpenFile(path, O_RDWR | O_CREAT);
  if (!fd.ok()) return fd.status();
  if (::flock(fd->get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return FileError("lock", path, errno);
    const auto owner = ReadFile(path);
    return absl::FailedPreconditionError(absl::StrCat(
        path, " is held by ",
        owner.ok() && !owner->empty() ? "process " + *owner : "a process",
        ": a data folder is open in one process at a time; stop that one, or "
        "use another folder"));
  }
  const std::string pid = std::to_string(::getpid());
  if (::ftruncate(fd->get(), 0) != 0 ||
      ::pwrite(fd->get(), pid.data(), pid.size(), 0) < 0) {
    return FileError("write", path, errno);
  }
  return fd;
}

}  // namespace gradmatch
