#ifndef GRADMATCH_SERVER_SOURCE_CHECKS_H_
#define GRADMATCH_SERVER_SOURCE_CHECKS_H_

#include <string_view>

#include "absl/status/status.h"
#include "gradmatch/v1/source.pb.h"

namespace gradmatch {

// Whether a source may be stored as it is: display_name (1-200 characters),
// kind, province (one of GB/T 2260, two digits). INVALID_ARGUMENT with every
// wrong field, nearest valid province included. Pure.
absl::Status CheckSource(const v1::Source& source);

// INVALID_ARGUMENT unless IsValidSourceId.
absl::Status CheckSourceId(std::string_view field, std::string_view id);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_SOURCE_CHECKS_H_
