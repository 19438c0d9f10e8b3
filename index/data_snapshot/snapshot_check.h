#ifndef GRADMATCH_INDEX_DATA_SNAPSHOT_SNAPSHOT_CHECK_H_
#define GRADMATCH_INDEX_DATA_SNAPSHOT_SNAPSHOT_CHECK_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/data_snapshot/copy_file.h"
#include "index/data_snapshot/manifest.h"

namespace gradmatch {

struct ReadSnapshot {
  SnapshotManifest manifest;
  std::string manifest_hash;
};

// The manifest of the data snapshot in `folder`. DataLoss, SNAPSHOT_DAMAGED,
// when there is none, it is damaged or newer, or belongs to another id than the
// folder's last name: a folder that was renamed.
absl::StatusOr<ReadSnapshot> ReadSnapshotManifest(const std::string& folder);

// The same, and every file is there with its length and its bytes, and nothing
// else is. Changes nothing. DataLoss, SNAPSHOT_DAMAGED, names the first file
// that is not as it was written.
absl::StatusOr<ReadSnapshot> VerifySnapshot(const std::string& folder,
                                            WorkMeter& meter);

// Whether the files below `data` are those of the manifest, by their bytes, and
// no others are there but `ignored`.
absl::Status CompareFiles(const std::string& data,
                          const SnapshotManifest& manifest,
                          const std::vector<std::string>& ignored,
                          WorkMeter& meter);

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_DATA_SNAPSHOT_SNAPSHOT_CHECK_H_
