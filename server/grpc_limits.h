#ifndef GRADMATCH_SERVER_GRPC_LIMITS_H_
#define GRADMATCH_SERVER_GRPC_LIMITS_H_

#include "grpcpp/server_builder.h"
#include "server/options.h"

namespace gradmatch {

// What a peer may cost before a call is ours to refuse: memory, time to
// connect, idle and old connections, pings, metadata, calls on one connection.
// Each is tried over a socket by tests/server/hostile_http2_test.cc.
//
// What 1.51 cannot be told, and what is done instead:
//  - how many connections: connection_acceptor.h;
//  - that a stream which was reset still costs (CVE-2023-44487): admission
//    before any work, and peer_watch.h;
//  - how many CONTINUATION frames a header may come in (CVE-2023-33953): the
//    memory they hold is bounded by the quota, the processor's time is not. Who
//    cannot be trusted so far is to be kept out by client certificates;
//  - how many threads: the callback API has a fixed few, and the quota's limit
//    of threads is for the other one.
void SetGrpcLimits(const Options& options, grpc::ServerBuilder& builder);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_GRPC_LIMITS_H_
