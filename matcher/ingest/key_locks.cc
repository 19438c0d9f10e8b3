#include "matcher/ingest/key_locks.h"

#include <algorithm>
#include <utility>

namespace gradmatch {

KeyLocks::Held::Held(Held&& other) noexcept
    : locks_(std::exchange(other.locks_, nullptr)),
      keys_(std::move(other.keys_)) {}

KeyLocks::Held& KeyLocks::Held::operator=(Held&& other) noexcept {
  if (this != &other) {
    Release();
    locks_ = std::exchange(other.locks_, nullptr);
    keys_ = std::move(other.keys_);
  }
  return *this;
}

void KeyLocks::Held::Release() {
  if (locks_ == nullptr) return;
  {
    MutexLock lock(locks_->mu_);
    for (const uint64_t key : keys_) locks_->held_.erase(key);
  }
  locks_->released_.NotifyAll();
  locks_ = nullptr;
  keys_.clear();
}

KeyLocks::Held KeyLocks::Acquire(const std::vector<uint64_t>& keys) {
  Held held;
  held.keys_.insert(keys.begin(), keys.end());
  MutexLock lock(mu_);
  while (std::any_of(held.keys_.begin(), held.keys_.end(),
                     [this](uint64_t key) ABSL_NO_THREAD_SAFETY_ANALYSIS {
                       return held_.contains(key);
                     })) {
    released_.Wait(mu_);
  }
  // Its own from here on: what is in already goes again when memory runs out.
  held.locks_ = this;
  held_.insert(held.keys_.begin(), held.keys_.end());
  return held;
}

}  // namespace gradmatch
