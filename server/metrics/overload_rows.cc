#include "server/metrics/metric_rows.h"

namespace gradmatch {
namespace {

using enum MetricType;
using M = Metric;

constexpr size_t kQuotaLimits = 20;  // names of server/quota.h; 11 of them now
// Those that are named, and "(other)"; see server/overload_figures.cc.
constexpr size_t kTenants = 21;
constexpr char kOwn[] = "unless server.grpc_connections is 0";

}  // namespace

std::vector<MetricRow> OverloadRows() {
  return {
      {M::kQueueAge,
       "gradmatch_rpc_queue_age_seconds",
       kGauge,
       {"pool"},
       "seconds",
       "How long the longest has waited of those that wait for a thread",
       2},
      {M::kQueueExpired,
       "gradmatch_rpc_queue_expired_total",
       kCounter,
       {"pool"},
       "tasks",
       "Tasks whose deadline passed while they waited",
       2},
      {M::kQueueGivenUp,
       "gradmatch_rpc_queue_given_up_total",
       kCounter,
       {"pool"},
       "tasks",
       "Tasks given up since more came than could be done in time",
       2},
      {M::kRefusedByLimit,
       "gradmatch_rpc_refused_by_limit_total",
       kCounter,
       {"limit"},
       "calls",
       "Calls refused, by the limit that refused them",
       kQuotaLimits},
      {M::kUnauthenticated,
       "gradmatch_rpc_unauthenticated_total",
       kCounter,
       {},
       "calls",
       "Calls refused since nobody knows who called"},
      {M::kDenied,
       "gradmatch_rpc_denied_total",
       kCounter,
       {},
       "calls",
       "Calls refused since their caller may not make them"},
      {M::kPeerBans,
       "gradmatch_peer_bans_total",
       kCounter,
       {},
       "connections",
       "Connections whose calls were refused for a while since they cancelled "
       "too many"},
      {M::kTenantCalls,
       "gradmatch_tenant_in_flight",
       kGauge,
       {"tenant"},
       "calls",
       "Calls under way, of the busiest tenants; never of a person",
       kTenants,
       "of tenants with calls under way"},
      {M::kGrpcConnections,
       "gradmatch_grpc_connections",
       kGauge,
       {},
       "connections",
       "gRPC connections that are open",
       1,
       kOwn},
      {M::kGrpcRefused,
       "gradmatch_grpc_connections_refused_total",
       kCounter,
       {},
       "connections",
       "gRPC connections closed at once: too many were open",
       1,
       kOwn},
      {M::kGrpcStarved,
       "gradmatch_grpc_accept_starved_total",
       kCounter,
       {},
       "times",
       "Times that there was no descriptor for a gRPC connection",
       1,
       kOwn},
  };
}

}  // namespace gradmatch
