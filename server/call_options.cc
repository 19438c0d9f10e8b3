#include "server/call_options.h"

#include "absl/time/time.h"

namespace gradmatch {

std::vector<OptionSpec> CallOptions() {
  using O = Options;
  return {
      Int("server.workers", &O::server, &O::Server::workers, 0, 1'024,
          "Threads for the calls of one tenant; 0: one a core. There are as "
          "many spare ones, so that another finds one free."),
      Int("server.ingest_workers", &O::server, &O::Server::ingest_workers, 0,
          1'024, "Threads for the batches of syncs; 0: one a core."),
      Int("server.max_queued", &O::server, &O::Server::max_queued, 1, 1'000'000,
          "Calls that may wait for a thread; more are refused."),
      Int("server.max_in_flight", &O::server, &O::Server::max_in_flight, 1,
          1'000'000, "Calls under way at a time; more are refused."),
      Int("server.max_in_flight_mb", &O::server, &O::Server::max_in_flight_mb,
          1, 1'000'000, "MiB of requests under way at a time."),
      Int("server.max_streams", &O::server, &O::Server::max_streams, 1,
          1'000'000, "Streams and waiting calls that are open at a time."),
      Int("server.tenant_in_flight", &O::server, &O::Server::tenant_in_flight,
          1, 1'000'000,
          "Calls of one tenant under way at a time; never more than are free."),
      Int("server.tenant_in_flight_mb", &O::server,
          &O::Server::tenant_in_flight_mb, 1, 1'000'000,
          "MiB of requests of one tenant under way at a time."),
      Int("server.tenant_streams", &O::server, &O::Server::tenant_streams, 1,
          1'000'000, "Streams and waiting calls of one tenant at a time."),
      Int("server.tenant_queued", &O::server, &O::Server::tenant_queued, 1,
          1'000'000, "Calls of one tenant that may wait for a thread."),
      Int("server.tenant_calls_per_second", &O::server,
          &O::Server::tenant_calls_per_second, 0, 1'000'000,
          "Calls a second of one tenant, streams not counted; 0: no limit."),
      Int("server.grpc_connections", &O::server, &O::Server::grpc_connections,
          0, 100'000,
          "gRPC connections at a time; more are closed at once. 0: no limit, "
          "and a listener that dies when descriptors run out."),
      Int("server.grpc_address_connections", &O::server,
          &O::Server::grpc_address_connections, 0, 100'000,
          "gRPC connections of one network address; 0: no limit."),
      Int("server.grpc_streams", &O::server, &O::Server::grpc_streams, 1,
          100'000,
          "Calls under way on one gRPC connection; more wait at their "
          "caller."),
      Int("server.grpc_memory_mb", &O::server, &O::Server::grpc_memory_mb, 16,
          1'000'000, "MiB that gRPC's buffers may take."),
      Span("server.grpc_idle", &O::server, &O::Server::grpc_idle,
           absl::Milliseconds(10), absl::Hours(24),
           "Time without a call after which a gRPC connection is closed."),
      Span("server.grpc_age", &O::server, &O::Server::grpc_age,
           absl::Milliseconds(10), absl::Hours(24 * 30),
           "Age at which a gRPC connection is to be made anew; 10 % more or "
           "less."),
      Span("server.grpc_age_grace", &O::server, &O::Server::grpc_age_grace,
           absl::Milliseconds(10), absl::Hours(24 * 30),
           "Time for the calls and streams of such a connection to end."),
      Span("server.grpc_ping_interval", &O::server,
           &O::Server::grpc_ping_interval, absl::Milliseconds(10),
           absl::Seconds(3'600),
           "Least time between two pings of a gRPC connection without a "
           "call; the third that comes sooner ends it."),
  };
}

}  // namespace gradmatch
