#ifndef GRADMATCH_SERVER_FIELD_MASK_H_
#define GRADMATCH_SERVER_FIELD_MASK_H_

#include <string_view>

#include "absl/status/status.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/message.h"

namespace gradmatch {

// Puts the fields of `patch` that `mask` names into `target`, a message of the
// same type. A named field that `patch` does not set is cleared; lists and
// messages are replaced, not merged. An empty mask names every field that is
// set in `patch`, "*" names all. INVALID_ARGUMENT, FIELD_MASK_INVALID, for a
// path that is no field; `field` is the mask's own path in the request.
absl::Status ApplyFieldMask(std::string_view field,
                            const google::protobuf::FieldMask& mask,
                            const google::protobuf::Message& patch,
                            google::protobuf::Message& target);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_FIELD_MASK_H_
