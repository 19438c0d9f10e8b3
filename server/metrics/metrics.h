#ifndef GRADMATCH_SERVER_METRICS_METRICS_H_
#define GRADMATCH_SERVER_METRICS_METRICS_H_

#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "server/metrics/metric_table.h"

namespace gradmatch {

// The values of a row's labels, in its order.
using LabelValues = std::initializer_list<std::string_view>;

// What is set anew each time that somebody asks: a source of figures sees one.
class Gauges {
 public:
  virtual ~Gauges() = default;
  // A gauge, or a counter that is kept elsewhere. The last value of the same
  // labels stays.
  virtual void Set(Metric metric, LabelValues labels, double value) = 0;
};

// The figures of one server, and the one place that knows prometheus-cpp, which
// keeps counters and histograms and writes the text. Of the library only its
// core is used: what listens and serves is server/http/.
//
// All methods may run concurrently. The number of label sets of a metric is
// bounded by its row; a set beyond is counted under "(other)".
class Metrics {
 public:
  Metrics();
  ~Metrics();

  // `amount` is not negative. The metric is a counter.
  void Count(Metric metric, LabelValues labels, double amount = 1);
  // The metric is a histogram.
  void Observe(Metric metric, LabelValues labels, absl::Duration value);

  // Asked at every Text and Plain, on their thread, in the order they came.
  // What it borrows outlives this, or the source ends before by StopSources.
  using Source = std::function<void(Gauges&)>;
  void AddSource(Source source);
  // No source is asked any more; returns when none is being asked.
  void StopSources();

  // Prometheus' text, with HELP and TYPE of what is there.
  std::string Text() const;
  // Metrics without labels, by name; histograms left out.
  std::map<std::string, double> Plain() const;

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_METRICS_METRICS_H_
