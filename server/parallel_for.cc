#include "server/parallel_for.h"

#include <algorithm>
#include <atomic>
#include <memory>

#include "index/base/mutex.h"

namespace gradmatch {
namespace {

// One loop; lives until the last helper has looked at it.
struct Loop {
  Loop(size_t n_in, const std::function<void(size_t)>* body_in)
      : n(n_in), body(body_in) {}

  // Takes bodies until none is left. A helper that comes when all are taken
  // does not touch `body`, which may be gone by then.
  void Work() {
    size_t done = 0;
    for (size_t i = next.fetch_add(1); i < n; i = next.fetch_add(1)) {
      (*body)(i);
      ++done;
    }
    if (done == 0) return;
    MutexLock lock(mu);
    finished += done;
    if (finished == n) all_done.NotifyAll();
  }

  void Wait() {
    MutexLock lock(mu);
    while (finished < n) all_done.Wait(mu);
  }

  const size_t n;
  const std::function<void(size_t)>* const body;
  std::atomic<size_t> next{0};
  Mutex mu;
  CondVar all_done;
  size_t finished ABSL_GUARDED_BY(mu) = 0;
};

}  // namespace

ParallelFor MakeParallelFor(WorkerPool& pool) {
  return [&pool](size_t n, const std::function<void(size_t)>& body) {
    if (n == 0) return;
    const auto loop = std::make_shared<Loop>(n, &body);
    const size_t helpers =
        std::min<size_t>(n, static_cast<size_t>(pool.threads())) - 1;
    for (size_t i = 0; i < helpers; ++i) {
      if (pool.TrySubmit({.run = [loop] { loop->Work(); }}) !=
          WorkerPool::Submitted::kQueued) {
        break;
      }
    }
    loop->Work();
    loop->Wait();
  };
}

}  // namespace gradmatch
