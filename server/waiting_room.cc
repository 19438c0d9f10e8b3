#include "server/waiting_room.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

namespace gradmatch {
namespace {

// What "for ever" is taken for: the sum with the clock's value must fit.
constexpr absl::Duration kLongest = absl::Hours(24 * 365);

int64_t SteadyNow() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void CallAll(const std::vector<std::function<void()>>& calls) {
  for (const auto& call : calls) call();
}

}  // namespace

WaitingRoom::WaitingRoom() : thread_([this] { Loop(); }) {}

WaitingRoom::~WaitingRoom() {
  Close();
  thread_.join();
}

uint64_t WaitingRoom::Enter(std::string topic, absl::Duration timeout,
                            std::function<void()> leave) {
  {
    MutexLock lock(mu_);
    if (!closed_) {
      const uint64_t ticket = next_ticket_++;
      guests_[ticket] = {
          std::move(topic),
          SteadyNow() + absl::ToInt64Nanoseconds(std::min(timeout, kLongest)),
          std::move(leave)};
      changed_.NotifyAll();
      return ticket;
    }
  }
  leave();
  return 0;
}

template <typename Wanted>
std::vector<std::function<void()>> WaitingRoom::TakeIf(Wanted wanted) {
  std::vector<std::function<void()>> calls;
  MutexLock lock(mu_);
  for (auto it = guests_.begin(); it != guests_.end();) {
    if (!wanted(it->first, it->second)) {
      ++it;
      continue;
    }
    calls.push_back(std::move(it->second.leave));
    it = guests_.erase(it);
  }
  return calls;
}

void WaitingRoom::WakeAll(std::string_view topic) {
  CallAll(TakeIf(
      [&](uint64_t, const Guest& guest) { return guest.topic == topic; }));
}

void WaitingRoom::Leave(uint64_t ticket) {
  CallAll(TakeIf([&](uint64_t id, const Guest&) { return id == ticket; }));
}

void WaitingRoom::Close() {
  {
    MutexLock lock(mu_);
    closed_ = true;
  }
  changed_.NotifyAll();
  CallAll(TakeIf([](uint64_t, const Guest&) { return true; }));
}

void WaitingRoom::Loop() {
  while (true) {
    {
      MutexLock lock(mu_);
      if (closed_) return;
      int64_t first = std::numeric_limits<int64_t>::max();
      for (const auto& [ticket, guest] : guests_) {
        first = std::min(first, guest.until_ns);
      }
      if (guests_.empty()) {
        changed_.Wait(mu_);
      } else if (first > SteadyNow()) {
        changed_.WaitFor(mu_, absl::Nanoseconds(first - SteadyNow()));
      }
    }
    const int64_t now = SteadyNow();
    CallAll(TakeIf(
        [&](uint64_t, const Guest& guest) { return guest.until_ns <= now; }));
  }
}

}  // namespace gradmatch
