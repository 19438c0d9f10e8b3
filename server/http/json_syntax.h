#ifndef GRADMATCH_SERVER_HTTP_JSON_SYNTAX_H_
#define GRADMATCH_SERVER_HTTP_JSON_SYNTAX_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"

namespace gradmatch {

// Deeper nesting is refused: no message of ours is half as deep, and readers of
// JSON recurse.
inline constexpr int kMaxJsonDepth = 64;

// Whether `text` is one JSON value by RFC 8259 and nothing else, in UTF-8.
// protobuf's own reader is laxer: it takes single quotes, names without
// quotes, trailing commas. Linear, no allocation.
//
// INVALID_ARGUMENT: ENCODING_INVALID, or JSON_INVALID with "line" and "column"
// (of the byte, from 1) in the metadata; the text itself is not quoted, it may
// be about a person.
// `first_line` is the number of the text's first line.
absl::Status CheckJsonSyntax(std::string_view text, int64_t first_line = 1);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_HTTP_JSON_SYNTAX_H_
