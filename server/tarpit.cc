#include "server/tarpit.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "absl/time/clock.h"

namespace gradmatch {
namespace {

// So that the answer is there before the caller gives up.
constexpr absl::Duration kBeforeTheDeadline = absl::Milliseconds(20);

}  // namespace

bool Tarpit::IsFlood(absl::Time now) {
  if (now - second_ >= absl::Seconds(1)) {
    second_ = now;
    refused_ = 0;
  }
  return ++refused_ > limits_.free_per_second;
}

bool Tarpit::Hold(absl::Time deadline, size_t bytes,
                  std::function<void()> end) {
  const absl::Time now = absl::Now();
  const absl::Time until =
      std::min(now + limits_.delay, deadline - kBeforeTheDeadline);
  MutexLock lock(mu_);
  if (!IsFlood(now) || until <= now || open_ || bytes > limits_.max_bytes ||
      held_.size() >= limits_.max_held) {
    return false;
  }
  return Keep(until, std::move(end));
}

// A flood is when memory and threads run out.
bool Tarpit::Keep(absl::Time until, std::function<void()> end) {
  try {
    if (!thread_.joinable()) thread_ = std::thread([this] { Loop(); });
    const auto it = held_.emplace(until, std::move(end));
    if (it == held_.begin()) changed_.NotifyOne();
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

void Tarpit::Loop() {
  std::vector<std::function<void()>> due;
  while (true) {
    {
      MutexLock lock(mu_);
      const absl::Time now = absl::Now();
      while (!held_.empty() && (open_ || held_.begin()->first <= now)) {
        due.push_back(std::move(held_.begin()->second));
        held_.erase(held_.begin());
      }
      if (due.empty()) {
        if (open_) return;
        if (held_.empty()) {
          changed_.Wait(mu_);
        } else {
          changed_.WaitFor(mu_, held_.begin()->first - now);
        }
        continue;
      }
    }
    for (const std::function<void()>& end : due) end();
    due.clear();
  }
}

void Tarpit::Open() {
  std::thread thread;
  {
    MutexLock lock(mu_);
    open_ = true;
    thread = std::move(thread_);
  }
  changed_.NotifyAll();
  if (thread.joinable()) thread.join();
}

size_t Tarpit::held() const {
  MutexLock lock(mu_);
  return held_.size();
}

}  // namespace gradmatch
