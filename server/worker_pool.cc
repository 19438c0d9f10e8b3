#include "server/worker_pool.h"

#include <algorithm>
#include <utility>

namespace gradmatch {

WorkerPool::WorkerPool(int threads, size_t max_queued, const Clock& clock)
    : max_queued_(max_queued), clock_(clock) {
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  const int count = threads > 0 ? threads : std::max(1, cores);
  for (int i = 0; i < count; ++i) threads_.emplace_back([this] { Loop(); });
}

WorkerPool::~WorkerPool() { Shutdown(); }

bool WorkerPool::TrySubmit(Task task) {
  {
    MutexLock lock(mu_);
    if (closed_ || queue_.size() >= max_queued_) return false;
    queue_.push_back(std::move(task));
  }
  changed_.NotifyOne();
  return true;
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

size_t WorkerPool::queued() const {
  MutexLock lock(mu_);
  return queue_.size();
}

void WorkerPool::Loop() {
  Task task;
  while (Next(task)) {
    if (task.expired != nullptr && clock_.Now() >= task.deadline) {
      task.expired();
    } else {
      task.run();
    }
    task = Task{};  // What it holds is freed before the wait for the next.
  }
}

bool WorkerPool::Next(Task& task) {
  MutexLock lock(mu_);
  while (queue_.empty() && !closed_) changed_.Wait(mu_);
  if (queue_.empty()) return false;
  task = std::move(queue_.front());
  queue_.pop_front();
  return true;
}

std::optional<Admission::Permit> Admission::TryEnter(int64_t bytes) {
  MutexLock lock(mu_);
  if (in_flight_ >= limits_.max_in_flight) return std::nullopt;
  if (in_flight_ > 0 && bytes_ + bytes > limits_.max_bytes) return std::nullopt;
  ++in_flight_;
  bytes_ += bytes;
  return std::optional<Permit>(std::in_place, this, bytes);
}

void Admission::Release(int64_t bytes) {
  MutexLock lock(mu_);
  --in_flight_;
  bytes_ -= bytes;
}

int64_t Admission::in_flight() const {
  MutexLock lock(mu_);
  return in_flight_;
}

int64_t Admission::bytes() const {
  MutexLock lock(mu_);
  return bytes_;
}

}  // namespace gradmatch
