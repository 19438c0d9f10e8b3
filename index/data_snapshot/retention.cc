#include "index/data_snapshot/retention.h"

#include <algorithm>
#include <tuple>

namespace gradmatch {

std::vector<std::string> SnapshotsToDelete(
    std::span<const KeptSnapshot> snapshots, int keep, absl::Duration max_age,
    absl::Time now) {
  std::vector<KeptSnapshot> newest(snapshots.begin(), snapshots.end());
  std::sort(newest.begin(), newest.end(),
            [](const KeptSnapshot& a, const KeptSnapshot& b) {
              return std::tie(a.created_at, a.id) >
                     std::tie(b.created_at, b.id);
            });
  std::vector<std::string> gone;
  for (size_t i = 0; i < newest.size(); ++i) {
    const bool too_old = now - newest[i].created_at >= max_age;
    if (i >= static_cast<size_t>(keep) || too_old) {
      gone.push_back(newest[i].id);
    }
  }
  return gone;
}

bool SnapshotIsDue(std::span<const KeptSnapshot> snapshots,
                   absl::Duration interval, absl::Time now) {
  if (interval <= absl::ZeroDuration()) return false;
  return std::none_of(snapshots.begin(), snapshots.end(),
                      [&](const KeptSnapshot& snapshot) {
                        return snapshot.created_at <= now &&
                               now - snapshot.created_at < interval;
                      });
}

}  // namespace gradmatch
