#ifndef GRADMATCH_INDEX_DATA_SNAPSHOT_RETENTION_H_
#define GRADMATCH_INDEX_DATA_SNAPSHOT_RETENTION_H_

#include <span>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace gradmatch {

// A data snapshot, as far as its keeping goes.
struct KeptSnapshot {
  std::string id;
  absl::Time created_at;
};

// Which of `snapshots` are to go: all but the newest `keep`, and whatever has
// reached `max_age`, the newest too: it may hold people who were erased. Pure.
std::vector<std::string> SnapshotsToDelete(
    std::span<const KeptSnapshot> snapshots, int keep, absl::Duration max_age,
    absl::Time now);

// Whether another one is due: none is younger than `interval`. A snapshot of
// the future (the clock was set back) counts as old. Never with interval 0.
bool SnapshotIsDue(std::span<const KeptSnapshot> snapshots,
                   absl::Duration interval, absl::Time now);

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_DATA_SNAPSHOT_RETENTION_H_
