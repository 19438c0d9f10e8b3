#include "server/worker_pool.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace gradmatch {
namespace {

int ThreadsOf(int wanted) {
  if (wanted > 0) return wanted;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

absl::Duration Since(std::chrono::steady_clock::time_point begin) {
  return absl::FromChrono(std::chrono::steady_clock::now() - begin);
}

}  // namespace

WorkerPool::WorkerPool(const Limits& limits, const Clock& clock)
    : tenant_threads_(ThreadsOf(limits.threads)),
      clock_(clock),
      queue_({.max_queued = limits.max_queued,
              .tenant_max_queued = limits.tenant_max_queued,
              .tenant_running = tenant_threads_}) {
  for (int i = 0; i < tenant_threads_ + limits.spare_threads; ++i) {
    threads_.emplace_back([this] { Loop(); });
  }
}

WorkerPool::~WorkerPool() { Shutdown(); }

WorkerPool::Submitted WorkerPool::TrySubmit(Task task) {
  {
    MutexLock lock(mu_);
    if (closed_) return Submitted::kClosed;
    switch (queue_.TryPush(task, clock_.Now())) {
      case FairQueue::Pushed::kFull:
        return Submitted::kQueueFull;
      case FairQueue::Pushed::kTenantFull:
        return Submitted::kTenantQueueFull;
      case FairQueue::Pushed::kQueued:
        break;
    }
  }
  changed_.NotifyOne();
  return Submitted::kQueued;
}

void WorkerPool::Shutdown() {
  {
    MutexLock lock(mu_);
    closed_ = true;
  }
  changed_.NotifyAll();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

WorkerPool::Figures WorkerPool::figures() const {
  Figures figures;
  figures.expired = expired_.load(std::memory_order_relaxed);
  figures.given_up = given_up_.load(std::memory_order_relaxed);
  MutexLock lock(mu_);
  figures.queued = queue_.queued();
  figures.oldest_wait = queue_.OldestWait(clock_.Now());
  return figures;
}

void WorkerPool::Loop() {
  std::vector<FairQueue::Stale> stale;
  std::optional<FairQueue::Turn> turn;
  while (Await(stale, turn)) {
    Tell(stale);
    if (!turn.has_value()) continue;
    const auto begin = std::chrono::steady_clock::now();
    turn->task.run();
    turn->task.run = nullptr;  // What it holds is freed before the next wait.
    const absl::Duration used = Since(begin);
    MutexLock lock(mu_);
    queue_.Done(*turn, used);
    turn.reset();
  }
}

bool WorkerPool::Await(std::vector<FairQueue::Stale>& stale,
                       std::optional<FairQueue::Turn>& turn) {
  MutexLock lock(mu_);
  while (true) {
    const absl::Time now = clock_.Now();
    queue_.TakeStale(now, stale);
    turn = queue_.Next(now);
    if (!stale.empty() || turn.has_value()) return true;
    // What is queued still is its tenant's, who runs all he may: those threads
    // come back for it.
    if (closed_) return false;
    changed_.Wait(mu_);
  }
}

void WorkerPool::Tell(std::vector<FairQueue::Stale>& stale) {
  for (FairQueue::Stale& one : stale) {
    (one.expired ? expired_ : given_up_)
        .fetch_add(1, std::memory_order_relaxed);
    one.tell();
  }
  stale.clear();
}

}  // namespace gradmatch
