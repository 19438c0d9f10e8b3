#include "server/stream_registry.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace gradmatch {
namespace {

int64_t SteadyNanos() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

void StreamRegistry::Entry::Await() {
  awaiting_since_ns_.store(SteadyNanos(), std::memory_order_relaxed);
}

void StreamRegistry::Entry::Settle() {
  awaiting_since_ns_.store(0, std::memory_order_relaxed);
}

void StreamRegistry::Entry::Close() {
  MutexLock lock(mu_);
  on_event_ = nullptr;
}

void StreamRegistry::Entry::Tell(Event event) {
  MutexLock lock(mu_);
  if (on_event_ == nullptr) return;
  if (event == Event::kDraining && std::exchange(told_draining_, true)) return;
  on_event_(event);
}

StreamRegistry::StreamRegistry(absl::Duration idle)
    : idle_(idle), thread_([this] { Loop(); }) {}

StreamRegistry::~StreamRegistry() {
  {
    MutexLock lock(mu_);
    closed_ = true;
  }
  changed_.NotifyAll();
  thread_.join();
}

std::shared_ptr<StreamRegistry::Entry> StreamRegistry::Add(
    std::function<void(Event)> on_event) {
  auto entry = std::make_shared<Entry>(std::move(on_event));
  entry->Await();
  MutexLock lock(mu_);
  entries_.push_back(entry);
  if (draining_) changed_.NotifyAll();
  return entry;
}

void StreamRegistry::Drain() {
  {
    MutexLock lock(mu_);
    draining_ = true;
  }
  changed_.NotifyAll();
}

int64_t StreamRegistry::open() const {
  MutexLock lock(mu_);
  return std::count_if(entries_.begin(), entries_.end(),
                       [](const auto& entry) { return !entry.expired(); });
}

void StreamRegistry::Loop() {
  const absl::Duration pause =
      std::clamp(idle_ / 4, absl::Milliseconds(10), absl::Seconds(1));
  while (true) {
    std::vector<std::shared_ptr<Entry>> entries;
    bool draining = false;
    {
      MutexLock lock(mu_);
      if (closed_) return;
      changed_.WaitFor(mu_, pause);
      if (closed_) return;
      draining = draining_;
      std::erase_if(entries_, [&entries](const std::weak_ptr<Entry>& weak) {
        std::shared_ptr<Entry> entry = weak.lock();
        if (entry == nullptr) return true;
        entries.push_back(std::move(entry));
        return false;
      });
    }
    const int64_t oldest = SteadyNanos() - absl::ToInt64Nanoseconds(idle_);
    for (const std::shared_ptr<Entry>& entry : entries) {
      const int64_t since =
          entry->awaiting_since_ns_.load(std::memory_order_relaxed);
      if (since != 0 && since <= oldest) entry->Tell(Event::kIdle);
      if (draining) entry->Tell(Event::kDraining);
    }
  }
}

}  // namespace gradmatch
