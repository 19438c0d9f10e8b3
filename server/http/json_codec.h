#ifndef GRADMATCH_SERVER_HTTP_JSON_CODEC_H_
#define GRADMATCH_SERVER_HTTP_JSON_CODEC_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace gradmatch {

// protobuf's JSON form in both directions. Thread-safe.

// Adds what `json` says to `message`; `path` is where the message is within the
// request ("posting"; empty: it is the request), for errors. INVALID_ARGUMENT:
// JSON_INVALID, ENCODING_INVALID, or FIELD_INVALID with the field's path for a
// field that there is not (and the nearest there is) and for a value that a
// field cannot hold. `first_line` is the number of the first line of `json`.
absl::Status JsonToMessage(std::string_view json, std::string_view path,
                           google::protobuf::Message& message,
                           int64_t first_line = 1);

// `wire` is a message of `type`, serialized. Fields at their default are left
// out, int64 are strings, enums names, bytes base64. Internal when it does not
// parse.
absl::StatusOr<std::string> WireToJson(const google::protobuf::Descriptor& type,
                                       const std::string& wire);
absl::StatusOr<std::string> MessageToJson(
    const google::protobuf::Message& message);

// The field of `type` that is called so in JSON ("pageSize") or in the proto
// ("page_size"); null when there is none.
const google::protobuf::FieldDescriptor* FindJsonField(
    const google::protobuf::Descriptor& type, std::string_view name);
// The name that is most like `name`; empty when none is.
std::string NearestJsonField(const google::protobuf::Descriptor& type,
                             std::string_view name);

// A string as JSON, with its quotes.
std::string JsonQuote(std::string_view text);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_HTTP_JSON_CODEC_H_
