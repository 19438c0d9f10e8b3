#ifndef GRADMATCH_SERVER_STAFF_CHECKS_H_
#define GRADMATCH_SERVER_STAFF_CHECKS_H_

#include <string_view>

#include "absl/status/status.h"
#include "gradmatch/v1/graduate.pb.h"
#include "gradmatch/v1/staff_service.pb.h"

namespace gradmatch {

// Pure functions about staff.

// Whether staff may be stored: kind set, 1 to 100 known schools, at most 500
// class codes of 1 to 64 characters, nothing twice. INVALID_ARGUMENT with every
// wrong field.
absl::Status CheckStaff(const v1::Staff& staff);

// INVALID_ARGUMENT unless IsValidStaffId.
absl::Status CheckStaffId(std::string_view field, std::string_view id);

// Whether staff look after a graduate: the school of its latest education is
// one of theirs, and so is its class, unless they look after all classes. Who
// states no school is looked after by nobody.
bool InScope(const v1::Staff& staff, const v1::Graduate& graduate);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_STAFF_CHECKS_H_
