#ifndef GRADMATCH_SERVER_HTTP_GATEWAY_H_
#define GRADMATCH_SERVER_HTTP_GATEWAY_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/grpcpp.h"
#include "server/http/http_listener.h"
#include "server/http/translator.h"
#include "server/metrics/metrics.h"
#include "server/runtime.h"

namespace gradmatch {

struct GatewayOptions {
  HttpListenerOptions listener;
  // Whether requests for other hosts than this machine and `hosts` are refused
  // (host_check.h): for a server that asks nobody who they are.
  bool check_host = false;
  std::vector<std::string> hosts;
  TranslatorLimits limits;
  // Whether /metrics is for callers who may ask for the server's figures.
  bool guard_metrics = false;
};

// HTTP/JSON beside gRPC: /v1/... are the API's methods (translator.h), and
//
//   /healthz       200 while the process lives
//   /readyz        200 while it serves, 503 while it loads and drains
//   /metrics       Prometheus' text
//   /openapi.json  the description of the API
//   /errors        every error reason, in Chinese
//
// are not counted as traffic. All are open to everybody but /metrics, which on
// a server with identities is for whom GetServerInfo is (Prometheus sends a
// token: `authorization: {credentials_file: ...}`); the description and the
// errors are public, and whoever looks whether it lives has no token. No CORS:
// browsers of other sites are not served.
class HttpGateway {
 public:
  virtual ~HttpGateway() = default;

  // Calls go through `channel`, in this process. Borrows `runtime`, whose
  // metrics it serves and counts requests in. UNAVAILABLE when the address is
  // taken.
  static absl::StatusOr<std::unique_ptr<HttpGateway>> Listen(
      const GatewayOptions& options, std::shared_ptr<grpc::Channel> channel,
      const Runtime& runtime);

  virtual int port() const = 0;
  // Connections so far.
  virtual int64_t accepted() const = 0;
  // What only the listener knows.
  virtual void Figures(Gauges& gauges) const = 0;
  // The server drains: /readyz says so, connections close after an answer.
  virtual void BeginDrain() = 0;
  // Ends; answers under way get `grace`.
  virtual void Stop(absl::Duration grace) = 0;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_HTTP_GATEWAY_H_
