#include "server/housekeeping.h"

#include <utility>

#include "absl/time/clock.h"

namespace gradmatch {

Housekeeping::Housekeeping(absl::Duration pause, Chore chore)
    : pause_(pause), chore_(std::move(chore)), thread_([this] { Loop(); }) {}

Housekeeping::~Housekeeping() {
  {
    MutexLock lock(mu_);
    stopped_ = true;
  }
  changed_.NotifyAll();
  thread_.join();
}

bool Housekeeping::Stopped() const {
  MutexLock lock(mu_);
  return stopped_;
}

void Housekeeping::Loop() {
  while (!Stopped()) {
    chore_([this] { return Stopped(); });
    const absl::Time next = absl::Now() + pause_;
    MutexLock lock(mu_);
    while (!stopped_ && absl::Now() < next) {
      changed_.WaitFor(mu_, next - absl::Now());
    }
  }
}

}  // namespace gradmatch
