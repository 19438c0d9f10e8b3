#ifndef GRADMATCH_SERVER_WORKER_POOL_H_
#define GRADMATCH_SERVER_WORKER_POOL_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "index/base/clock.h"
#include "index/base/mutex.h"

namespace gradmatch {

// Threads for the work behind the calls, so that gRPC's own threads stay free.
// The server has three: for calls that read, for calls that wait for the disk,
// and for the batches of syncs, so that neither a slow disk nor a night of
// syncing queues in front of a search; the system's scheduler shares the cores
// between them.
class WorkerPool {
 public:
  struct Task {
    std::function<void()> run;
    // Called instead of `run` when `deadline` has passed before a thread was
    // free: nobody waits for the answer any more.
    std::function<void()> expired;
    absl::Time deadline = absl::InfiniteFuture();
  };

  // `threads` 0: one a core. At most `max_queued` tasks wait. `clock` is
  // borrowed and outlives the pool; deadlines are times of it.
  WorkerPool(int threads, size_t max_queued, const Clock& clock);
  // Runs what is queued, then joins.
  ~WorkerPool();

  // False when the queue is full or Shutdown was called; `task` is then
  // dropped without a call.
  bool TrySubmit(Task task);

  // Takes no more tasks, runs what is queued and joins. Idempotent. Never call
  // it from a task.
  void Shutdown();

  size_t queued() const;
  int threads() const { return static_cast<int>(threads_.size()); }

 private:
  void Loop();
  bool Next(Task& task);

  const size_t max_queued_;
  const Clock& clock_;
  mutable Mutex mu_;
  CondVar changed_;
  std::deque<Task> queue_ ABSL_GUARDED_BY(mu_);
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<std::thread> threads_;
};

// How much is under way: calls, and bytes of their requests. Refusing early is
// what keeps the answers of the admitted in time. Threads may share it.
class Admission {
 public:
  struct Limits {
    int64_t max_in_flight = 256;
    int64_t max_bytes = 128 << 20;
  };

  // Held while the call is under way. Movable; releases when destroyed.
  class Permit {
   public:
    Permit(Admission* admission, int64_t bytes)
        : admission_(admission), bytes_(bytes) {}
    Permit(Permit&& other) noexcept
        : admission_(other.admission_), bytes_(other.bytes_) {
      other.admission_ = nullptr;
    }
    Permit& operator=(Permit&&) = delete;
    ~Permit() {
      if (admission_ != nullptr) admission_->Release(bytes_);
    }

   private:
    Admission* admission_;
    int64_t bytes_;
  };

  explicit Admission(const Limits& limits) : limits_(limits) {}

  // nullopt when a limit would be passed. A single call larger than max_bytes
  // is let in when nothing else is under way.
  std::optional<Permit> TryEnter(int64_t bytes);

  int64_t in_flight() const;
  int64_t bytes() const;

 private:
  void Release(int64_t bytes);

  const Limits limits_;
  mutable Mutex mu_;
  int64_t in_flight_ ABSL_GUARDED_BY(mu_) = 0;
  int64_t bytes_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_WORKER_POOL_H_
