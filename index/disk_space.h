#ifndef GRADMATCH_INDEX_DISK_SPACE_H_
#define GRADMATCH_INDEX_DISK_SPACE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace gradmatch {

// Of the disk that a folder is on, in bytes, as df counts: what is kept back
// for root is neither.
struct DiskSpace {
  int64_t used_bytes = 0;
  int64_t free_bytes = 0;

  double UsedPercent() const;
};
absl::StatusOr<DiskSpace> ReadDiskSpace(const std::string& folder);

// When writes that make the data grow are refused, so that what people have a
// right to, an erasure above all, still has room. Two limits, or a disk at the
// limit would be blocked and allowed by turns.
struct FeedBlockLimits {
  int block_at_percent = 85;
  int allow_at_percent = 83;  // at most block_at_percent
};

// Whether they are refused from now on, given whether they were.
bool IsFeedBlocked(bool was_blocked, const DiskSpace& space,
                   const FeedBlockLimits& limits);

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_DISK_SPACE_H_
