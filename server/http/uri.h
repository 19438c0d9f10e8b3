#ifndef GRADMATCH_SERVER_HTTP_URI_H_
#define GRADMATCH_SERVER_HTTP_URI_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace gradmatch {

// The target of a request, "/v1/sources/gd/postings:sync?mode=INCREMENTAL",
// taken apart. Segments are split before they are decoded, so that an encoded
// slash or colon in an id stays part of the id.
struct RequestTarget {
  // Decoded, without the verb: {"v1", "sources", "gd", "postings"}.
  std::vector<std::string> segments;
  // What follows the last colon of the last segment: "sync"; may be empty.
  std::string verb;
  // The last segment as if there were no verb: "postings:sync".
  std::string last_with_verb;
  // Decoded, in order; names may repeat.
  std::vector<std::pair<std::string, std::string>> query;
};

// INVALID_ARGUMENT, ENCODING_INVALID for an escape that is none and for bytes
// that are not UTF-8; FIELD_INVALID for what is no path.
absl::StatusOr<RequestTarget> ParseTarget(std::string_view target);

// Decodes %XX, and '+' as a space where `plus_is_space`.
absl::StatusOr<std::string> PercentDecode(std::string_view text,
                                          bool plus_is_space);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_HTTP_URI_H_
