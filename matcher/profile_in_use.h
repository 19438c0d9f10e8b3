#ifndef GRADMATCH_MATCHER_PROFILE_IN_USE_H_
#define GRADMATCH_MATCHER_PROFILE_IN_USE_H_

#include <vector>

#include "absl/status/status.h"
#include "gradmatch/v1/graduate.pb.h"

namespace gradmatch {

// What of a graduate's record may be used, and whether. Pure functions.

// The profile without what the graduate switched off: skills, functions and
// places by their tag (text, code or name), and words of the free text, which
// then is in matching form.
v1::Profile ProfileInUse(const v1::Graduate& graduate);

// What an answer by place and time may read: home region and places wished for
// that are not switched off, none of them a condition.
v1::Profile PlacesInUse(const v1::Graduate& graduate);

// Kinds of posting the graduate does not want, ascending; every kind when
// postings are muted as a whole.
std::vector<int> MutedPostingKinds(const v1::Preferences& preferences);

// False when the graduate switched personalisation off.
bool IsPersonalised(const v1::Graduate& graduate);

// FailedPrecondition, GRADUATE_NOT_SERVED, unless ACTIVE.
absl::Status CheckServed(const v1::Graduate& graduate);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_PROFILE_IN_USE_H_
