#include "tests/durability/small_disk.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "index/disk_space.h"
#include "index/file_system.h"

namespace gradmatch {
namespace {

absl::Status Forbidden(const char* what) {
  return absl::PermissionDeniedError(
      absl::StrCat(what, ": ", std::generic_category().message(errno)));
}

void WriteText(const char* path, const std::string& text) {
  std::ofstream(path) << text;
}

// Root of a user namespace of its own, as which this process may mount.
absl::Status BecomeRoot() {
  const uid_t user = geteuid();
  const gid_t group = getegid();
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) {
    return Forbidden("no user namespace");
  }
  WriteText("/proc/self/setgroups", "deny");
  WriteText("/proc/self/uid_map", absl::StrCat("0 ", user, " 1"));
  WriteText("/proc/self/gid_map", absl::StrCat("0 ", group, " 1"));
  return absl::OkStatus();
}

}  // namespace

absl::Status MountSmallDisk(const std::string& folder, int64_t bytes) {
  if (geteuid() != 0 || unshare(CLONE_NEWNS) != 0) {
    if (absl::Status s = BecomeRoot(); !s.ok()) return s;
  }
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return Forbidden("mounts cannot be made private");
  }
  const std::string size = absl::StrCat("size=", bytes);
  if (mount("tmpfs", folder.c_str(), "tmpfs", 0, size.c_str()) != 0) {
    return Forbidden("no tmpfs can be mounted");
  }
  return absl::OkStatus();
}

void Ballast::FillTo(int percent) {
  const int fd = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  const std::string chunk(64 << 10, 'b');
  size_t step = chunk.size();
  while (step > 0) {
    const auto space = ReadDiskSpace(folder_);
    if (percent < 100 && space.ok() && space->UsedPercent() >= percent) break;
    if (::write(fd, chunk.data(), step) <= 0) step /= 16;
  }
  ::close(fd);
}

void Ballast::Free() { ::unlink(path_.c_str()); }

}  // namespace gradmatch
