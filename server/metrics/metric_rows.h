#ifndef GRADMATCH_SERVER_METRICS_METRIC_ROWS_H_
#define GRADMATCH_SERVER_METRICS_METRIC_ROWS_H_

#include <vector>

#include "server/metrics/metric_table.h"

namespace gradmatch {

// The rows of the table, part by part, for metric_table.cc only.
std::vector<MetricRow> ProcessRows();
std::vector<MetricRow> CallRows();
std::vector<MetricRow> OverloadRows();
std::vector<MetricRow> DataRows();
std::vector<MetricRow> StorageRows();
std::vector<MetricRow> PushRows();
std::vector<MetricRow> UpkeepRows();

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_METRICS_METRIC_ROWS_H_
