#ifndef GRADMATCH_SERVER_WORKER_POOL_H_
#define GRADMATCH_SERVER_WORKER_POOL_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "index/base/clock.h"
#include "index/base/mutex.h"
#include "server/fair_queue.h"

namespace gradmatch {

// Threads for the work behind the calls, so that gRPC's own threads stay free.
// The server has two: one for reading calls and small writes, one for the
// batches of syncs, so that a night of syncing never queues in front of a
// search; the system's scheduler shares the cores between them. Who is next is
// decided by a FairQueue.
class WorkerPool {
 public:
  using Task = PoolTask;

  struct Limits {
    // Tasks of one tenant that run at a time; 0: one a core.
    int threads = 0;
    size_t max_queued = 1'024;
    size_t tenant_max_queued = 1'024;
    // Threads besides: whatever one tenant runs, and for however long, there is
    // a thread for another at once, and the scheduler divides the cores.
    // Waiting for a turn would cost it up to a whole call of the first.
    int spare_threads = 0;
  };

  // `clock` is borrowed and outlives the pool; deadlines are times of it.
  WorkerPool(const Limits& limits, const Clock& clock);
  // Runs what is queued, then joins.
  ~WorkerPool();

  enum class Submitted { kQueued, kQueueFull, kTenantQueueFull, kClosed };
  // Unless it is kQueued, `task` is dropped without a call. kClosed after
  // Shutdown.
  Submitted TrySubmit(Task task);

  // Takes no more tasks, runs what is queued and joins. Idempotent. Never call
  // it from a task.
  void Shutdown();

  // Tasks of one tenant that run at a time.
  int threads() const { return tenant_threads_; }

  struct Figures {
    size_t queued = 0;
    absl::Duration oldest_wait;  // of those that wait now
    int64_t expired = 0;         // so far
    int64_t given_up = 0;
  };
  Figures figures() const;

 private:
  void Loop();
  // What to tell, then what to run; false at the end.
  bool Await(std::vector<FairQueue::Stale>& stale,
             std::optional<FairQueue::Turn>& turn);
  void Tell(std::vector<FairQueue::Stale>& stale);

  const int tenant_threads_;
  const Clock& clock_;
  mutable Mutex mu_;
  CondVar changed_;
  FairQueue queue_ ABSL_GUARDED_BY(mu_);
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  std::atomic<int64_t> expired_{0};
  std::atomic<int64_t> given_up_{0};
  std::vector<std::thread> threads_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_WORKER_POOL_H_
