#ifndef GRADMATCH_SERVER_PUSH_RUNNER_H_
#define GRADMATCH_SERVER_PUSH_RUNNER_H_

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gradmatch/v1/push.pb.h"
#include "gradmatch/v1/storage.pb.h"
#include "index/push_store.h"
#include "matcher/push/allocator.h"
#include "matcher/push/push_figures.h"
#include "matcher/push/push_ranker.h"
#include "matcher/push/push_run.h"
#include "server/runtime.h"
#include "server/waiting_room.h"

namespace gradmatch {

// Carries push runs out, one at a time in the order they were asked for, on a
// thread of its own with `threads` helpers. All methods but Start and Stop may
// run concurrently with any.
class PushRunner {
 public:
  // `runtime` is borrowed and outlives this.
  PushRunner(Runtime& runtime, const PushRunOptions& options);
  ~PushRunner();

  // After Runtime::SetEngine. Queues the runs that are not at their end. While
  // `has_room` is not OK no run writes: the one at work pauses at its next
  // checkpoint and goes on from there when it is OK again.
  absl::Status Start(std::function<absl::Status()> has_room);
  // The run at work stops at its next checkpoint. Idempotent.
  void Stop();

  // UNAVAILABLE before Start.
  absl::StatusOr<PushStore*> store() const;

  // The run is stored as PENDING.
  void Enqueue(std::string_view run_id);
  // Stops a run for good, at once or at its next checkpoint. A run that is at
  // its end is left alone. Returns it as stored now; NOT_FOUND.
  absl::StatusOr<v1::StoredPushRun> Cancel(std::string_view run_id,
                                           const WriteBatch& also = {});

  // Stage, counts, rate and time left, live for the run at work.
  v1::RunPushPlanMetadata Metadata(const v1::StoredPushRun& run) const;

  // Woken with a run's id as the topic when it comes to its end.
  WaitingRoom& waiting_room() { return waiting_room_; }

 private:
  struct Work;  // what exists from Start on

  // Runs that are not at their end, in the order they were asked for.
  absl::StatusOr<std::vector<std::string>> Unfinished() const;
  void Loop();
  // False when the run is to be gone on with: there was no room, or Stop.
  bool Carry(const std::string& run_id);
  void MarkFailed(const std::string& run_id, const absl::Status& error);
  void KeepRates(const PushProgress& progress);

  Runtime& runtime_;
  const PushRunOptions options_;
  const std::unique_ptr<Allocator> allocator_;
  WaitingRoom waiting_room_;

  std::unique_ptr<PushStore> push_store_;  // set by Start
  std::unique_ptr<PushRanker> ranker_;
  std::unique_ptr<PriorityReader> priorities_;  // null without seal keys
  std::atomic<PushStore*> started_{nullptr};
  std::function<absl::Status()> has_room_;  // set by Start
  std::thread thread_;

  std::atomic<bool> stop_{false};
  std::atomic<bool> cancel_current_{false};

  mutable Mutex mu_;
  CondVar changed_;
  std::deque<std::string> queue_ ABSL_GUARDED_BY(mu_);
  std::string current_ ABSL_GUARDED_BY(mu_);
  std::shared_ptr<PushProgress> progress_ ABSL_GUARDED_BY(mu_);
  StageRates rates_ ABSL_GUARDED_BY(mu_) = DefaultStageRates();
};

// Whether a run has come to its end, for better or worse.
bool IsAtEnd(v1::PushRun::State state);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_PUSH_RUNNER_H_
