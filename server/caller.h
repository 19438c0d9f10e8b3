#ifndef GRADMATCH_SERVER_CALLER_H_
#define GRADMATCH_SERVER_CALLER_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace gradmatch {

// What a caller may do is decided by its role; deny by default.
enum class CallerRole {
  kPlatform,   // the national platform: all methods but the operator's
  kSource,     // whoever syncs postings: its own source only
  kOperator,   // runs the service
  kStaff,      // counsellors and employment offices: their own scope only
  kScientist,  // tunes the ranking: no person's record
  kViewer,     // reads figures
};
// "platform", as tokens, certificates and the audit spell it.
std::string_view CallerRoleName(CallerRole role);
std::optional<CallerRole> ParseCallerRole(std::string_view name);
// Whether a caller in this role acts for one tenant.
bool HasTenant(CallerRole role);

// Who calls, as its connection or token proves it; never taken from a request.
struct Caller {
  // As the audit names it: "local", "token/<id>", "cert/<SAN>". No person's
  // name.
  std::string principal;
  CallerRole role = CallerRole::kViewer;
  // Whose data it may touch: the id of its source (kSource) or of its staff
  // entry (kStaff); empty for the other roles. Quotas count by it too.
  std::string tenant;
  // Services or methods ("PostingService", "PostingService.GetPosting") that
  // its token was narrowed to; empty: all that the role may.
  std::vector<std::string> scopes = {};
};

// A process on this machine, on a server without identities: may do everything.
const Caller& LocalCaller();

// Whose request ids these are: two callers may use one. Empty for LocalCaller.
std::string RequestScope(const Caller& caller);
// For whom the page tokens of `method` are: what was made for one tenant is
// refused for another.
std::string PageScope(const Caller& caller, std::string_view method);
// The id of the source that a caller is bound to; nullopt: it may see all.
std::optional<std::string> OnlySource(const Caller& caller);

// Whether a caller may ask which graduates fit a posting: the platform may, and
// staff in its own name. PERMISSION_DENIED for everybody else, above all
// employers. Pure.
absl::Status MayReadGraduates(CallerRole role, bool names_staff);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_CALLER_H_
