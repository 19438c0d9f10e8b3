#ifndef GRADMATCH_TESTS_DURABILITY_SMALL_DISK_H_
#define GRADMATCH_TESTS_DURABILITY_SMALL_DISK_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace gradmatch {

// Mounts a file system of `bytes` in memory at `folder`, which exists, for this
// process and its children only: in a namespace of its own, without being root
// where the kernel allows that. Called by a process that has no threads yet.
// PermissionDenied, with the reason, where mounting is forbidden.
absl::Status MountSmallDisk(const std::string& folder, int64_t bytes);

// A file that takes room away on the disk of `folder`.
class Ballast {
 public:
  explicit Ballast(const std::string& folder)
      : folder_(folder), path_(folder + "/ballast") {}

  // Until `percent` of the disk are in use; 100: until nothing more fits.
  void FillTo(int percent);
  void Free();

 private:
  const std::string folder_;
  const std::string path_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_DURABILITY_SMALL_DISK_H_
