#include "server/http/gateway.h"

#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/error_registry.h"
#include "server/http/call_setup.h"
#include "server/http/host_check.h"
#include "server/http/openapi_text.h"
#include "server/http/request_metrics.h"

namespace gradmatch {
namespace {

HttpReply TextReply(int status, std::string type, std::string body) {
  HttpReply reply;
  reply.status = status;
  reply.headers = {{"Content-Type", std::move(type)},
                   {"Cache-Control", "no-store"}};
  reply.body = std::move(body);
  return reply;
}

void WriteServer(const v1::ServerInfo& info, MetricsText& text) {
  text.Begin("gradmatch_build_info", "gauge", "1, with the version");
  text.Value("gradmatch_build_info",
             absl::StrCat("version=\"", EscapeLabel(info.version()), "\""), 1);
  text.Begin("gradmatch_ready", "gauge", "1 while it serves");
  text.Value("gradmatch_ready", "",
             info.state() == v1::ServerInfo::STATE_SERVING);
  text.Begin("process_resident_memory_bytes", "gauge", "Resident memory");
  text.Value("process_resident_memory_bytes", "", info.memory_bytes());
  text.Begin("gradmatch_start_time_seconds", "gauge",
             "When the process began, since the epoch");
  text.Value("gradmatch_start_time_seconds", "", info.start_time().seconds());
  if (info.encoder().empty()) return;  // still loading
  text.Begin("gradmatch_postings", "gauge", "Postings stored, by state");
  for (const auto& [state, count] : std::map<std::string, int64_t>(
           info.postings().begin(), info.postings().end())) {
    text.Value("gradmatch_postings",
               absl::StrCat("state=\"", EscapeLabel(state), "\""), count);
  }
  const std::tuple<const char*, const char*, double> gauges[] = {
      {"gradmatch_graduates", "Graduates stored", info.graduates()},
      {"gradmatch_sources", "Sources stored", info.sources()},
      {"gradmatch_index_vectors", "Postings that searches see",
       info.searchable_postings()},
      {"gradmatch_index_segments", "Segments of the snapshot", info.segments()},
      {"gradmatch_generation", "Generation of the snapshot", info.generation()},
      {"gradmatch_load_seconds", "From the start to serving",
       info.load_seconds()},
      {"gradmatch_push_runs_active", "Push runs under way",
       info.active_push_runs()},
      {"gradmatch_disk_free_bytes", "Free bytes on the data folder's disk",
       info.disk_free_bytes()},
      {"gradmatch_disk_used_percent", "How much of it is in use",
       info.disk_used_percent()},
      {"gradmatch_writes_blocked",
       "1 while writes are refused because the disk is nearly full",
       info.writes_blocked()}};
  for (const auto& [name, help, value] : gauges) {
    text.Begin(name, "gauge", help);
    text.Value(name, "", value);
  }
}

class GatewayImpl final : public HttpGateway {
 public:
  GatewayImpl(const GatewayOptions& options,
              std::shared_ptr<grpc::Channel> channel, const Runtime& runtime,
              ReadInfo info, std::function<GrpcConnections()> connections,
              RouteTable routes)
      : options_(options),
        runtime_(runtime),
        info_(std::move(info)),
        connections_(std::move(connections)),
        routes_(std::move(routes)),
        channel_(std::move(channel)),
        translator_(routes_, channel_, options.limits),
        hop_secret_(options.limits.hop_secret),
        guard_metrics_(options.guard_metrics) {}

  absl::Status Open(const HttpListenerOptions& options) {
    auto listener = HttpListener::Listen(
        options, [this](HttpExchange& exchange) { Handle(exchange); });
    if (!listener.ok()) return listener.status();
    listener_ = *std::move(listener);
    return absl::OkStatus();
  }

  int port() const override { return listener_->port(); }
  int64_t accepted() const override { return listener_->accepted(); }
  void BeginDrain() override { listener_->CloseAfterAnswers(); }
  void Stop(absl::Duration grace) override { listener_->Stop(grace); }

 private:
  void Handle(HttpExchange& exchange) {
    if (options_.check_host) {
      const absl::Status host =
          CheckHost(exchange.Header("Host"), options_.hosts);
      if (!host.ok()) return exchange.Reply(ErrorReply(host));
    }
    if (HandlePage(exchange)) return;
    const absl::Time begin = absl::Now();
    const Route* route = translator_.Handle(exchange);
    metrics_.Add(route == nullptr ? "(none)" : route->path.text(),
                 exchange.method(), exchange.status(), absl::Now() - begin);
  }

  bool HandlePage(HttpExchange& exchange) {
    const std::string path =
        exchange.target().substr(0, exchange.target().find('?'));
    const bool read = exchange.method() == "GET" || exchange.method() == "HEAD";
    if (!read) return false;  // the translator says what there is
    if (path == "/healthz") {
      exchange.Reply(TextReply(200, "text/plain; charset=utf-8", "ok\n"));
    } else if (path == "/readyz") {
      const absl::Status state = CheckServing(runtime_.state());
      exchange.Reply(state.ok()
                         ? TextReply(200, "text/plain; charset=utf-8", "ok\n")
                         : ErrorReply(state));
    } else if (path == "/metrics") {
      const absl::Status may = MayReadMetrics(exchange);
      exchange.Reply(
          may.ok() ? TextReply(200, "text/plain; version=0.0.4; charset=utf-8",
                               Metrics())
                   : ErrorReply(may));
    } else if (path == "/openapi.json") {
      exchange.Reply(
          TextReply(200, "application/json", std::string(OpenApiText())));
    } else if (path == "/errors") {
      exchange.Reply(TextReply(200, "text/plain; charset=utf-8", ErrorPage()));
    } else {
      return false;
    }
    return true;
  }

  // Asks as the caller would.
  absl::Status MayReadMetrics(HttpExchange& exchange) {
    if (!guard_metrics_) return absl::OkStatus();
    constexpr absl::Duration kPatience = absl::Seconds(5);
    return channel_
        .Call("/gradmatch.v1.AdminService/GetServerInfo", "",
              absl::Now() + kPatience, CallMetadata(exchange, hop_secret_))
        .status();
  }

  std::string Metrics() const {
    MetricsText text;
    v1::ServerInfo info;
    // What is known is told, even if a count could not be had.
    (void)info_(info);
    WriteServer(info, text);
    const std::pair<const char*, const std::atomic<int64_t>&> counters[] = {
        {"gradmatch_rpc_started_total", runtime_.counters.started},
        {"gradmatch_rpc_failed_total", runtime_.counters.failed},
        {"gradmatch_rpc_refused_total", runtime_.counters.refused},
        {"gradmatch_rpc_unauthenticated_total",
         runtime_.counters.unauthenticated},
        {"gradmatch_rpc_denied_total", runtime_.counters.denied}};
    for (const auto& [name, value] : counters) {
      text.Begin(name, "counter", "Calls over gRPC and HTTP");
      text.Value(name, "", value.load(std::memory_order_relaxed));
    }
    const std::tuple<const char*, const char*, int64_t> gauges[] = {
        {"gradmatch_rpc_in_flight", "Calls under way",
         runtime_.admission.in_flight()},
        {"gradmatch_streams_open", "Streams that are open",
         runtime_.streams.open()},
        {"gradmatch_http_connections", "HTTP connections that are open",
         listener_->open()},
        {"gradmatch_http_streams", "Streams over HTTP", translator_.streams()}};
    for (const auto& [name, help, value] : gauges) {
      text.Begin(name, "gauge", help);
      text.Value(name, "", static_cast<double>(value));
    }
    text.Begin("gradmatch_http_connections_refused_total", "counter",
               "HTTP connections closed at once: too many were open");
    text.Value("gradmatch_http_connections_refused_total", "",
               static_cast<double>(listener_->refused()));
    if (options_.listener.tls != nullptr) WriteTls(text);
    WriteOverload(runtime_, connections_(), text);
    metrics_.Write(text);
    return text.Take();
  }

  void WriteTls(MetricsText& text) const {
    const TlsKeeper::Figures figures = options_.listener.tls->figures();
    constexpr char kExpiry[] = "gradmatch_tls_certificate_expiry_seconds";
    text.Begin(kExpiry, "gauge",
               "When the certificate in force expires, since the epoch; of "
               "several the first");
    text.Value(kExpiry, "file=\"certificate\"",
               absl::ToDoubleSeconds(figures.not_after - absl::UnixEpoch()));
    if (figures.client_ca_not_after != absl::InfiniteFuture()) {
      text.Value(kExpiry, "file=\"client_ca\"",
                 absl::ToDoubleSeconds(figures.client_ca_not_after -
                                       absl::UnixEpoch()));
    }
    constexpr char kReloads[] = "gradmatch_tls_reloads_total";
    text.Begin(kReloads, "counter",
               "Changed certificate files, and whether they came into force; "
               "when they did not, the old ones are still used");
    text.Value(kReloads, "result=\"ok\"", static_cast<double>(figures.reloads));
    text.Value(kReloads, "result=\"failed\"",
               static_cast<double>(figures.failed_reloads));
    constexpr char kFailed[] = "gradmatch_http_handshakes_failed_total";
    text.Begin(kFailed, "counter", "HTTP connections that never became secure");
    text.Value(kFailed, "",
               static_cast<double>(listener_->failed_handshakes()));
  }

  const GatewayOptions options_;
  const Runtime& runtime_;
  const ReadInfo info_;
  const std::function<GrpcConnections()> connections_;
  const RouteTable routes_;
  RpcChannel channel_;
  Translator translator_;
  const std::string hop_secret_;
  const bool guard_metrics_;
  RequestMetrics metrics_;
  std::unique_ptr<HttpListener> listener_;  // first to go: it calls the rest
};

}  // namespace

absl::StatusOr<std::unique_ptr<HttpGateway>> HttpGateway::Listen(
    const GatewayOptions& options, std::shared_ptr<grpc::Channel> channel,
    const Runtime& runtime, ReadInfo info,
    std::function<GrpcConnections()> connections) {
  absl::StatusOr<RouteTable> routes = RouteTable::Build(ApiServices());
  if (!routes.ok()) return routes.status();
  auto gateway = std::make_unique<GatewayImpl>(
      options, std::move(channel), runtime, std::move(info),
      std::move(connections), *std::move(routes));
  absl::Status opened = gateway->Open(options.listener);
  if (!opened.ok()) return opened;
  return gateway;
}

}  // namespace gradmatch
