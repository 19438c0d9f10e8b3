#ifndef GRADMATCH_SERVER_CALLER_H_
#define GRADMATCH_SERVER_CALLER_H_

#include "absl/status/status.h"

namespace gradmatch {

// Who calls. Until connections carry an identity, every caller is the platform:
// the listener is bound to this machine.
enum class CallerRole {
  kPlatform,  // the operator of the service
  kStaff,     // counsellors and employment offices
  kSource,    // whoever syncs postings
  kEmployer,
};
inline CallerRole CurrentCaller() { return CallerRole::kPlatform; }

// Whether a caller may ask which graduates fit a posting: the platform may, and
// staff in its own name. PERMISSION_DENIED for everybody else, above all
// employers. Pure.
absl::Status MayReadGraduates(CallerRole role, bool names_staff);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_CALLER_H_
