#ifndef GRADMATCH_SERVER_DATA_SNAPSHOTS_SNAPSHOT_SUBSYSTEM_H_
#define GRADMATCH_SERVER_DATA_SNAPSHOTS_SNAPSHOT_SUBSYSTEM_H_

#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "index/rocksdb_store.h"
#include "server/data_snapshots/data_snapshots.h"
#include "server/data_snapshots/snapshot_runner.h"
#include "server/data_snapshots/snapshot_service.h"
#include "server/erasure_runner.h"
#include "server/options.h"
#include "server/runtime.h"

namespace gradmatch {

// Data snapshots and the journal of rights of a server, put together.
class SnapshotSubsystem {
 public:
  // `runtime` and `options` are borrowed and outlive this. `version` is the
  // server's, for the manifests.
  SnapshotSubsystem(Runtime& runtime, const Options& options,
                    std::string_view version);

  SnapshotServiceImpl& service() { return service_; }
  OperationProvider& operations() { return runner_; }
  // After Start. Null: no folder for them.
  const DataSnapshots* snapshots() const { return snapshots_.get(); }

  // The journal of rights is applied to a folder that was restored, and is up
  // to date, before anybody is answered. After Runtime::SetEngine; before push
  // runs go on, which must not meet who was erased or opted out since, and
  // before ErasureRunner::Start. Both are borrowed until Stop.
  absl::Status Start(RocksdbStore& store, ErasureRunner& erasures);
  // What is at work ends soon, and has failed. Idempotent.
  void Stop() { runner_.Stop(); }

 private:
  absl::Status OpenFolder(RocksdbStore& store, const Engine& engine);

  Runtime& runtime_;
  const Options& options_;
  const std::string_view version_;
  std::unique_ptr<DataSnapshots> snapshots_;  // null: no folder for them
  SnapshotRunner runner_;
  SnapshotServiceImpl service_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_DATA_SNAPSHOTS_SNAPSHOT_SUBSYSTEM_H_
