#include "server/metrics/disk_watch.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <vector>

namespace gradmatch {

double DaysUntilFull(std::span<const DiskSample> samples) {
  if (samples.size() < 2) return kNeverFullDays;
  const absl::Time last = samples.back().time;
  if (last - samples.front().time < absl::Hours(1)) return kNeverFullDays;
  // Least squares around the means, in days before the last.
  const double count = static_cast<double>(samples.size());
  double mean_day = 0, mean_free = 0;
  for (const DiskSample& sample : samples) {
    mean_day += absl::FDivDuration(sample.time - last, absl::Hours(24)) / count;
    mean_free += static_cast<double>(sample.free_bytes) / count;
  }
  double covariance = 0, variance = 0;
  for (const DiskSample& sample : samples) {
    const double day =
        absl::FDivDuration(sample.time - last, absl::Hours(24)) - mean_day;
    covariance += day * (static_cast<double>(sample.free_bytes) - mean_free);
    variance += day * day;
  }
  if (variance <= 0) return kNeverFullDays;
  const double a_day = covariance / variance;
  if (a_day >= 0) return kNeverFullDays;
  // The line where it is now; what is free in truth may lie beside it.
  const double now = mean_free - a_day * mean_day;
  return std::clamp(now / -a_day, 0.0, kNeverFullDays);
}

std::optional<DiskWatch::Look> DiskWatch::LookNow() {
  struct statvfs disk;
  if (statvfs(folder_.c_str(), &disk) != 0) return std::nullopt;
  const auto bytes = [&](auto blocks) {
    return static_cast<int64_t>(blocks) * static_cast<int64_t>(disk.f_frsize);
  };
  Look look{.total_bytes = bytes(disk.f_blocks),
            .free_bytes = bytes(disk.f_bavail)};
  const DiskSample now{clock_.Now(), look.free_bytes};
  MutexLock lock(mu_);
  // What is of the future was seen before the clock was set back.
  while (!samples_.empty() && samples_.back().time > now.time) {
    samples_.pop_back();
  }
  while (!samples_.empty() && samples_.front().time < now.time - kKept) {
    samples_.pop_front();
  }
  std::vector<DiskSample> all(samples_.begin(), samples_.end());
  all.push_back(now);
  look.full_days = DaysUntilFull(all);
  if (samples_.empty() || now.time - samples_.back().time >= kPause) {
    samples_.push_back(now);
  }
  return look;
}

}  // namespace gradmatch
