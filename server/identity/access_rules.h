#ifndef GRADMATCH_SERVER_IDENTITY_ACCESS_RULES_H_
#define GRADMATCH_SERVER_IDENTITY_ACCESS_RULES_H_

#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "server/caller.h"

namespace gradmatch {

// Who may call what, and of whose: one row a method. What has no row is refused
// to everybody; tests fail for a method without a row and for a row without a
// method. Pure functions over one constant table.

// What a field of the request must be for the caller. All are decided from the
// request's text and the caller alone, before anything is read, so that "not
// yours" and "not there" are one answer; but kStudent, see CheckTenant.
enum class Binding {
  kTenant,        // the tenant's name: sources/gd, staff/s-1
  kBelowTenant,   // a name below it: sources/gd/postings/A-1
  kOwnContent,    // content of the tenant: contents/gd.a-policy
  kOwnContentId,  // its id alone: gd.a-policy
  kStudent,       // a graduate whom the caller's staff look after
  kAbsent,        // not set
  kRecall,        // an operation that measures recall: operations/recall-...
};

// `field` is a path of the request, such as "requests.posting.name"; of what is
// repeated, each must fit.
struct BoundField {
  std::string_view field;
  Binding binding;
};

// What one role may do with one method. All bounds must fit; none: anything.
struct RoleRule {
  CallerRole role;
  std::vector<BoundField> bounds;
};

struct AccessRule {
  std::string_view method;  // "PostingService.GetPosting"
  std::vector<RoleRule> roles;
  // Answered by gRPC itself, without a look at who calls: health.
  bool open = false;
};

std::span<const AccessRule> AccessRules();
// Null for a method without a row.
const AccessRule* FindAccessRule(std::string_view method);

// Whether content ids of `source_id` begin so: no source's id has a dot.
std::string ContentIdPrefix(std::string_view source_id);

// Whether the caller's role, and what its token was narrowed to, allow `method`
// at all. PERMISSION_DENIED: PERMISSION_DENIED or SCOPE_DENIED.
absl::Status CheckRole(const Caller& caller, std::string_view method);

// Whether staff look after a graduate, both by resource name; false too when
// there is none of either. Anything wrong with the store: false.
using IsStudent =
    std::function<bool(std::string_view staff_id, const std::string& graduate)>;

// Whether what `request` names is the caller's. PERMISSION_DENIED,
// TENANT_DENIED, with the field and what it may be, the same for what is
// somebody else's and for what is not there.
absl::Status CheckTenant(const Caller& caller, std::string_view method,
                         const google::protobuf::Message& request,
                         const IsStudent& is_student);

// Whether `scope` names a service or method that `role` may call.
bool IsScopeOf(CallerRole role, std::string_view scope);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_IDENTITY_ACCESS_RULES_H_
