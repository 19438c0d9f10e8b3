#include "server/upkeep_options.h"

#include "absl/time/time.h"

namespace gradmatch {

std::vector<OptionSpec> UpkeepOptions() {
  using O = Options;
  return {
      Text("retention.mode", &O::retention, &O::Retention::mode,
           "remove, or count: remove nothing and only tell, in `gradmatch "
           "status`, what would go.",
           OneOf({"remove", "count"})),
      Span("retention.interval", &O::retention, &O::Retention::interval,
           absl::Minutes(1), absl::Hours(7 * 24),
           "Time between two walks through what is kept for a time only;"),
      Int("retention.raw_row_days", &O::retention, &O::Retention::raw_row_days,
          30, 3'660,
          "Days a row is kept as its source sent it, from its receipt, to look "
          "into what became of it."),
      Int("retention.tombstone_days", &O::retention,
          &O::Retention::tombstone_days, 30, 3'660,
          "Days it is remembered that a record was deleted, and at which "
          "revision: an older row that arrives later than that brings it "
          "back."),
      Int("retention.audit_days", &O::retention, &O::Retention::audit_days, 180,
          36'600,
          "Days of the audit. At least 180: the Cybersecurity Law wants logs "
          "of "
          "six months; impact assessments want three years."),
      Int("retention.ledger_days", &O::retention, &O::Retention::ledger_days,
          731, 36'600,
          "Days it is kept who was told about what. At least 731: ledgers of "
          "the service are kept for two years; and never shorter than the "
          "posting is open, or it would be told twice."),
      Int("retention.push_item_days", &O::retention,
          &O::Retention::push_item_days, 731, 36'600,
          "Days of the items of push runs, with their reasons; a run's figures "
          "stay. At least 731, as the ledger."),
      Int("retention.feedback_days", &O::retention,
          &O::Retention::feedback_days, 30, 36'600,
          "Days of what graduates did with recommendations; what they "
          "dismissed stays dismissed."),
      Int("retention.quarantine_days", &O::retention,
          &O::Retention::quarantine_days, 30, 36'600,
          "Days of quarantine entries whose posting is not held back any more, "
          "or has expired."),
      Int("retention.report_days", &O::retention, &O::Retention::report_days, 7,
          36'600,
          "Days of finished operations and measurements, and of daily counts."),
      Span("privacy.snapshot_max_age", &O::privacy,
           &O::Privacy::snapshot_max_age, absl::Hours(1), absl::Hours(30 * 24),
           "Age at which a data snapshot is deleted: until then it may hold "
           "graduates who were erased since;"),
      Text("snapshot.folder", &O::snapshot, &O::Snapshot::folder,
           "Folder of the data snapshots and of the journal of rights, outside "
           "the data folder, best on another disk; empty: no snapshots.",
           AnyText),
      Span("snapshot.interval", &O::snapshot, &O::Snapshot::interval,
           absl::ZeroDuration(), absl::Hours(30 * 24),
           "Time between data snapshots that the server makes by itself; 0: "
           "none;"),
      Int("snapshot.keep", &O::snapshot, &O::Snapshot::keep, 1, 1'000,
          "Data snapshots to keep, the newest; older ones are deleted after "
          "one was made."),
      Text("log.calls", &O::log, &O::Log::calls,
           "Which calls get a line of their own, with method, code and time "
           "but no value of the request: none, slow (log.slow_call or longer), "
           "failed (those and all with an error) or all.",
           OneOf({"none", "slow", "failed", "all"})),
      Span("log.slow_call", &O::log, &O::Log::slow_call, absl::Milliseconds(1),
           absl::Hours(1), "Time from which on a call counts as slow;"),
      Int("log.repeats_per_minute", &O::log, &O::Log::repeats_per_minute, 1,
          1'000'000,
          "Lines of one event in a minute; more are counted and told of in one "
          "line."),
  };
}

}  // namespace gradmatch
