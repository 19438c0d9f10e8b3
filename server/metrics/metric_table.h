#ifndef GRADMATCH_SERVER_METRICS_METRIC_TABLE_H_
#define GRADMATCH_SERVER_METRICS_METRIC_TABLE_H_

#include <string>
#include <string_view>
#include <vector>

namespace gradmatch {

// Everything that can be measured of a server. One row of the table each: from
// it come the lines of /metrics, the page server/metrics.md and the check of
// the dashboard and the alerts. To measure something new, add a name here and
// its row in the file of its part (metric_rows.h).
enum class Metric {
  // The process.
  kBuildInfo,
  kReady,
  kStartTime,
  kLoadSeconds,
  kResidentBytes,
  kCpuSeconds,
  kOpenFiles,
  kMaxFiles,
  kThreads,
  // Calls.
  kCallDuration,
  kCallErrors,
  kCallsStarted,
  kCallsFailed,
  kCallsRefused,
  kCallsInFlight,
  kBytesInFlight,
  kQueued,
  kStreams,
  kHttpDuration,
  kHttpConnections,
  kHttpRefused,
  kHttpStreams,
  // Overload and who is refused.
  kQueueAge,
  kQueueExpired,
  kQueueGivenUp,
  kRefusedByLimit,
  kUnauthenticated,
  kDenied,
  kPeerBans,
  kTenantCalls,
  kGrpcConnections,
  kGrpcRefused,
  kGrpcStarved,
  // Sources and postings.
  kSyncRows,
  kSourceLag,
  kSourceInterval,
  kSourceOverdue,
  kSources,
  kQuarantine,
  kPostings,
  // Graduates.
  kGraduates,
  kProfileReads,
  kProfileReadsWithout,
  kErasuresPending,
  kErasureOldest,
  kAuditEntries,
  kAuditFailures,
  // The index.
  kVectors,
  kSegments,
  kGeneration,
  kRecall,
  kRecallAge,
  // Storage.
  kStorageBytes,
  kStorageRecords,
  kWriteStalls,
  kReadOnly,
  kDiskBytes,
  kDiskFree,
  kDiskFullDays,
  // Push.
  kPushRuns,
  kPushActive,
  kPushDuration,
  kPushCoverage,
  kPushItems,
  kPushCongestion,
  kPushReadyTime,
  kPushLate,
  kPushNext,
  kPushDeadline,
  kPushStarts,
  // Housekeeping.
  kRetentionTime,
  kRetentionOk,
  kRetentionDue,
  kRetentionRemoved,
  // The log.
  kLogLines,
  kLogLeftOut,
  // Other parts' own.
  kCertificateExpiry,
  kTlsReloads,
  kHandshakesFailed,
  kSnapshotAge,
  kWritesBlocked,
};

enum class MetricType { kCounter, kGauge, kHistogram };
std::string_view MetricTypeName(MetricType type);

struct MetricRow {
  Metric metric;
  std::string_view name;
  MetricType type;
  std::vector<std::string_view> labels;
  std::string_view unit;     // seconds, bytes, ratio, days, or what is counted
  std::string_view meaning;  // one line
  // Most different sets of labels, "le" apart; what comes after has all of them
  // "(other)". 1 for a metric without labels.
  size_t most_series = 1;
  // When it is there; empty: from the moment the server serves.
  std::string_view when = "";
};

// By Metric, in the order of the enum.
const std::vector<MetricRow>& MetricTable();
const MetricRow& RowOf(Metric metric);

// The page server/metrics.md.
std::string MetricsPage();

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_METRICS_METRIC_TABLE_H_
