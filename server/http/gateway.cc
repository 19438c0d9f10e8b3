#include "server/http/gateway.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/error_registry.h"
#include "server/http/call_setup.h"
#include "server/http/host_check.h"
#include "server/http/openapi_text.h"

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

// A method is what the caller sends: those that HTTP has, and no others, are
// labels.
std::string_view MethodLabel(std::string_view method) {
  for (const std::string_view known :
       {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}) {
    if (method == known) return known;
  }
  return "(other)";
}

class GatewayImpl final : public HttpGateway {
 public:
  GatewayImpl(const GatewayOptions& options,
              std::shared_ptr<grpc::Channel> channel, const Runtime& runtime,
              RouteTable routes)
      : options_(options),
        runtime_(runtime),
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
  void Figures(Gauges& gauges) const override {
    const std::pair<Metric, int64_t> values[] = {
        {Metric::kHttpConnections, listener_->open()},
        {Metric::kHttpRefused, listener_->refused()},
        {Metric::kHttpStreams, translator_.streams()}};
    for (const auto& [metric, value] : values) {
      gauges.Set(metric, {}, static_cast<double>(value));
    }
    if (options_.listener.tls != nullptr) SetTls(gauges);
  }
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
    runtime_.metrics().Observe(
        Metric::kHttpDuration,
        {route == nullptr ? std::string_view("(none)") : route->path.text(),
         MethodLabel(exchange.method()), absl::StrCat(exchange.status())},
        absl::Now() - begin);
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
                               runtime_.metrics().Text())
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

  void SetTls(Gauges& gauges) const {
    const TlsKeeper::Figures figures = options_.listener.tls->figures();
    gauges.Set(Metric::kCertificateExpiry, {"certificate"},
               absl::ToDoubleSeconds(figures.not_after - absl::UnixEpoch()));
    if (figures.client_ca_not_after != absl::InfiniteFuture()) {
      gauges.Set(Metric::kCertificateExpiry, {"client_ca"},
                 absl::ToDoubleSeconds(figures.client_ca_not_after -
                                       absl::UnixEpoch()));
    }
    gauges.Set(Metric::kTlsReloads, {"ok"},
               static_cast<double>(figures.reloads));
    gauges.Set(Metric::kTlsReloads, {"failed"},
               static_cast<double>(figures.failed_reloads));
    gauges.Set(Metric::kHandshakesFailed, {},
               static_cast<double>(listener_->failed_handshakes()));
  }

  const GatewayOptions options_;
  const Runtime& runtime_;
  const RouteTable routes_;
  RpcChannel channel_;
  Translator translator_;
  const std::string hop_secret_;
  const bool guard_metrics_;
  std::unique_ptr<HttpListener> listener_;  // first to go: it calls the rest
};

}  // namespace

absl::StatusOr<std::unique_ptr<HttpGateway>> HttpGateway::Listen(
    const GatewayOptions& options, std::shared_ptr<grpc::Channel> channel,
    const Runtime& runtime) {
  absl::StatusOr<RouteTable> routes = RouteTable::Build(ApiServices());
  if (!routes.ok()) return routes.status();
  auto gateway = std::make_unique<GatewayImpl>(options, std::move(channel),
                                               runtime, *std::move(routes));
  absl::Status opened = gateway->Open(options.listener);
  if (!opened.ok()) return opened;
  return gateway;
}

}  // namespace gradmatch
