#ifndef GRADMATCH_SERVER_HTTP_REQUEST_FIELDS_H_
#define GRADMATCH_SERVER_HTTP_REQUEST_FIELDS_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace gradmatch {

// Fields of a request that its path or query sets, by dotted path in JSON's or
// the proto's names ("updateMask", "posting.name").

// From the query: text becomes the field's value as JSON's string would (so
// numbers, booleans, enums by name, RFC 3339 times, field masks); enums also
// without their prefix ("INCREMENTAL"); a repeated field grows by one. What the
// query has is added to what `message` has. INVALID_ARGUMENT, FIELD_INVALID
// with the field when there is none or it cannot hold the text.
absl::Status AddQueryField(std::string_view name, std::string_view text,
                           google::protobuf::Message& message);

// From the path, which says where a request goes: a text field. When the body
// or query has set it to something else, FIELD_INVALID.
absl::Status SetPathField(std::string_view name, const std::string& text,
                          google::protobuf::Message& message);

// The value of a text field by path; empty when not set.
std::string TextField(std::string_view name,
                      const google::protobuf::Message& message);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_HTTP_REQUEST_FIELDS_H_
