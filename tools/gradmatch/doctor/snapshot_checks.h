#ifndef GRADMATCH_TOOLS_GRADMATCH_DOCTOR_SNAPSHOT_CHECKS_H_
#define GRADMATCH_TOOLS_GRADMATCH_DOCTOR_SNAPSHOT_CHECKS_H_

#include "absl/time/time.h"
#include "server/options.h"
#include "tools/gradmatch/doctor/finding.h"

namespace gradmatch {

// Whether there is a snapshot of the data that is whole and, at `now`, not
// older than twice its interval, or two days. Reads the manifests, not what
// they name.
Finding CheckSnapshots(const Options& options, absl::Time now);

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_GRADMATCH_DOCTOR_SNAPSHOT_CHECKS_H_
