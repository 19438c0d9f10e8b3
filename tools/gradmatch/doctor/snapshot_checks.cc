#include "tools/gradmatch/doctor/snapshot_checks.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "index/data_snapshot/snapshot_folder.h"
#include "tools/gradmatch/terminal.h"

namespace gradmatch {

Finding CheckSnapshots(const Options& options, absl::Time now) {
  Finding finding{.name = "snapshots", .verdict = Verdict::kWarn};
  const std::string& folder = options.snapshot.folder;
  if (folder.empty()) {
    finding.found = "snapshot.folder is not set";
    finding.advice =
        "name a folder on another disk, and snapshot.interval: without "
        "snapshots a lost disk is lost data";
    return finding;
  }
  const auto snapshots = ListSnapshots(folder);
  if (!snapshots.ok()) {
    finding.verdict = Verdict::kFail;
    finding.found = std::string(snapshots.status().message());
    finding.advice = "give the folder to the user that runs the server";
    return finding;
  }
  if (snapshots->empty()) {
    finding.found = absl::StrCat("none in ", folder);
    finding.advice = "gradmatch snapshot create";
    return finding;
  }
  const ListedSnapshot& newest = snapshots->front();
  const absl::Duration age = now - TimeOfSnapshotId(newest.id);
  finding.found =
      absl::StrCat(snapshots->size(), ", the newest ", newest.id, ", ",
                   Grouped(absl::ToInt64Hours(age)), " hours old");
  // What a schedule lets pass, or two days where there is none.
  const absl::Duration limit =
      std::max(2 * options.snapshot.interval, absl::Hours(48));
  if (!newest.status.ok()) {
    finding.verdict = Verdict::kFail;
    absl::StrAppend(&finding.found, ", damaged");
    finding.advice =
        "look at the disk, and make another: gradmatch snapshot create";
  } else if (age > limit) {
    finding.advice =
        "gradmatch snapshot create; the server's log says why none was made "
        "(component snapshot)";
  } else {
    finding.verdict = Verdict::kOk;
  }
  return finding;
}

}  // namespace gradmatch
