#ifndef GRADMATCH_MATCHER_PROFILE_IN_USE_H_
#define GRADMATCH_MATCHER_PROFILE_IN_USE_H_

#include "absl/status/status.h"
#include "gradmatch/v1/graduate.pb.h"

namespace gradmatch {

// What of a graduate's record may be used, and whether. Pure functions.

// The profile without the skills, functions and places whose tag (text, code or
// name) the graduate switched off.
v1::Profile ProfileInUse(const v1::Graduate& graduate);

// What an answer by place and time may read: home region and places wished for,
// none of them a condition.
v1::Profile PlacesOnly(const v1::Profile& profile);

// False when the graduate switched personalisation off.
bool IsPersonalised(const v1::Graduate& graduate);

// FailedPrecondition, GRADUATE_NOT_SERVED, unless ACTIVE.
absl::Status CheckServed(const v1::Graduate& graduate);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_PROFILE_IN_USE_H_
