#ifndef GRADMATCH_INDEX_DATA_SNAPSHOT_SNAPSHOT_FOLDER_H_
#define GRADMATCH_INDEX_DATA_SNAPSHOT_SNAPSHOT_FOLDER_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "index/data_snapshot/manifest.h"
#include "index/data_snapshot/retention.h"
#include "index/file_system.h"

namespace gradmatch {

// What names in the folder end with while they are no data snapshots.
inline constexpr char kPartSuffix[] = ".part";
inline constexpr char kGoneSuffix[] = ".gone";

// One of the folder's data snapshots, as far as its manifest can be read.
struct ListedSnapshot {
  std::string id;
  absl::Status status;  // not OK: the manifest is damaged, and why
  SnapshotManifest manifest;
};

// The data snapshots in `folder`, newest first, damaged ones among them; none
// when there is no folder. Reads manifests only.
absl::StatusOr<std::vector<ListedSnapshot>> ListSnapshots(
    const std::string& folder);
// The same by their names alone.
absl::StatusOr<std::vector<KeptSnapshot>> ListSnapshotTimes(
    const std::string& folder);
// When a snapshot of this id was made.
absl::Time TimeOfSnapshotId(std::string_view id);

// The folder of data snapshots, held by one process. Reading is safe from any
// thread; making and deleting is for one at a time.
class SnapshotFolder {
 public:
  // Makes the folder when it is missing, for its owner only, takes its LOCK and
  // removes what was broken off. FailedPrecondition when another process has
  // it, when it lies in `data_folder` or the other way round: what takes the
  // one must not take the other.
  static absl::StatusOr<SnapshotFolder> Open(const std::string& folder,
                                             const std::string& data_folder);

  const std::string& path() const { return path_; }
  std::string PathOf(std::string_view id) const;

  // An id that is not taken, for one made at `now`.
  std::string NewId(absl::Time now) const;

  // Gone for a reader at once, even if removing the files is broken off.
  // NotFound, SNAPSHOT_NOT_FOUND.
  absl::Status Delete(std::string_view id);
  // Removes what was broken off.
  absl::Status Tidy();

 private:
  SnapshotFolder(std::string path, FileDescriptor lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}

  std::string path_;
  FileDescriptor lock_;
};

// Whether `path` is `folder` or below it, links followed as far as they exist.
bool IsWithin(const std::string& path, const std::string& folder);

absl::Status SnapshotNotFound(std::string_view id);

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_DATA_SNAPSHOT_SNAPSHOT_FOLDER_H_
