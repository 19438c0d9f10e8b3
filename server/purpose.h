#ifndef GRADMATCH_SERVER_PURPOSE_H_
#define GRADMATCH_SERVER_PURPOSE_H_

#include <string>

#include "absl/status/status.h"

namespace gradmatch {

// Why something is done to a person's record, as the caller states it in the
// field `purpose`: 1 to 200 characters. INVALID_ARGUMENT.
absl::Status CheckPurpose(const std::string& purpose);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_PURPOSE_H_
