#include "server/grpc_limits.h"

#include <algorithm>
#include <limits>

#include "grpcpp/resource_quota.h"

namespace gradmatch {
namespace {

constexpr int kMetadataBytes = 8 << 10;
constexpr int kPingStrikes = 2;

int Millis(absl::Duration duration) {
  return static_cast<int>(std::min<int64_t>(absl::ToInt64Milliseconds(duration),
                                            std::numeric_limits<int>::max()));
}

}  // namespace

void SetGrpcLimits(const Options& options, grpc::ServerBuilder& builder) {
  const Options::Server& server = options.server;
  builder.SetMaxReceiveMessageSize(server.max_message_mb << 20);
  builder.SetMaxSendMessageSize(server.max_message_mb << 20);
  builder.SetResourceQuota(
      grpc::ResourceQuota("gradmatch")
          .Resize(static_cast<size_t>(server.grpc_memory_mb) << 20));
  const auto set = [&builder](const char* name, int value) {
    builder.AddChannelArgument(name, value);
  };
  // One listener a port: without this a second server would share it silently.
  set(GRPC_ARG_ALLOW_REUSEPORT, 0);
  set(GRPC_ARG_MAX_METADATA_SIZE, kMetadataBytes);
  set(GRPC_ARG_MAX_CONCURRENT_STREAMS, server.grpc_streams);
  set(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
      Millis(options.tls.handshake_timeout));
  set(GRPC_ARG_MAX_CONNECTION_IDLE_MS, Millis(server.grpc_idle));
  set(GRPC_ARG_MAX_CONNECTION_AGE_MS, Millis(server.grpc_age));
  set(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, Millis(server.grpc_age_grace));
  set(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
      Millis(server.grpc_ping_interval));
  set(GRPC_ARG_HTTP2_MAX_PING_STRIKES, kPingStrikes);
  // Peers that went away without a word.
  set(GRPC_ARG_KEEPALIVE_TIME_MS, 120'000);
  set(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
}

}  // namespace gradmatch
