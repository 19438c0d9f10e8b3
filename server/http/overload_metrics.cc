#include "server/http/overload_metrics.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "index/base/strings.h"
#include "server/descriptors.h"

namespace gradmatch {
namespace {

constexpr size_t kNamedTenants = 20;

void Write(MetricsText& text, std::string_view name, std::string_view kind,
           std::string_view help, double value) {
  text.Begin(name, kind, help);
  text.Value(name, "", value);
}

void WritePools(const Runtime& runtime, MetricsText& text) {
  const std::pair<const char*, WorkerPool::Figures> pools[] = {
      {"pool=\"calls\"", runtime.workers.figures()},
      {"pool=\"ingest\"", runtime.ingest_workers.figures()}};
  const auto each = [&](std::string_view name, std::string_view kind,
                        std::string_view help, auto value) {
    text.Begin(name, kind, help);
    for (const auto& [label, figures] : pools) {
      text.Value(name, label, static_cast<double>(value(figures)));
    }
  };
  using Figures = WorkerPool::Figures;
  each("gradmatch_queue_length", "gauge", "Tasks that wait for a thread",
       [](const Figures& f) { return f.queued; });
  each("gradmatch_queue_age_seconds", "gauge",
       "How long the longest of them has waited",
       [](const Figures& f) { return absl::ToDoubleSeconds(f.oldest_wait); });
  each("gradmatch_queue_expired_total", "counter",
       "Tasks whose deadline passed while they waited",
       [](const Figures& f) { return f.expired; });
  each("gradmatch_queue_given_up_total", "counter",
       "Tasks given up since more came than could be done in time",
       [](const Figures& f) { return f.given_up; });
}

void WriteRefusals(const Runtime& runtime, MetricsText& text) {
  text.Begin("gradmatch_rpc_refused_by_limit_total", "counter",
             "Calls refused, by the limit that refused them");
  for (int i = 0; i < kQuotaLimits; ++i) {
    const auto limit = static_cast<QuotaLimit>(i);
    text.Value("gradmatch_rpc_refused_by_limit_total",
               absl::StrCat("limit=\"", A(QuotaLimitName(limit)), "\""),
               static_cast<double>(runtime.counters.refused_by.Get(limit)));
  }
  Write(text, "gradmatch_peer_bans_total", "counter",
        "Connections whose calls were refused for a while since they "
        "cancelled too many",
        static_cast<double>(runtime.peers.bans()));
}

void WriteTenants(const Runtime& runtime, MetricsText& text) {
  text.Begin("gradmatch_tenant_in_flight", "gauge",
             "Calls under way, of the busiest tenants");
  for (const auto& [tenant, calls] :
       runtime.admission.BusiestTenants(kNamedTenants)) {
    text.Value("gradmatch_tenant_in_flight",
               absl::StrCat("tenant=\"", EscapeLabel(tenant), "\""),
               static_cast<double>(calls));
  }
}

}  // namespace

void WriteOverload(const Runtime& runtime, const GrpcConnections& connections,
                   MetricsText& text) {
  WritePools(runtime, text);
  WriteRefusals(runtime, text);
  WriteTenants(runtime, text);
  Write(text, "gradmatch_rpc_in_flight_bytes", "gauge",
        "Bytes of the requests under way",
        static_cast<double>(runtime.admission.bytes()));
  Write(text, "gradmatch_grpc_connections", "gauge",
        "gRPC connections that are open",
        static_cast<double>(connections.open));
  Write(text, "gradmatch_grpc_connections_refused_total", "counter",
        "gRPC connections closed at once: too many were open",
        static_cast<double>(connections.refused));
  Write(text, "gradmatch_grpc_accept_starved_total", "counter",
        "Times that there was no descriptor for a gRPC connection",
        static_cast<double>(connections.starved));
  Write(text, "process_max_fds", "gauge", "Limit of open files",
        static_cast<double>(DescriptorLimit()));
}

}  // namespace gradmatch
