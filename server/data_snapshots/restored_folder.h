#ifndef GRADMATCH_SERVER_DATA_SNAPSHOTS_RESTORED_FOLDER_H_
#define GRADMATCH_SERVER_DATA_SNAPSHOTS_RESTORED_FOLDER_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/data_snapshot/restored_mark.h"
#include "index/erasure_store.h"
#include "server/data_snapshots/data_snapshots.h"
#include "server/log.h"
#include "server/runtime.h"

namespace gradmatch {

// What the journal of rights came to in a restored data folder.
struct AppliedRights {
  int64_t erased = 0;   // again
  int64_t decided = 0;  // changes of a record
  int64_t deleted = 0;
  int64_t unknown = 0;  // made anew, since the snapshot did not know them
  int64_t tokens = 0;   // bearer tokens made, changed or revoked
  int64_t sealed = 0;   // graduates whose sealed values were set or taken back
};

// Decides again, in a data folder that was restored, what people decided after
// the snapshot was made. All of `journal` is gone through: who was erased is
// erased, with the receipt of then; about everybody else the last entry counts.
// Whoever the snapshot does not know, and said no to something, gets a record
// with nothing else in it, which a source's row fills. Tokens and sealed values
// become what the last entry after `snapshot` says: those before it are in the
// snapshot, or older than it. Applying twice changes nothing, so that it may be
// cut short. Nothing is journaled again.
absl::StatusOr<AppliedRights> ApplyJournal(const JournalContents& journal,
                                           const JournalPosition& snapshot,
                                           const Engine& engine,
                                           const ErasureStore& erasures);

// Before anything of the data folder is served: nothing happens to one that was
// not restored, or where that is done with; else the journal is found, checked
// and applied, the audit is told, and the mark goes. `snapshots` may be null:
// then the journal is read where the folder was restored from.
// FailedPrecondition when the journal is missing or damaged and that was not
// accepted when the folder was restored.
absl::Status FinishRestore(const std::string& data_folder, const Engine& engine,
                           const ErasureStore& erasures,
                           DataSnapshots* snapshots, Logger& log);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_DATA_SNAPSHOTS_RESTORED_FOLDER_H_
