#ifndef GRADMATCH_SERVER_CONTENT_KINDS_H_
#define GRADMATCH_SERVER_CONTENT_KINDS_H_

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "google/protobuf/repeated_field.h"

namespace gradmatch {

// The kinds of content a request asks for, as bits of ContentKind; all of them
// when it names none. INVALID_ARGUMENT for postings, which have methods of
// their own, and for what is no kind.
absl::StatusOr<uint32_t> ParseContentKinds(
    std::string_view field, const google::protobuf::RepeatedField<int>& kinds);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_CONTENT_KINDS_H_
