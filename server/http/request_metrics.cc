#include "server/http/request_metrics.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "index/base/strings.h"

namespace gradmatch {

void MetricsText::Begin(std::string_view name, std::string_view kind,
                        std::string_view help) {
  absl::StrAppend(&text_, "# HELP ", A(name), " ", A(help), "\n# TYPE ",
                  A(name), " ", A(kind), "\n");
}

void MetricsText::Value(std::string_view name, std::string_view labels,
                        double value) {
  absl::StrAppend(&text_, A(name));
  if (!labels.empty()) absl::StrAppend(&text_, "{", A(labels), "}");
  absl::StrAppend(&text_, " ", absl::StrFormat("%.15g", value), "\n");
}

std::string EscapeLabel(std::string_view value) {
  return absl::StrReplaceAll(A(value),
                             {{"\\", "\\\\"}, {"\"", "\\\""}, {"\n", "\\n"}});
}

void RequestMetrics::Add(std::string_view route, std::string_view method,
                         int status, absl::Duration duration) {
  const double seconds = absl::ToDoubleSeconds(duration);
  const size_t bucket =
      std::lower_bound(kBounds.begin(), kBounds.end(), seconds) -
      kBounds.begin();
  MutexLock lock(mu_);
  Histogram& histogram =
      histograms_[{std::string(route), std::string(method), status}];
  ++histogram.counts[bucket];
  histogram.seconds += seconds;
}

void RequestMetrics::Write(MetricsText& text) const {
  constexpr char kName[] = "http_server_request_duration_seconds";
  text.Begin(kName, "histogram", "HTTP requests, from the head to the answer");
  MutexLock lock(mu_);
  for (const auto& [key, histogram] : histograms_) {
    const auto& [route, method, status] = key;
    const std::string labels = absl::StrCat(
        "http_route=\"", EscapeLabel(route), "\",http_request_method=\"",
        method, "\",http_response_status_code=\"", status, "\"");
    int64_t count = 0;
    for (size_t i = 0; i < histogram.counts.size(); ++i) {
      count += histogram.counts[i];
      text.Value(
          absl::StrCat(kName, "_bucket"),
          absl::StrCat(labels, ",le=\"",
                       i < kBounds.size() ? absl::StrCat(kBounds[i]) : "+Inf",
                       "\""),
          static_cast<double>(count));
    }
    text.Value(absl::StrCat(kName, "_sum"), labels, histogram.seconds);
    text.Value(absl::StrCat(kName, "_count"), labels,
               static_cast<double>(count));
  }
}

}  // namespace gradmatch
