#ifndef GRADMATCH_SERVER_HTTP_ETAG_H_
#define GRADMATCH_SERVER_HTTP_ETAG_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "server/http/routes.h"

namespace gradmatch {

// The etag of an answer: the resource's own, else made from the text. In the
// form of the header, quoted.
std::string EtagOf(const google::protobuf::Descriptor& type,
                   const std::string& wire, std::string_view json);
// Only the resource's own; empty when it has none.
std::string ResourceEtag(const google::protobuf::Descriptor& type,
                         const std::string& wire);

// Whether If-None-Match names `etag`: weak comparison, a list, or "*".
bool NoneMatchNames(std::string_view header, std::string_view etag);

// What If-Match asks for, without quotes; empty for "*". INVALID_ARGUMENT for a
// list and for a weak one, which never matches.
absl::StatusOr<std::string> ParseIfMatch(std::string_view header);
// The field of the request that holds the etag it may be compared with:
// "posting.etag", "etag"; empty when it has none.
std::string EtagField(const Route& route);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_HTTP_ETAG_H_
