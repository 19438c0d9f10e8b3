#include "server/fitted_options.h"

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

std::string OwnAddress(const std::string& listen, int port) {
  std::string host = listen.substr(0, listen.rfind(':'));
  if (host.empty() || host == "0.0.0.0") host = "127.0.0.1";
  if (host == "[::]") host = "[::1]";
  return absl::StrCat(host, ":", port);
}

}  // namespace gradmatch
