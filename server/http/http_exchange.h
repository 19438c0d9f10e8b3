#ifndef GRADMATCH_SERVER_HTTP_HTTP_EXCHANGE_H_
#define GRADMATCH_SERVER_HTTP_HTTP_EXCHANGE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "server/http/http_error.h"

namespace gradmatch {

// One request and its answer. The answer is given once: by Reply, or by
// BeginStream, WriteChunk..., EndStream, which another thread than the one that
// reads the body may call.
class HttpExchange {
 public:
  virtual ~HttpExchange() = default;

  // "GET"; the target as sent: "/v1/sources?pageSize=5".
  virtual const std::string& method() const = 0;
  virtual const std::string& target() const = 0;
  // Empty when absent; names in any case.
  virtual std::string Header(std::string_view name) const = 0;
  bool HasHeader(std::string_view name) const { return !Header(name).empty(); }
  // The URIs that the caller's certificate has as its names, as TLS proved
  // them; empty without one.
  virtual const std::vector<std::string>& peer_uris() const = 0;
  // What Content-Length says; nullopt: not known before the end.
  virtual std::optional<uint64_t> body_bytes() const = 0;

  enum class BodyEnd {
    kWhole,
    kStopped,    // `take` returned false
    kCut,        // the connection broke or fell silent, or the framing is wrong
    kMalformed,  // the content is not in the encoding it says
  };
  // Reads the body to its end, piece by piece, unpacked where it is
  // gzip; `idle` is how long the sender may be silent, `total` how long it
  // may take. Once. What is not read is dropped and the connection closes.
  virtual BodyEnd ReadBody(const std::function<bool(std::string_view)>& take,
                           absl::Duration idle, absl::Duration total) = 0;

  virtual void Reply(const HttpReply& reply) = 0;

  // The head of an answer of unknown length.
  virtual bool BeginStream(int status, const HttpHeaders& headers) = 0;
  // False when the reader has gone, or took nothing for the idle time.
  virtual bool WriteChunk(std::string_view bytes) = 0;
  virtual bool EndStream() = 0;
  // Any thread: ends a ReadBody of another, as if the sender had gone.
  virtual void StopReading() = 0;
  // Any thread: ends reading and writing of others, the connection is lost.
  virtual void Break() = 0;

  // The status that was answered; 0 before.
  virtual int status() const = 0;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_HTTP_HTTP_EXCHANGE_H_
