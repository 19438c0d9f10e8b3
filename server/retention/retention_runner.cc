#include "server/retention/retention_runner.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "index/base/strings.h"

namespace gradmatch {
namespace {

constexpr char kComponent[] = "retention";
constexpr absl::Duration kLook = absl::Seconds(1);
// A walk that could not be finished is tried again.
constexpr absl::Duration kRetry = absl::Minutes(10);

}  // namespace

RetentionRunner::RetentionRunner(
    const RetentionOptions& options, const Clock& clock, AuditLog& audit,
    Logger& log, std::vector<std::unique_ptr<RetentionJob>> jobs)
    : options_(options),
      clock_(clock),
      audit_(audit),
      log_(log),
      jobs_(std::move(jobs)) {
  MutexLock lock(mu_);
  for (const auto& job : jobs_) {
    RetentionState& state = states_.emplace_back();
    state.job = std::string(job->name());
    state.days = job->days();
  }
}

void RetentionRunner::Begin() {
  thread_ = std::make_unique<Housekeeping>(
      kLook, [this](const Stop& stop) { RunIfDue(stop); });
}

void RetentionRunner::End() { thread_.reset(); }

std::vector<RetentionState> RetentionRunner::states() const {
  MutexLock lock(mu_);
  return states_;
}

void RetentionRunner::RunIfDue(const Stop& stop) {
  const absl::Time now = clock_.Now();
  // Also when the clock was set back by more than a walk's time.
  if (now < next_ && now > next_ - 2 * options_.interval) return;
  for (size_t i = 0; i < jobs_.size() && !stop(); ++i) RunJob(i, now, stop);
  if (stop()) return;
  const std::vector<RetentionState> states = this->states();
  const bool well = std::all_of(states.begin(), states.end(),
                                [](const auto& s) { return s.status.ok(); });
  next_ =
      now + (well ? options_.interval : std::min(kRetry, options_.interval));
}

void RetentionRunner::RunJob(size_t place, absl::Time now, const Stop& stop) {
  RetentionJob& job = *jobs_[place];
  RetentionState state = states()[place];
  const int64_t removed_before = state.removed_total;
  state.examined = state.due = 0;
  state.status = Walk(job, now, stop, state);
  const int64_t removed = state.removed_total - removed_before;
  if (removed > 0) {
    const absl::Status told = Tell(job, absl::StrCat("REMOVED ", removed));
    if (state.status.ok()) state.status = told;
  }
  if (absl::IsCancelled(state.status)) return;  // as it was before
  state.last_time = clock_.Now();
  if (!state.status.ok()) {
    log_.Log(LogLevel::kError, kComponent, "job_failed",
             {{LogField::kJob, state.job},
              {LogField::kError, std::string(state.status.message())}});
  } else if (state.due > 0) {
    log_.Log(LogLevel::kInfo, kComponent,
             options_.count_only ? "job_counted" : "job_removed",
             {{LogField::kJob, state.job},
              {LogField::kCount, state.due},
              {LogField::kTotal, state.examined}});
  }
  MutexLock lock(mu_);
  states_[place] = std::move(state);
}

// Counts first how much of a step is due; it is removed once the audit has it.
absl::Status RetentionRunner::Walk(RetentionJob& job, absl::Time now,
                                   const Stop& stop, RetentionState& state) {
  bool told = false;
  std::string from;
  do {
    if (stop()) return absl::CancelledError("the server ends");
    const absl::Time begin = absl::Now();
    auto step = job.Step(from, now, /*count_only=*/true);
    if (!step.ok()) return step.status();
    if (step->due > 0 && !options_.count_only) {
      if (!std::exchange(told, true)) {
        absl::Status status = Tell(job, "ALLOWED");
        if (!status.ok()) return status;
      }
      step = job.Step(from, now, /*count_only=*/false);
      if (!step.ok()) return step.status();
      state.removed_total += step->due;
    }
    state.examined += step->examined;
    state.due += step->due;
    from = std::move(step->next);
    Rest(absl::Now() - begin, stop);
  } while (!from.empty());
  return absl::OkStatus();
}

absl::Status RetentionRunner::Tell(const RetentionJob& job,
                                   const std::string& result) {
  AuditEvent event;
  event.principal = "server";
  event.role = "operator";
  event.method = "Retention.Remove";
  event.resource = absl::StrCat("retention/", A(job.name()));
  event.purpose = absl::StrCat("保留期 ", job.days(), " 天");
  event.result = result;
  return audit_.Append(event);
}

void RetentionRunner::Rest(absl::Duration worked, const Stop& stop) const {
  absl::Duration left = worked * (1 / options_.share - 1);
  while (left > absl::ZeroDuration() && !stop()) {
    const absl::Duration part = std::min(left, absl::Milliseconds(100));
    absl::SleepFor(part);
    left -= part;
  }
}

}  // namespace gradmatch
