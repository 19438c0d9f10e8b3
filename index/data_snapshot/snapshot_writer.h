#ifndef GRADMATCH_INDEX_DATA_SNAPSHOT_SNAPSHOT_WRITER_H_
#define GRADMATCH_INDEX_DATA_SNAPSHOT_SNAPSHOT_WRITER_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/data_snapshot/copy_file.h"
#include "index/data_snapshot/manifest.h"
#include "index/data_snapshot/snapshot_folder.h"
#include "index/rocksdb_store.h"

namespace gradmatch {

struct SnapshotRequest {
  std::string id;           // of SnapshotFolder::NewId
  std::string data_folder;  // of the store
  std::string program;
  absl::Time now;
  // As they were before the call, so that the copy has at least that.
  uint64_t generation = 0;
  JournalPosition journal;
  std::vector<std::string> seal_keys;
};

// What happens on the way, for tests: called before each step, with its name;
// "copy" once a file. Empty in the server.
using StepHook = std::function<void(std::string_view step)>;

// Makes a data snapshot of a store that is open and being written to. Tables
// that the newest whole data snapshot of the folder has are shared with it by
// hard link, after their bytes were compared with its manifest; all else is
// copied. RocksDB's BackupEngine would do the sharing too, but keeps its own
// list without a hash, and needs RocksDB to be read at all; this one is a data
// folder with a list beside it. Nothing is linked to the data folder itself:
// what damages a file there must not reach the copy.
//
// Until it is whole and on stable storage its folder has the name <id>.part;
// after an error that is removed. ResourceExhausted, SNAPSHOT_NO_SPACE, before
// anything is copied; the meter's error when it ends the work.
absl::StatusOr<SnapshotManifest> WriteSnapshot(RocksdbStore& store,
                                               const SnapshotFolder& folder,
                                               const SnapshotRequest& request,
                                               WorkMeter& meter,
                                               const StepHook& at_step = {});

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_DATA_SNAPSHOT_SNAPSHOT_WRITER_H_
