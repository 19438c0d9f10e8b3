#include "matcher/push/thread_team.h"

#include <utility>

namespace gradmatch {

ThreadTeam::ThreadTeam(int threads) {
  for (int i = 1; i < threads; ++i) {
    threads_.emplace_back([this] { Loop(); });
  }
}

ThreadTeam::~ThreadTeam() {
  {
    MutexLock lock(mu_);
    closed_ = true;
  }
  changed_.NotifyAll();
  for (std::thread& thread : threads_) thread.join();
}

absl::Status ThreadTeam::ForEach(
    size_t n, const std::function<absl::Status(size_t)>& body) {
  {
    MutexLock lock(mu_);
    body_ = &body;
    next_ = 0;
    end_ = n;
    error_ = absl::OkStatus();
  }
  changed_.NotifyAll();
  Work();
  MutexLock lock(mu_);
  while (running_ > 0) changed_.Wait(mu_);
  body_ = nullptr;
  return std::exchange(error_, absl::OkStatus());
}

void ThreadTeam::Loop() {
  while (true) {
    {
      MutexLock lock(mu_);
      while (!closed_ && next_ >= end_) changed_.Wait(mu_);
      if (closed_) return;
    }
    Work();
  }
}

void ThreadTeam::Work() {
  while (true) {
    const std::function<absl::Status(size_t)>* body = nullptr;
    size_t i = 0;
    {
      MutexLock lock(mu_);
      if (next_ >= end_) return;
      body = body_;
      i = next_++;
      ++running_;
    }
    absl::Status status = (*body)(i);
    MutexLock lock(mu_);
    if (!status.ok() && (error_.ok() || i < error_at_)) {
      error_ = std::move(status);
      error_at_ = i;
      next_ = end_;
    }
    if (--running_ == 0) changed_.NotifyAll();
  }
}

}  // namespace gradmatch
