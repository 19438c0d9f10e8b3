#include "index/disk_space.h"

#include <sys/statvfs.h>

#include <cerrno>

#include "index/file_system.h"

namespace gradmatch {

double DiskSpace::UsedPercent() const {
  const int64_t all = used_bytes + free_bytes;
  // A disk without any room is full.
  return all <= 0 ? 100.0
                  : 100.0 * static_cast<double>(used_bytes) /
                        static_cast<double>(all);
}

absl::StatusOr<DiskSpace> ReadDiskSpace(const std::string& folder) {
  struct statvfs disk;
  if (::statvfs(folder.c_str(), &disk) != 0) {
    return FileError("ask for the space at", folder, errno);
  }
  const auto block = static_cast<int64_t>(disk.f_frsize);
  return DiskSpace{static_cast<int64_t>(disk.f_blocks - disk.f_bfree) * block,
                   static_cast<int64_t>(disk.f_bavail) * block};
}

bool IsFeedBlocked(bool was_blocked, const DiskSpace& space,
                   const FeedBlockLimits& limits) {
  const int limit =
      was_blocked ? limits.allow_at_percent : limits.block_at_percent;
  const double used = space.UsedPercent();
  return was_blocked ? used > limit : used >= limit;
}

}  // namespace gradmatch
