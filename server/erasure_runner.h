#ifndef GRADMATCH_SERVER_ERASURE_RUNNER_H_
#define GRADMATCH_SERVER_ERASURE_RUNNER_H_

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "index/erasure_store.h"
#include "server/runtime.h"
#include "server/waiting_room.h"

namespace gradmatch {

class DataSnapshots;

struct ErasureOptions {
  // Erasures that did not ask for a purge at once are purged together this long
  // after the first of them, at the latest.
  absl::Duration purge_interval = absl::Hours(24);
};

// Carries erasures out on a thread of its own: deletes, purges, looks for what
// is left, and again where something was written late. All that waits is done
// together, so that a thousand cost hardly more than one. All methods but Start
// and Stop may run concurrently with any.
class ErasureRunner {
 public:
  // `runtime` is borrowed and outlives this.
  ErasureRunner(Runtime& runtime, const ErasureOptions& options)
      : runtime_(runtime), options_(options) {}
  ~ErasureRunner() { Stop(); }

  // Before Start, if there are any: erasures go into their journal, and
  // receipts tell of them. Borrowed.
  void SetSnapshots(DataSnapshots& snapshots) { snapshots_ = &snapshots; }

  // After Runtime::SetEngine; takes up erasures that were cut short.
  // `push_store` is the one that push runs write with; borrowed.
  absl::Status Start(PushStore& push_store);
  // The step at work is finished. Idempotent.
  void Stop();

  // UNAVAILABLE before Start.
  absl::StatusOr<ErasureStore*> store() const;

  // Before an erasure is stored: it has to survive the loss of the data folder.
  // OK where there are no snapshots.
  absl::Status Journal(const PendingErasure& erasure);

  // The erasure is stored, and its graduate's record is gone.
  void Enqueue(PendingErasure erasure);

  // Woken with an erasure's id as the topic when its operation is done.
  WaitingRoom& waiting_room() { return waiting_room_; }

 private:
  using Batch = std::vector<PendingErasure>;

  void Loop();
  // Waits for something to do and takes it; empty when told to stop.
  Batch TakeWork();
  bool IsDue(const PendingErasure& erasure) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool AnyDue(const Batch& batch) const;
  void Carry(Batch batch);
  absl::Status Delete(Batch& batch);
  // Takes those that are done with out of `batch`.
  absl::Status Purge(Batch& batch);
  void Conclude(const Batch& clean);
  // Puts into the receipts which snapshots still hold those of `batch`.
  absl::Status TellOfSnapshots(Batch& batch);
  // Says why in what is left, so that whoever waits hears of it.
  void Fail(Batch& batch, absl::string_view why);

  Runtime& runtime_;
  const ErasureOptions options_;
  DataSnapshots* snapshots_ = nullptr;
  WaitingRoom waiting_room_;

  std::unique_ptr<ErasureStore> store_;  // set by Start
  std::atomic<ErasureStore*> started_{nullptr};
  std::thread thread_;

  mutable Mutex mu_;
  CondVar changed_;
  bool stop_ ABSL_GUARDED_BY(mu_) = false;
  Batch waiting_ ABSL_GUARDED_BY(mu_);
  // When to delete again after the store failed, and to purge again after files
  // did not come clean.
  absl::Time delete_after_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
  absl::Time purge_after_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_ERASURE_RUNNER_H_
