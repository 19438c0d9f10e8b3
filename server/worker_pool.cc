#include "server/worker_pool.h"

#include <sys/resource.h>
#include <unistd.h>

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

// Of the calling thread: on Linux each has its own. Where the system refuses
// it, threads are all alike.
void SetThreadNiceness(int niceness) {
  (void)setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), niceness);
}

absl::Duration Since(std::chrono::steady_clock::time_point begin) {
  return absl::FromChrono(std::chrono::steady_clock::now() - begin);
}

}  // namespace

WorkerPool::WorkerPool(const Limits& limits, const Clock& clock)
    : tenant_threads_(ThreadsOf(limits.threads)),
      spare_niceness_(limits.spare_niceness),
      clock_(clock),
      queue_({.max_queued = limits.max_queued,
              .tenant_max_queued = limits.tenant_max_queued,
              .tenant_running = tenant_threads_}) {
  for (int i = 0; i < tenant_threads_ + limits.spare_threads; ++i) {
    threads_.emplace_back([this, i] { Loop(i >= tenant_threads_); });
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
  spare_changed_.NotifyOne();
  changed_.NotifyOne();
  return Submitted::kQueued;
}

void WorkerPool::Shutdown() {
  {
    MutexLock lock(mu_);
    closed_ = true;
  }
  changed_.NotifyAll();
  spare_changed_.NotifyAll();
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

void WorkerPool::Loop(bool spare) {
  if (spare && spare_niceness_ > 0) SetThreadNiceness(spare_niceness_);
  std::vector<FairQueue::Stale> stale;
  std::optional<FairQueue::Turn> turn;
  while (Await(spare, stale, turn)) {
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

FairQueue::Take WorkerPool::WhatToTake(bool spare, absl::Time now) const {
  using Take = FairQueue::Take;
  if (closed_ || spare_niceness_ == 0) return Take::kAny;
  const bool contended = queue_.IsContended(now);
  if (!spare) return contended ? Take::kLight : Take::kAny;
  // What is for the others, as long as one of them is idle, is left to them.
  if (idle_ == 0) return Take::kAny;
  return contended ? Take::kHeavy : Take::kNone;
}

bool WorkerPool::Await(bool spare, std::vector<FairQueue::Stale>& stale,
                       std::optional<FairQueue::Turn>& turn) {
  MutexLock lock(mu_);
  while (true) {
    const absl::Time now = clock_.Now();
    queue_.TakeStale(now, stale);
    turn = queue_.Next(now, WhatToTake(spare, now));
    // What this one leaves is for one of the other kind, which may have slept
    // since it was another's when it came.
    if (spare_niceness_ > 0 && queue_.HasRunnable()) {
      (spare ? changed_ : spare_changed_).NotifyOne();
      if (turn.has_value()) (spare ? spare_changed_ : changed_).NotifyOne();
    }
    if (!stale.empty() || turn.has_value()) return true;
    // What is queued still is its tenant's, who runs all he may: those threads
    // come back for it.
    if (closed_) return false;
    idle_ += spare ? 0 : 1;
    (spare ? spare_changed_ : changed_).Wait(mu_);
    idle_ -= spare ? 0 : 1;
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
