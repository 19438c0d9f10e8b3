#ifndef GRADMATCH_SERVER_HTTP_CALL_SETUP_H_
#define GRADMATCH_SERVER_HTTP_CALL_SETUP_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "server/http/http_exchange.h"
#include "server/http/routes.h"
#include "server/http/rpc_channel.h"

namespace gradmatch {

// What every call begins with: deadline, body, request.

std::unique_ptr<google::protobuf::Message> NewMessage(
    const google::protobuf::Descriptor& type);

// From X-Request-Timeout ("2s", "500ms", "1.5") or grpc-timeout ("500m");
// InfiniteFuture without them. INVALID_ARGUMENT, FIELD_INVALID.
absl::StatusOr<absl::Time> DeadlineOf(const HttpExchange& exchange);

// What the gate needs to know of who sent it: the Authorization header as it
// came, and the secret by which the gate knows that the call is ours. Nothing
// else that the caller sends becomes metadata.
RpcMetadata CallMetadata(const HttpExchange& exchange,
                         const std::string& hop_secret);

// The whole body. CONTENT_TYPE_UNSUPPORTED unless it is empty or of a JSON
// type, BODY_TOO_LARGE, BODY_INCOMPLETE.
absl::StatusOr<std::string> ReadJsonBody(HttpExchange& exchange,
                                         size_t max_bytes);
// Content-Type's first part, in lower case; CONTENT_TYPE_UNSUPPORTED when it is
// none of the `allowed`, or a packing or character set that is not read.
absl::Status CheckContentType(const HttpExchange& exchange,
                              std::initializer_list<const char*> allowed);
absl::Status BodyCut();

// The request from body, query and path, in this order.
absl::StatusOr<std::unique_ptr<google::protobuf::Message>> MakeRequest(
    const Route& route, const RouteTable::Found& found,
    const RequestTarget& target, const std::string& body);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_HTTP_CALL_SETUP_H_
