#ifndef GRADMATCH_SERVER_RETENTION_RETENTION_JOB_H_
#define GRADMATCH_SERVER_RETENTION_RETENTION_JOB_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "index/catalog.h"
#include "index/push_store.h"
#include "index/request_log.h"
#include "index/store.h"
#include "index/vault/audit_log.h"

namespace gradmatch {

// A stretch of a walk through one kind of data.
struct RetentionStep {
  int64_t examined = 0;
  int64_t due = 0;   // their time was over: removed, unless it only counts
  std::string next;  // where to go on; empty at the end
};

// One kind of data that is kept for a time only. Called by one thread; what it
// works on may change meanwhile: an entry is looked at again when it is
// removed, or cannot change any more.
class RetentionJob {
 public:
  virtual ~RetentionJob() = default;
  // "raw_rows": in metrics, in the audit, in `gradmatch status`.
  virtual std::string_view name() const = 0;
  virtual int days() const = 0;
  // From `from` on, a bounded stretch: some thousand entries looked at and some
  // hundred removed, in one batch. What it removed stays removed when the step
  // is cut short and done again.
  virtual absl::StatusOr<RetentionStep> Step(const std::string& from,
                                             absl::Time now,
                                             bool count_only) = 0;
};

struct RetentionDays {
  int raw_rows = 90;
  int tombstones = 90;
  int audit = 1'096;
  int ledger = 1'096;
  int push_items = 1'096;
  int feedback = 731;
  int quarantine = 180;
  int reports = 90;
};

// All borrowed; they outlive the jobs.
struct RetentionParts {
  Store* store = nullptr;
  Catalog* catalog = nullptr;
  PushStore* push_store = nullptr;
  AuditLog* audit = nullptr;
  RequestLog* requests = nullptr;
};

// The jobs, in the order they are done:
//
//   requests    answers to request_ids, 7 days
//   raw_rows    rows as their source sent them, from their receipt
//   posting_tombstones, graduate_tombstones, content_tombstones
//               from their deletion
//   quarantine  entries whose posting is not held back any more or has expired
//   feedback    events; not what they dismissed
//   recall_runs, daily_counts, operations
//               finished measurements and operations, counts of a day
//   push_items  from their making; the runs and their figures stay
//   hand_recommendations  of staff, as long as the ledger
//   ledger      who was told about what, unless the posting is still open, when
//               it would be told again
//   audit       the oldest entries, cut off so that the rest can be verified
std::vector<std::unique_ptr<RetentionJob>> MakeRetentionJobs(
    const RetentionParts& parts, const RetentionDays& days);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_RETENTION_RETENTION_JOB_H_
