#ifndef GRADMATCH_SERVER_HTTP_HTTP_LISTENER_H_
#define GRADMATCH_SERVER_HTTP_HTTP_LISTENER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/http/http_exchange.h"
#include "server/tls/tls_keeper.h"

namespace gradmatch {

// The one place that knows cpp-httplib: it reads requests' heads and the
// framing and packing of bodies; sockets, threads, limits and answers are ours
// (connection_pool.h, socket_io.h), because the library holds a thread for
// every connection that is kept alive, reads lines of any length, and cannot
// answer while it reads.
//
// HTTP/1.1 (and 1.0), plain or over TLS. Refused with 400 and the connection
// closed: what two parsers may read differently (two lengths, length and
// chunks, bare line feeds, blanks in names of headers, a body where none
// belongs).
struct HttpListenerOptions {
  std::string address = "127.0.0.1:8080";  // host:port; port 0: any free one
  int threads = 16;
  int max_connections = 256;
  absl::Duration idle = absl::Seconds(60);  // between requests
  absl::Duration head = absl::Seconds(10);  // to send a request's head
  absl::Duration write_idle = absl::Seconds(30);
  // The certificates that connections get; borrowed. Null: plain.
  const TlsKeeper* tls = nullptr;
  absl::Duration handshake = absl::Seconds(5);
};

class HttpListener {
 public:
  virtual ~HttpListener() = default;  // Stop(0)

  // `handler` is called on one of the threads for each request, several at a
  // time. UNAVAILABLE when the address is taken.
  static absl::StatusOr<std::unique_ptr<HttpListener>> Listen(
      const HttpListenerOptions& options,
      std::function<void(HttpExchange&)> handler);

  virtual int port() const = 0;
  // Connections that are open, and how many were turned away.
  virtual int64_t open() const = 0;
  virtual int64_t refused() const = 0;
  // Connections that never became secure.
  virtual int64_t failed_handshakes() const = 0;
  // Connections so far, those that were turned away included.
  virtual int64_t accepted() const = 0;
  // From now on every answer closes its connection. Any thread.
  virtual void CloseAfterAnswers() = 0;
  // Nobody is accepted any more; requests under way get `grace`, then are
  // broken off. Idempotent.
  virtual void Stop(absl::Duration grace) = 0;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_HTTP_HTTP_LISTENER_H_
