#ifndef GRADMATCH_SERVER_HTTP_OVERLOAD_METRICS_H_
#define GRADMATCH_SERVER_HTTP_OVERLOAD_METRICS_H_

#include <cstdint>

#include "server/http/request_metrics.h"
#include "server/runtime.h"

namespace gradmatch {

// What is known of gRPC's connections; see server/connection_acceptor.h.
struct GrpcConnections {
  int64_t open = 0;
  int64_t refused = 0;  // closed at once: too many
  int64_t starved = 0;  // there was no descriptor
};

// How busy the server is and what it refuses: permits, queues, limits,
// connections. At most 20 tenants are named, never people (quota.h); the rest
// is "(other)".
void WriteOverload(const Runtime& runtime, const GrpcConnections& connections,
                   MetricsText& text);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_HTTP_OVERLOAD_METRICS_H_
