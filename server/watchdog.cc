#include "server/watchdog.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "server/descriptors.h"

namespace gradmatch {
namespace {

// For one try: our end, the listener's end, and one that a library opens.
constexpr int kReserve = 4;

}  // namespace

WatchdogVerdict::State WatchdogVerdict::Next(Probe probe, absl::Time now) {
  if (probe == Probe::kAnswered || probe == Probe::kAccepted) {
    failures_ = 0;
    starving_since_ = absl::InfiniteFuture();
    return State::kWell;
  }
  if (probe == Probe::kNoAnswer) {
    ++failures_;
  } else {
    starving_since_ = std::min(starving_since_, now);
  }
  const bool dead = failures_ >= limits_.failures ||
                    now - starving_since_ >= limits_.starving;
  return dead ? State::kDead : State::kDoubtful;
}

Watchdog::Watchdog(absl::Duration interval,
                   const WatchdogVerdict::Limits& limits,
                   std::vector<Listener> listeners, Hooks hooks, Logger& log)
    : interval_(interval), hooks_(std::move(hooks)), log_(log) {
  for (Listener& listener : listeners) {
    watched_.push_back({std::move(listener), WatchdogVerdict(limits)});
  }
  thread_ = std::thread([this] { Loop(); });
}

Watchdog::~Watchdog() { Stop(); }

void Watchdog::Stop() {
  {
    MutexLock lock(mu_);
    stopped_ = true;
  }
  changed_.NotifyAll();
  if (thread_.joinable()) thread_.join();
}

void Watchdog::Loop() {
  DescriptorReserve reserve(kReserve);
  while (true) {
    reserve.Release();
    const bool go_on = TryAll();
    reserve.Hold();
    if (!go_on) return;
    MutexLock lock(mu_);
    if (!stopped_) changed_.WaitFor(mu_, interval_);
    if (stopped_) return;
  }
}

bool Watchdog::TryAll() {
  bool all_well = true;
  for (Watched& watched : watched_) {
    if (!TryOne(watched, all_well)) return false;
  }
  if (all_well) hooks_.on_well();
  return true;
}

bool Watchdog::TryOne(Watched& watched, bool& all_well) {
  const Probe probe = watched.listener.probe(interval_);
  {
    MutexLock lock(mu_);
    if (stopped_) return false;  // What fails now may fail because we end.
  }
  const WatchdogVerdict::State state = watched.verdict.Next(probe, absl::Now());
  const bool well = state == WatchdogVerdict::State::kWell;
  const std::string& name = watched.listener.name;
  if (state == WatchdogVerdict::State::kDead) {
    log_.Log(LogLevel::kError, "watchdog", "listener_dead",
             {{LogField::kStage, name}});
    hooks_.on_dead(name);
    return false;
  }
  if (well == watched.doubted) {  // It has changed.
    log_.Log(well ? LogLevel::kInfo : LogLevel::kWarning, "watchdog",
             well ? "listener_answers_again" : "listener_does_not_answer",
             {{LogField::kStage, name},
              {LogField::kReason, probe == Probe::kNotTried
                                      ? "no descriptor to try with"
                                      : "no answer in time"}});
  }
  watched.doubted = !well;
  all_well = all_well && well;
  return true;
}

}  // namespace gradmatch
