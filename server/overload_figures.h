#ifndef GRADMATCH_SERVER_OVERLOAD_FIGURES_H_
#define GRADMATCH_SERVER_OVERLOAD_FIGURES_H_

#include "server/connection_acceptor.h"
#include "server/metrics/metrics.h"
#include "server/runtime.h"

namespace gradmatch {

// How busy the server is and whom it refuses: permits, queues, limits, callers
// without rights. At most 20 tenants are named, never people (quota.h); the
// rest is "(other)".
void SetOverload(const Runtime& runtime, Gauges& gauges);

// The connections of the gRPC listener.
void SetGrpcConnections(const ConnectionAcceptor& acceptor, Gauges& gauges);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_OVERLOAD_FIGURES_H_
