#ifndef GRADMATCH_SERVER_METRICS_DISK_WATCH_H_
#define GRADMATCH_SERVER_METRICS_DISK_WATCH_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "index/base/clock.h"
#include "index/base/mutex.h"

namespace gradmatch {

// The disk at one time.
struct DiskSample {
  absl::Time time;
  int64_t free_bytes = 0;
};

// Days until nothing is free, by the straight line of least squares through the
// samples, counted from the last; in order of time. At most kNeverFullDays,
// which also stands for a disk that does not fill and for samples of less than
// an hour, of which nothing can be said. Pure.
inline constexpr double kNeverFullDays = 36'500;
double DaysUntilFull(std::span<const DiskSample> samples);

// Looks at the disk of a folder now and then and keeps a week of what it saw,
// in memory. All methods may run concurrently.
class DiskWatch {
 public:
  static constexpr absl::Duration kPause = absl::Minutes(10);
  static constexpr absl::Duration kKept = absl::Hours(7 * 24);

  // `clock` is borrowed.
  DiskWatch(std::string folder, const Clock& clock)
      : folder_(std::move(folder)), clock_(clock) {}

  struct Look {
    int64_t total_bytes = 0;
    int64_t free_bytes = 0;  // for who is not root
    double full_days = kNeverFullDays;
  };
  // How it is now; remembered when the last that was is older than kPause.
  // Nullopt when the disk cannot be asked.
  std::optional<Look> LookNow();

 private:
  const std::string folder_;
  const Clock& clock_;
  Mutex mu_;
  std::deque<DiskSample> samples_ ABSL_GUARDED_BY(mu_);
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_METRICS_DISK_WATCH_H_
