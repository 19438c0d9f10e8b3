#include "server/metrics/metrics.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "index/base/mutex.h"
#include "index/base/strings.h"
#include "prometheus/counter.h"
#include "prometheus/histogram.h"
#include "prometheus/metric_family.h"
#include "prometheus/text_serializer.h"

namespace gradmatch {
namespace {

constexpr std::string_view kOther = "(other)";

// From a fast read to a long stream.
const prometheus::Histogram::BucketBoundaries& Bounds() {
  static const auto& bounds = *new prometheus::Histogram::BucketBoundaries{
      0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60};
  return bounds;
}

prometheus::MetricType TypeOf(MetricType type) {
  switch (type) {
    case MetricType::kCounter:
      return prometheus::MetricType::Counter;
    case MetricType::kGauge:
      return prometheus::MetricType::Gauge;
    case MetricType::kHistogram:
      break;
  }
  return prometheus::MetricType::Histogram;
}

prometheus::MetricFamily FamilyOf(const MetricRow& row) {
  prometheus::MetricFamily family;
  family.name = std::string(row.name);
  family.help = absl::StrCat(A(row.meaning), " [", A(row.unit), "]");
  family.type = TypeOf(row.type);
  return family;
}

// One set of label values; '\0' is in no label.
std::string Joined(LabelValues labels) {
  std::string key;
  for (const std::string_view label : labels) {
    key.append(label);
    key.push_back('\0');
  }
  return key;
}

std::vector<prometheus::ClientMetric::Label> LabelsOf(const MetricRow& row,
                                                      std::string_view key) {
  std::vector<prometheus::ClientMetric::Label> labels;
  for (const std::string_view name : row.labels) {
    const size_t end = key.find('\0');
    labels.push_back({std::string(name), std::string(key.substr(0, end))});
    key.remove_prefix(std::min(key.size(), end + 1));
  }
  return labels;
}

// The key under which a set of labels is kept: its own while there is room.
template <typename Series>
std::string Bounded(const MetricRow& row, std::string key,
                    const Series& series) {
  if (series.contains(key) || series.size() < row.most_series ||
      row.labels.empty()) {
    return key;
  }
  std::string other;
  for (size_t i = 0; i < row.labels.size(); ++i) {
    other.append(kOther);
    other.push_back('\0');
  }
  return other;
}

class GaugeValues final : public Gauges {
 public:
  GaugeValues() : values_(MetricTable().size()) {}

  void Set(Metric metric, LabelValues labels, double value) override {
    auto& series = values_[static_cast<size_t>(metric)];
    series[Bounded(RowOf(metric), Joined(labels), series)] = value;
  }

  const std::map<std::string, double>& of(Metric metric) const {
    return values_[static_cast<size_t>(metric)];
  }

 private:
  std::vector<std::map<std::string, double>> values_;
};

}  // namespace

class Metrics::Impl {
 public:
  Impl() : counters_(MetricTable().size()), histograms_(MetricTable().size()) {}

  void Count(Metric metric, LabelValues labels, double amount) {
    auto& series = counters_[static_cast<size_t>(metric)];
    Of(metric, labels, series, [] {
      return std::make_unique<prometheus::Counter>();
    }).Increment(amount);
  }

  void Observe(Metric metric, LabelValues labels, absl::Duration value) {
    auto& series = histograms_[static_cast<size_t>(metric)];
    Of(metric, labels, series, [] {
      return std::make_unique<prometheus::Histogram>(Bounds());
    }).Observe(absl::ToDoubleSeconds(value));
  }

  void AddSource(Source source) {
    MutexLock lock(sources_mu_);
    sources_.push_back(std::move(source));
  }

  void StopSources() {
    MutexLock lock(sources_mu_);
    sources_.clear();
  }

  std::vector<prometheus::MetricFamily> Collect() const {
    GaugeValues gauges;
    {
      MutexLock lock(sources_mu_);
      for (const Source& source : sources_) source(gauges);
    }
    std::vector<prometheus::MetricFamily> families;
    for (const MetricRow& row : MetricTable()) {
      prometheus::MetricFamily family = FamilyOf(row);
      AddGauges(row, gauges.of(row.metric), family);
      AddSeries(row, counters_[static_cast<size_t>(row.metric)], family);
      AddSeries(row, histograms_[static_cast<size_t>(row.metric)], family);
      if (!family.metric.empty()) families.push_back(std::move(family));
    }
    return families;
  }

 private:
  template <typename T>
  using Series = std::map<std::string, std::unique_ptr<T>>;

  // A series stays where it is once it is made, so it is used without the lock.
  template <typename T, typename Make>
  T& Of(Metric metric, LabelValues labels, Series<T>& series, Make make) {
    std::string key = Joined(labels);
    MutexLock lock(series_mu_);
    std::unique_ptr<T>& found =
        series[Bounded(RowOf(metric), std::move(key), series)];
    if (found == nullptr) found = make();
    return *found;
  }

  static void AddGauges(const MetricRow& row,
                        const std::map<std::string, double>& values,
                        prometheus::MetricFamily& family) {
    for (const auto& [key, value] : values) {
      prometheus::ClientMetric& metric = family.metric.emplace_back();
      metric.label = LabelsOf(row, key);
      (row.type == MetricType::kCounter ? metric.counter.value
                                        : metric.gauge.value) = value;
    }
  }

  template <typename T>
  void AddSeries(const MetricRow& row, const Series<T>& series,
                 prometheus::MetricFamily& family) const {
    MutexLock lock(series_mu_);
    for (const auto& [key, one] : series) {
      family.metric.push_back(one->Collect());
      family.metric.back().label = LabelsOf(row, key);
    }
  }

  mutable Mutex sources_mu_;
  std::vector<Source> sources_ ABSL_GUARDED_BY(sources_mu_);

  // By Metric. The maps are changed and walked under the lock.
  mutable Mutex series_mu_;
  std::vector<Series<prometheus::Counter>> counters_;
  std::vector<Series<prometheus::Histogram>> histograms_;
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::Count(Metric metric, LabelValues labels, double amount) {
  impl_->Count(metric, labels, amount);
}

void Metrics::Observe(Metric metric, LabelValues labels, absl::Duration value) {
  impl_->Observe(metric, labels, value);
}

void Metrics::AddSource(Source source) { impl_->AddSource(std::move(source)); }

void Metrics::StopSources() { impl_->StopSources(); }

std::string Metrics::Text() const {
  return prometheus::TextSerializer().Serialize(impl_->Collect());
}

std::map<std::string, double> Metrics::Plain() const {
  std::map<std::string, double> plain;
  for (const prometheus::MetricFamily& family : impl_->Collect()) {
    if (family.type == prometheus::MetricType::Histogram) continue;
    const prometheus::ClientMetric& metric = family.metric.front();
    if (!metric.label.empty()) continue;
    plain[family.name] = family.type == prometheus::MetricType::Counter
                             ? metric.counter.value
                             : metric.gauge.value;
  }
  return plain;
}

}  // namespace gradmatch
