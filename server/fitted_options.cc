#include "server/fitted_options.h"

#include <algorithm>
#include <thread>

#include "absl/strings/str_cat.h"
#include "server/descriptors.h"

namespace gradmatch {
namespace {

DescriptorWants DescriptorWantsOf(const Options& options) {
  return {.table_files = options.storage.max_open_files,
          .http_connections = options.server.http_listen.empty()
                                  ? 0
                                  : options.server.http_connections,
          .grpc_connections = options.server.grpc_connections};
}

}  // namespace

LoadedOptions Fitted(LoadedOptions loaded, Logger& log) {
  Options& options = loaded.options;
  const DescriptorPlan plan =
      PlanDescriptors(DescriptorLimit(), DescriptorWantsOf(options));
  if (!plan.cut) return loaded;
  log.Log(LogLevel::kWarning, "server", "few_descriptors",
          {{LogField::kTotal, plan.limit},
           {LogField::kCount, DescriptorsFor(DescriptorWantsOf(options))},
           {LogField::kReason,
            absl::StrCat("storage.max_open_files ", plan.table_files,
                         ", server.http_connections ", plan.http_connections,
                         ", server.grpc_connections ", plan.grpc_connections,
                         " are in force; raise LimitNOFILE")}});
  options.storage.max_open_files = plan.table_files;
  options.server.http_connections = plan.http_connections;
  options.server.grpc_connections = plan.grpc_connections;
  return loaded;
}

Admission::Limits AdmissionLimitsOf(const Options& options) {
  const Options::Server& server = options.server;
  return {.max_in_flight = server.max_in_flight,
          .max_bytes = int64_t{server.max_in_flight_mb} << 20,
          .max_streams = server.max_streams,
          .tenant_in_flight = server.tenant_in_flight,
          .tenant_bytes = int64_t{server.tenant_in_flight_mb} << 20,
          .tenant_streams = server.tenant_streams,
          .tenant_rate = server.tenant_calls_per_second};
}

WorkerPool::Limits CallPoolLimits(const Options& options) {
  const int threads =
      options.server.workers > 0
          ? options.server.workers
          : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  return {
      .threads = threads,
      .max_queued = static_cast<size_t>(options.server.max_queued),
      .tenant_max_queued = static_cast<size_t>(options.server.tenant_queued),
      .spare_threads = threads};
}

WorkerPool::Limits IngestPoolLimits(const Options& options) {
  return {
      .threads = options.server.ingest_workers,
      .max_queued = static_cast<size_t>(options.server.max_queued),
      .tenant_max_queued = static_cast<size_t>(options.server.tenant_queued)};
}

std::string OwnAddress(const std::string& listen, int port) {
  std::string host = listen.substr(0, listen.rfind(':'));
  if (host.empty() || host == "0.0.0.0") host = "127.0.0.1";
  if (host == "[::]") host = "[::1]";
  return absl::StrCat(host, ":", port);
}

}  // namespace gradmatch
