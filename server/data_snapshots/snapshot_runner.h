#ifndef GRADMATCH_SERVER_DATA_SNAPSHOTS_SNAPSHOT_RUNNER_H_
#define GRADMATCH_SERVER_DATA_SNAPSHOTS_SNAPSHOT_RUNNER_H_

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/longrunning/operations.pb.h"
#include "gradmatch/v1/storage.pb.h"
#include "index/base/mutex.h"
#include "index/store.h"
#include "server/data_snapshots/data_snapshots.h"
#include "server/operation_provider.h"
#include "server/runtime.h"
#include "server/stored_runs.h"
#include "server/waiting_room.h"

namespace gradmatch {

struct SnapshotSchedule {
  absl::Duration interval = absl::ZeroDuration();  // 0: none by itself
  int keep = 7;
};

// Makes and checks data snapshots on a thread of its own, one at a time; makes
// them by itself when one is due, and deletes what is too old:
// operations/snapshot-... An operation that the end of the server cut short has
// failed; nothing of it is left in the folder. All methods but Start and Stop
// may run concurrently with any.
class SnapshotRunner final : public OperationProvider {
 public:
  // `runtime` is borrowed and outlives this.
  SnapshotRunner(Runtime& runtime, const SnapshotSchedule& schedule)
      : runtime_(runtime), schedule_(schedule) {}
  ~SnapshotRunner() override { Stop(); }

  // After Runtime::SetEngine. `snapshots` is null when there is no folder for
  // them; borrowed.
  absl::Status Start(DataSnapshots* snapshots);
  // What is at work ends soon, and has failed. Idempotent.
  void Stop();

  int standard_keep() const { return schedule_.keep; }

  // FailedPrecondition, SNAPSHOT_OFF: there is no folder.
  absl::StatusOr<DataSnapshots*> snapshots() const;

  // Stores an operation and begins it. `run` has what is asked for. `also` gets
  // the operation, for the request log; what it returns is written in the same
  // batch. FailedPrecondition, SNAPSHOT_RUNNING: one is at work.
  using Also = std::function<WriteBatch(const google::longrunning::Operation&)>;
  absl::StatusOr<google::longrunning::Operation> Begin(
      v1::StoredSnapshotRun run, const Also& also);

  // FailedPrecondition, SNAPSHOT_RUNNING, while something is at work.
  absl::Status CheckIdle() const;

  std::string_view prefix() const override { return "snapshot-"; }
  absl::StatusOr<google::longrunning::Operation> Get(
      std::string_view id) const override;
  absl::StatusOr<std::vector<google::longrunning::Operation>> List(
      std::string_view after_id, size_t limit) const override;
  absl::Status Cancel(std::string_view id) override;
  absl::Status Delete(std::string_view id) override;
  WaitingRoom& waiting_room() override { return waiting_room_; }

 private:
  // What is at work, and how far.
  struct Work {
    std::string id;
    v1::StoredSnapshotRun run;
    int64_t done_bytes = 0;
    int64_t total_bytes = 0;
  };

  absl::Status CheckStarted() const;
  absl::Status Busy() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  StoredRuns<v1::StoredSnapshotRun> runs() const;
  absl::StatusOr<v1::StoredSnapshotRun> Read(std::string_view id) const;
  absl::Status Write(std::string_view id, const v1::StoredSnapshotRun& run,
                     const WriteBatch& also = {}) const;
  absl::Status FailUnfinished();
  google::longrunning::Operation OperationOf(
      std::string_view id, const v1::StoredSnapshotRun& run) const;

  void Loop();
  // Waits for work or for the time to look at the schedule; nullopt then.
  std::optional<Work> TakeWork();
  void Carry(Work work);
  absl::StatusOr<v1::DataSnapshot> Do(const v1::StoredSnapshotRun& run);
  void DeleteOld(int keep);
  absl::Status Progress(int64_t done, int64_t total);

  Runtime& runtime_;
  const SnapshotSchedule schedule_;
  WaitingRoom waiting_room_;
  DataSnapshots* snapshots_ = nullptr;  // set by Start
  std::thread thread_;
  std::atomic<bool> started_{false};
  std::atomic<bool> stop_{false};
  std::atomic<bool> cancel_{false};

  mutable Mutex mu_;
  CondVar changed_;
  // Begun and not at its end; `taken_` when the thread is at it.
  std::optional<Work> work_ ABSL_GUARDED_BY(mu_);
  bool taken_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_DATA_SNAPSHOTS_SNAPSHOT_RUNNER_H_
