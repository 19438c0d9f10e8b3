#ifndef GRADMATCH_INDEX_DATA_SNAPSHOT_SNAPSHOT_RESTORE_H_
#define GRADMATCH_INDEX_DATA_SNAPSHOT_SNAPSHOT_RESTORE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/data_snapshot/copy_file.h"
#include "index/data_snapshot/snapshot_check.h"
#include "index/data_snapshot/snapshot_writer.h"

namespace gradmatch {

struct RestoreRequest {
  std::string snapshot;     // folder of the data snapshot
  std::string data_folder;  // missing or empty, or left by a broken-off restore
  // Why it is accepted that the journal of rights beside the snapshot is
  // missing or damaged; empty: it is not, and such a restore is refused.
  std::string accepted;
};

// Makes a data folder of a data snapshot. It becomes one with its last step,
// when FORMAT gets its name; until then no program takes it for one, and the
// same restore, started again, begins anew. The snapshot is verified before a
// byte is copied, and the copy after. The snapshot is not changed.
//
// The folder carries the mark RESTORED (restored_mark.h): whoever opens it for
// serving applies the journal of rights first.
//
// FailedPrecondition: the folder has something in it, a process has it open, or
// the journal is missing or damaged and that was not accepted. DataLoss,
// SNAPSHOT_DAMAGED: the snapshot. ResourceExhausted: the disk.
absl::StatusOr<ReadSnapshot> RestoreSnapshot(const RestoreRequest& request,
                                             WorkMeter& meter,
                                             const StepHook& at_step = {});

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_DATA_SNAPSHOT_SNAPSHOT_RESTORE_H_
