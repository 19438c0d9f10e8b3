#ifndef GRADMATCH_SERVER_HTTP_TRANSLATOR_H_
#define GRADMATCH_SERVER_HTTP_TRANSLATOR_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "server/http/http_exchange.h"
#include "server/http/routes.h"
#include "server/http/rpc_channel.h"

namespace gradmatch {

struct TranslatorLimits {
  size_t max_body_bytes = 4 << 20;  // of a request that is no stream
  // Streams at a time: each holds a thread of the listener as long as it lasts.
  int max_streams = 8;
  absl::Duration stream_idle = absl::Seconds(60);
  // One line of a stream's body.
  size_t max_line_bytes = 2 << 20;
  // Result lines that wait for a reader who sends first and reads later; with
  // more, the body is not read on.
  size_t max_unread_bytes = 16 << 20;
  // By which the gate knows that a call is the gateway's (access_gate.h).
  std::string hop_secret;
};

// HTTP/JSON for every method that has a google.api.http rule, by descriptors
// alone: makes the request from path, query and body, calls the method through
// `channel`, and gives back its answer or error. What it calls is gRPC's, so
// admission, deadlines, request ids and errors are gRPC's too. Thread-safe.
//
//   GET    answers carry ETag; If-None-Match is answered 304
//   If-Match fills the request's etag; a mismatch is 412
//   X-Request-Timeout: 2s, 500ms or grpc-timeout: 500m is the call's deadline
//   server streams and syncs are lines of JSON: see ndjson.h
class Translator {
 public:
  // Borrowed.
  Translator(const RouteTable& routes, RpcChannel& channel,
             const TranslatorLimits& limits)
      : routes_(routes), channel_(channel), limits_(limits) {}

  // Answers `exchange`; returns the route it took, null if there is none.
  const Route* Handle(HttpExchange& exchange);

  int streams() const { return streams_.load(std::memory_order_relaxed); }

 private:
  absl::StatusOr<HttpReply> HandleUnary(HttpExchange& exchange,
                                        const Route& route,
                                        const RouteTable::Found& found,
                                        const RequestTarget& target);
  // OK when the stream was answered, whatever became of it.
  absl::Status HandleStream(HttpExchange& exchange, const Route& route,
                            const RouteTable::Found& found,
                            const RequestTarget& target);

  const RouteTable& routes_;
  RpcChannel& channel_;
  const TranslatorLimits limits_;
  std::atomic<int> streams_{0};
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_HTTP_TRANSLATOR_H_
