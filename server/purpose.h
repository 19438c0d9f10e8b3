#ifndef GRADMATCH_SERVER_PURPOSE_H_
#define GRADMATCH_SERVER_PURPOSE_H_

#include <string_view>

#include "absl/status/status.h"

namespace gradmatch {

// Why something is asked for or done, as the caller states it in the field
// `purpose`: 1 to 200 characters without line breaks and the like.
// INVALID_ARGUMENT.
absl::Status CheckPurpose(std::string_view purpose);

// The same for what is done to one graduate. The purpose is kept in the audit
// for good, so one that holds the graduate's id is refused too: the id would
// outlive an erasure.
absl::Status CheckPurposeFor(std::string_view graduate_id,
                             std::string_view purpose);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_PURPOSE_H_
