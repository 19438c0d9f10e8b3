#ifndef GRADMATCH_SERVER_HTTP_REQUEST_METRICS_H_
#define GRADMATCH_SERVER_HTTP_REQUEST_METRICS_H_

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "index/base/mutex.h"

namespace gradmatch {

// Text in Prometheus' exposition format, built metric by metric. Labels are
// never about a person: routes are templates, not paths.
class MetricsText {
 public:
  // `kind`: counter, gauge or histogram.
  void Begin(std::string_view name, std::string_view kind,
             std::string_view help);
  // `labels` as they stand between braces: `state="OPEN"`; may be empty.
  void Value(std::string_view name, std::string_view labels, double value);
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

// A value as it stands between the quotes of a label.
std::string EscapeLabel(std::string_view value);

// Durations of HTTP requests, by route, method and status. Thread-safe.
class RequestMetrics {
 public:
  void Add(std::string_view route, std::string_view method, int status,
           absl::Duration duration);
  void Write(MetricsText& text) const;

 private:
  static constexpr std::array<double, 12> kBounds = {
      0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10};
  struct Histogram {
    std::array<int64_t, kBounds.size() + 1> counts{};
    double seconds = 0;
  };

  mutable Mutex mu_;
  std::map<std::tuple<std::string, std::string, int>, Histogram> histograms_
      ABSL_GUARDED_BY(mu_);
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_HTTP_REQUEST_METRICS_H_
