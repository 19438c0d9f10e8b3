#ifndef GRADMATCH_SERVER_DATA_SNAPSHOTS_DATA_SNAPSHOTS_H_
#define GRADMATCH_SERVER_DATA_SNAPSHOTS_DATA_SNAPSHOTS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gradmatch/v1/snapshot_service.pb.h"
#include "index/base/mutex.h"
#include "index/data_snapshot/copy_file.h"
#include "index/data_snapshot/snapshot_folder.h"
#include "index/rocksdb_store.h"
#include "server/data_snapshots/rights_keeper.h"
#include "server/runtime.h"

namespace gradmatch {

struct DataSnapshotsOptions {
  std::string folder;
  std::string data_folder;
  std::string program;  // goes into the manifests
  absl::Duration max_age = absl::Hours(30 * 24);
};

// The data snapshots of a server that has a folder for them, and the journal of
// rights in it (index/data_snapshot/manifest.h has what is what). All methods
// but Attach may run concurrently; making and deleting wait for each other.
class DataSnapshots {
 public:
  // `clock` is borrowed and outlives this. Errors as SnapshotFolder::Open.
  static absl::StatusOr<std::unique_ptr<DataSnapshots>> Open(
      const DataSnapshotsOptions& options, const Clock& clock);

  // Before the first of the calls below; borrowed.
  void Attach(RocksdbStore& store, const Engine& engine);

  RightsKeeper& rights() { return *rights_; }
  const std::string& folder() const { return options_.folder; }

  absl::StatusOr<v1::DataSnapshot> Create(WorkMeter& meter);
  absl::StatusOr<v1::DataSnapshot> Verify(std::string_view id,
                                          WorkMeter& meter) const;
  // Newest first, damaged ones too.
  absl::StatusOr<std::vector<v1::DataSnapshot>> List() const;
  // NotFound, SNAPSHOT_NOT_FOUND.
  absl::StatusOr<v1::DataSnapshot> Get(std::string_view id) const;
  absl::Status Delete(std::string_view id);

  // Deletes what is beyond the newest `keep`, and what is too old; how many.
  absl::StatusOr<int> DeleteOld(int keep);
  absl::StatusOr<bool> IsDue(absl::Duration interval) const;
  // When the newest was made; nullopt when there is none.
  absl::StatusOr<std::optional<absl::Time>> NewestTime() const;

  // The snapshots there are, all of which may hold whoever was erased by now,
  // and when the last of them is deleted.
  struct Holding {
    int32_t snapshots = 0;
    absl::Time until;
  };
  // Waits for one that is being made, which counts.
  absl::StatusOr<Holding> WhoHolds();
  // What these decided earlier leaves the journal.
  absl::Status Forget(std::span<const PendingErasure> erased);

 private:
  DataSnapshots(DataSnapshotsOptions options, const Clock& clock,
                SnapshotFolder folder, std::unique_ptr<RightsKeeper> rights)
      : options_(std::move(options)),
        clock_(clock),
        folder_(std::move(folder)),
        rights_(std::move(rights)) {}

  v1::DataSnapshot ToProto(const ListedSnapshot& snapshot) const;
  // From when on the journal is needed.
  absl::StatusOr<absl::Time> JournalStart() const;

  const DataSnapshotsOptions options_;
  const Clock& clock_;
  Mutex change_mu_;
  SnapshotFolder folder_;  // changed under change_mu_
  const std::unique_ptr<RightsKeeper> rights_;
  RocksdbStore* store_ = nullptr;
  const Engine* engine_ = nullptr;
};

std::string DataSnapshotNameOf(std::string_view id);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_DATA_SNAPSHOTS_DATA_SNAPSHOTS_H_
