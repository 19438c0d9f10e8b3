#ifndef GRADMATCH_SERVER_RECALL_RUNNER_H_
#define GRADMATCH_SERVER_RECALL_RUNNER_H_

#include <atomic>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/longrunning/operations.pb.h"
#include "gradmatch/v1/storage.pb.h"
#include "index/base/mutex.h"
#include "index/snapshot.h"
#include "index/store.h"
#include "server/operation_provider.h"
#include "server/runtime.h"
#include "server/stored_runs.h"
#include "server/waiting_room.h"

namespace gradmatch {

// Measures the recall of the index of postings, one measurement at a time in
// the order they were asked for, on a thread of its own: operations/recall-...
// How far a measurement is, is durable: one that the end of the server cuts
// short goes on where it was, or begins anew when the postings have changed
// since, so that a report is of one generation. The last report stays when its
// operation is deleted. All methods but Start and Stop may run concurrently
// with any.
class RecallRunner final : public OperationProvider {
 public:
  // `runtime` is borrowed and outlives this.
  explicit RecallRunner(Runtime& runtime) : runtime_(runtime) {}
  ~RecallRunner() override;

  // After Runtime::SetEngine. Takes up what is not at its end.
  absl::Status Start();
  // The measurement at work stops at its next graduate. Idempotent.
  void Stop();

  // Stores a measurement and puts it in the queue; returns its operation's id.
  // `run` has what is asked for. `also` gets the operation, for the request
  // log, and what it returns is written in the same batch.
  using Also = std::function<WriteBatch(const google::longrunning::Operation&)>;
  absl::StatusOr<google::longrunning::Operation> Begin(v1::StoredRecallRun run,
                                                       const Also& also);

  std::string_view prefix() const override { return "recall-"; }
  absl::StatusOr<google::longrunning::Operation> Get(
      std::string_view id) const override;
  absl::StatusOr<std::vector<google::longrunning::Operation>> List(
      std::string_view after_id, size_t limit) const override;
  absl::Status Cancel(std::string_view id) override;
  absl::Status Delete(std::string_view id) override;
  WaitingRoom& waiting_room() override { return waiting_room_; }

 private:
  absl::Status CheckStarted() const;
  StoredRuns<v1::StoredRecallRun> runs() const;
  absl::StatusOr<v1::StoredRecallRun> Read(std::string_view id) const;
  // Reads, changes and writes one, synced.
  absl::StatusOr<v1::StoredRecallRun> Change(
      std::string_view id,
      const std::function<void(v1::StoredRecallRun&)>& change,
      const WriteBatch& also = {});
  absl::StatusOr<std::vector<std::string>> Unfinished() const;

  void Loop();
  void Carry(const std::string& id);
  absl::Status Measure(const std::string& id);
  absl::StatusOr<std::vector<std::string>> Sample(
      const v1::StoredRecallRun& run) const;
  absl::Status MeasureOne(const std::string& key, const Snapshot& snapshot,
                          absl::Time now, v1::StoredRecallRun& run) const;
  absl::Status Save(const std::string& id, const v1::StoredRecallRun& run);
  absl::Status Finish(const std::string& id, const absl::Status& end);
  // CANCELLED when it is to stop.
  absl::Status GoOn() const;

  Runtime& runtime_;
  WaitingRoom waiting_room_;
  std::thread thread_;
  std::atomic<bool> started_{false};
  std::atomic<bool> stop_{false};
  std::atomic<bool> cancel_current_{false};

  // Held over every read-change-write.
  mutable Mutex store_mu_;

  mutable Mutex mu_;
  CondVar changed_;
  std::deque<std::string> queue_ ABSL_GUARDED_BY(mu_);
  std::string current_ ABSL_GUARDED_BY(mu_);
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_RECALL_RUNNER_H_
