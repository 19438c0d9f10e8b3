#ifndef GRADMATCH_INDEX_DAILY_BUDGET_H_
#define GRADMATCH_INDEX_DAILY_BUDGET_H_

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "index/base/mutex.h"
#include "index/store.h"

namespace gradmatch {

// How many graduates were shown to readers on one day of the calendar in
// China. The count is durable before anybody is shown, so that neither a
// restart nor a crash gives a day's budget back. All methods may run
// concurrently.
class DailyBudget {
 public:
  // Borrowed; outlives this. One a store.
  explicit DailyBudget(Store& store) : store_(store) {}

  struct Taken {
    int64_t granted = 0;  // at most what was wanted
    int64_t left = 0;     // of the day, afterwards
  };
  // Takes up to `wanted` of what is left of `limit` on the day of `now`.
  // DataLoss when the count does not parse; else the store's own error, and
  // then nothing may be shown.
  absl::StatusOr<Taken> Take(absl::Time now, int64_t wanted, int64_t limit);

 private:
  Store& store_;
  // Held over every read-change-write.
  Mutex mu_;
};

// The midnight in China after `now`: when the next day's budget begins.
absl::Time NextDayInChina(absl::Time now);

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_DAILY_BUDGET_H_
