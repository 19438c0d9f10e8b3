#ifndef GRADMATCH_TESTS_SERVER_IDENTITY_ROLE_REQUESTS_H_
#define GRADMATCH_TESTS_SERVER_IDENTITY_ROLE_REQUESTS_H_

#include <string>

#include "server/caller.h"

namespace gradmatch {

// A right request of a method for a caller in this role, as JSON against an
// IdentityWorld: that of method_rows.h, but where a role has to ask otherwise.
std::string RightRequestFor(CallerRole role, const std::string& method);

// Which of IdentityWorld's callers has that role; for roles with a tenant the
// one whose things the right requests name, and the one whose they are not.
std::string CallerIn(CallerRole role);
std::string OtherCallerIn(CallerRole role);

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_SERVER_IDENTITY_ROLE_REQUESTS_H_
