#ifndef GRADMATCH_SERVER_PUSH_SCHEDULER_H_
#define GRADMATCH_SERVER_PUSH_SCHEDULER_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gradmatch/v1/push.pb.h"
#include "index/base/mutex.h"
#include "index/push_store.h"
#include "server/housekeeping.h"
#include "server/metrics/metrics.h"
#include "server/push_runner.h"
#include "server/runtime.h"

namespace gradmatch {

// Starts the runs of plans that have a schedule (PushSchedule in push.proto
// says when), on a thread of its own. It keeps nothing but the runs: their
// names say which time they are of, so a start that was cut short, a restart,
// and two looks at once all end with one run. A start that fails (the store
// takes no writes, keys are missing) is tried again until its time to catch up
// is over. All methods but Start and Stop may run concurrently with any.
class PushScheduler {
 public:
  // Both are borrowed and outlive this.
  PushScheduler(Runtime& runtime, PushRunner& runner)
      : runtime_(runtime), runner_(runner) {}
  ~PushScheduler() { Stop(); }

  // After PushRunner::Start.
  void Start();
  // Nothing is started any more. Idempotent.
  void Stop();

  // Looks at all plans once and starts what is due. What one plan's error is
  // keeps no other from its start.
  void LookOnce();

  // Sets what of the plan's schedule is output only, if it has one.
  absl::Status Complete(v1::PushPlan& plan) const;

  // Plans whose last scheduled run is late, by id.
  absl::StatusOr<std::vector<std::string>> LatePlans() const;

  // For /metrics.
  void Figures(Gauges& gauges) const;

 private:
  absl::StatusOr<std::vector<v1::PushPlan>> Plans() const;
  // Another run of the plan that is not at its end; empty when there is none.
  absl::StatusOr<std::string> UnderWay(const std::string& plan_name) const;
  absl::Status StartDue(const v1::PushPlan& plan);
  void NoteSkipped(const v1::PushPlan& plan, absl::Time due);
  void NoteFailure(std::string_view plan_id, const absl::Status& status);

  Runtime& runtime_;
  PushRunner& runner_;
  std::unique_ptr<Housekeeping> thread_;

  mutable Mutex mu_;
  // By plan: the due time whose skipping was told, and why the last start did
  // not work.
  std::map<std::string, absl::Time, std::less<>> skipped_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, std::string, std::less<>> failures_
      ABSL_GUARDED_BY(mu_);
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_PUSH_SCHEDULER_H_
