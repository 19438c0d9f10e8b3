#ifndef GRADMATCH_SERVER_RETENTION_RETENTION_RUNNER_H_
#define GRADMATCH_SERVER_RETENTION_RETENTION_RUNNER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "index/base/clock.h"
#include "index/base/mutex.h"
#include "index/vault/audit_log.h"
#include "server/housekeeping.h"
#include "server/log.h"
#include "server/retention/retention_job.h"

namespace gradmatch {

struct RetentionOptions {
  absl::Duration interval = absl::Hours(24);  // between two walks
  bool count_only = false;
  // Of the time: the rest is left to who is being served.
  double share = 0.2;
};

// How a job is getting on.
struct RetentionState {
  std::string job;
  int days = 0;
  std::optional<absl::Time> last_time;  // when the last walk ended
  absl::Status status;                  // how
  int64_t examined = 0;                 // of the last walk
  int64_t due = 0;                      // of the last walk
  int64_t removed_total = 0;            // since this was made
};

// Removes what has been kept long enough: walks through every kind of data, job
// by job and step by step, on a thread of its own, and rests between the steps
// so that it takes `share` of one core and disk. Each job that removes anything
// is in the audit before and after, with the count and no name; when the audit
// cannot be written nothing is removed. Nothing is remembered between two
// starts of the process: a walk that was cut short begins anew, at once.
// All methods but Start and Stop may run concurrently with any.
class RetentionRunner {
 public:
  using Stop = std::function<bool()>;
  // All are borrowed and outlive this.
  RetentionRunner(const RetentionOptions& options, const Clock& clock,
                  AuditLog& audit, Logger& log,
                  std::vector<std::unique_ptr<RetentionJob>> jobs);
  ~RetentionRunner() { End(); }

  void Begin();
  // The step at work is finished. Idempotent.
  void End();

  // Walks if a walk is due; for the thread, and tests.
  void RunIfDue(const Stop& stop);

  std::vector<RetentionState> states() const;
  bool count_only() const { return options_.count_only; }

 private:
  void RunJob(size_t place, absl::Time now, const Stop& stop);
  absl::Status Walk(RetentionJob& job, absl::Time now, const Stop& stop,
                    RetentionState& state);
  absl::Status Tell(const RetentionJob& job, const std::string& result);
  void Rest(absl::Duration worked, const Stop& stop) const;

  const RetentionOptions options_;
  const Clock& clock_;
  AuditLog& audit_;
  Logger& log_;
  const std::vector<std::unique_ptr<RetentionJob>> jobs_;
  // Of the thread that runs.
  absl::Time next_ = absl::InfinitePast();

  mutable Mutex mu_;
  std::vector<RetentionState> states_ ABSL_GUARDED_BY(mu_);

  std::unique_ptr<Housekeeping> thread_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_RETENTION_RETENTION_RUNNER_H_
