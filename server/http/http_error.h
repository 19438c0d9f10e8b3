#ifndef GRADMATCH_SERVER_HTTP_HTTP_ERROR_H_
#define GRADMATCH_SERVER_HTTP_HTTP_ERROR_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"

namespace gradmatch {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// An answer that is at hand as a whole.
struct HttpReply {
  int status = 200;
  HttpHeaders headers;  // without Content-Length, Connection
  std::string body;
};

// google.rpc.Status as JSON with the HTTP status that its code and reason have,
// and Retry-After from RetryInfo. `if_match`: the request
// had If-Match, so ETAG_MISMATCH is 412. An UNIMPLEMENTED that gRPC itself made
// gets a reason, METHOD_UNIMPLEMENTED.
HttpReply ErrorReply(const absl::Status& error, bool if_match = false);

// {"error": google.rpc.Status}, without a newline: the last line of a stream
// that fails after it began.
std::string ErrorLine(const absl::Status& error);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_HTTP_HTTP_ERROR_H_
