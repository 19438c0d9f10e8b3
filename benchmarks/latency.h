#ifndef GRADMATCH_BENCHMARKS_LATENCY_H_
#define GRADMATCH_BENCHMARKS_LATENCY_H_

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/time.h"

namespace gradmatch {

// Durations of calls and what is said of them. Not thread-safe.
class Latencies {
 public:
  void Add(absl::Duration d) {
    values_.push_back(absl::ToDoubleMilliseconds(d));
  }
  void Add(const Latencies& others) {
    values_.insert(values_.end(), others.values_.begin(), others.values_.end());
  }
  size_t count() const { return values_.size(); }

  // Milliseconds; the value that `share` of the calls do not exceed.
  double Percentile(double share) {
    if (values_.empty()) return 0;
    const auto at = std::min(values_.size() - 1,
                             static_cast<size_t>(share * values_.size()));
    std::nth_element(values_.begin(), values_.begin() + at, values_.end());
    return values_[at];
  }

  std::string Summary() {
    return absl::StrFormat(
        "p50 %.2f ms, p90 %.2f, p99 %.2f, p99.9 %.2f, max %.2f",
        Percentile(0.5), Percentile(0.9), Percentile(0.99), Percentile(0.999),
        Percentile(1));
  }

 private:
  std::vector<double> values_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_BENCHMARKS_LATENCY_H_
