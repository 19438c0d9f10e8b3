#include "server/overload_figures.h"

#include <utility>

#include "server/quota.h"

namespace gradmatch {
namespace {

using M = Metric;

constexpr size_t kNamedTenants = 20;

void SetPool(std::string_view pool, const WorkerPool& workers, Gauges& gauges) {
  const WorkerPool::Figures figures = workers.figures();
  gauges.Set(M::kQueued, {pool}, static_cast<double>(figures.queued));
  gauges.Set(M::kQueueAge, {pool}, absl::ToDoubleSeconds(figures.oldest_wait));
  gauges.Set(M::kQueueExpired, {pool}, static_cast<double>(figures.expired));
  gauges.Set(M::kQueueGivenUp, {pool}, static_cast<double>(figures.given_up));
}

}  // namespace

void SetOverload(const Runtime& runtime, Gauges& gauges) {
  SetPool("calls", runtime.workers, gauges);
  SetPool("syncs", runtime.ingest_workers, gauges);
  const RpcCounters& counters = runtime.counters;
  const std::pair<Metric, int64_t> values[] = {
      {M::kCallsRefused, counters.refused},
      {M::kUnauthenticated, counters.unauthenticated},
      {M::kDenied, counters.denied},
      {M::kPeerBans, runtime.peers.bans()},
      {M::kCallsInFlight, runtime.admission.in_flight()},
      {M::kBytesInFlight, runtime.admission.bytes()}};
  for (const auto& [metric, value] : values) {
    gauges.Set(metric, {}, static_cast<double>(value));
  }
  for (int i = 0; i < kQuotaLimits; ++i) {
    const auto limit = static_cast<QuotaLimit>(i);
    gauges.Set(M::kRefusedByLimit, {QuotaLimitName(limit)},
               static_cast<double>(counters.refused_by.Get(limit)));
  }
  for (const auto& [tenant, calls] :
       runtime.admission.BusiestTenants(kNamedTenants)) {
    gauges.Set(M::kTenantCalls, {tenant}, static_cast<double>(calls));
  }
}

void SetGrpcConnections(const ConnectionAcceptor& acceptor, Gauges& gauges) {
  const std::pair<Metric, int64_t> values[] = {
      {M::kGrpcConnections, acceptor.open()},
      {M::kGrpcRefused, acceptor.refused()},
      {M::kGrpcStarved, acceptor.starved()}};
  for (const auto& [metric, value] : values) {
    gauges.Set(metric, {}, static_cast<double>(value));
  }
}

}  // namespace gradmatch
