#include "server/metrics/metric_table.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "index/base/strings.h"
#include "server/metrics/metric_rows.h"

namespace gradmatch {

std::string_view MetricTypeName(MetricType type) {
  switch (type) {
    case MetricType::kCounter:
      return "counter";
    case MetricType::kGauge:
      return "gauge";
    case MetricType::kHistogram:
      break;
  }
  return "histogram";
}

const std::vector<MetricRow>& MetricTable() {
  static const auto& table = *new std::vector<MetricRow>([] {
    std::vector<MetricRow> rows = ProcessRows();
    for (const auto& more : {CallRows(), OverloadRows(), DataRows(),
                             StorageRows(), PushRows(), UpkeepRows()}) {
      rows.insert(rows.end(), more.begin(), more.end());
    }
    return rows;
  }());
  return table;
}

const MetricRow& RowOf(Metric metric) {
  return MetricTable()[static_cast<size_t>(metric)];
}

std::string MetricsPage() {
  std::string page =
      "# Metrics\n\n"
      "What `/metrics` serves. Made from the table of server/metrics/ by "
      "tools/renew_api_pages: do not edit.\n"
      "No label is ever about a person. Dashboard and alerts are in "
      "[server/monitoring](monitoring/).\n\n"
      "| name | type | labels | unit | meaning | there |\n"
      "|---|---|---|---|---|---|\n";
  for (const MetricRow& row : MetricTable()) {
    absl::StrAppend(&page, "| `", A(row.name), "` | ",
                    A(MetricTypeName(row.type)), " | ",
                    absl::StrJoin(row.labels, ", ",
                                  [](std::string* out, std::string_view label) {
                                    absl::StrAppend(out, A(label));
                                  }),
                    " | ", A(row.unit), " | ", A(row.meaning), " | ",
                    row.when.empty() ? "always" : A(row.when), " |\n");
  }
  return page;
}

}  // namespace gradmatch
