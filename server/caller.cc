#include "server/caller.h"

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"

namespace gradmatch {

std::string_view CallerRoleName(CallerRole role) {
  switch (role) {
    case CallerRole::kPlatform:
      return "platform";
    case CallerRole::kSource:
      return "source";
    case CallerRole::kOperator:
      return "operator";
    case CallerRole::kStaff:
      return "staff";
    case CallerRole::kScientist:
      return "scientist";
    case CallerRole::kViewer:
      break;
  }
  return "viewer";
}

std::optional<CallerRole> ParseCallerRole(std::string_view name) {
  for (const CallerRole role :
       {CallerRole::kPlatform, CallerRole::kSource, CallerRole::kOperator,
        CallerRole::kStaff, CallerRole::kScientist, CallerRole::kViewer}) {
    if (CallerRoleName(role) == name) return role;
  }
  return std::nullopt;
}

bool HasTenant(CallerRole role) {
  return role == CallerRole::kSource || role == CallerRole::kStaff;
}

std::string RequestScope(const Caller& caller) {
  // What was kept before there were identities is found again.
  return caller.principal == LocalCaller().principal ? "" : caller.principal;
}

std::string PageScope(const Caller& caller, std::string_view method) {
  if (caller.tenant.empty()) return std::string(method);
  // Neither is in a method's name.
  return absl::StrCat(A(method), "@", A(CallerRoleName(caller.role)), "/",
                      caller.tenant);
}

std::optional<std::string> OnlySource(const Caller& caller) {
  if (caller.role != CallerRole::kSource) return std::nullopt;
  return caller.tenant;
}

const Caller& LocalCaller() {
  static const auto& local =
      *new Caller{.principal = "local", .role = CallerRole::kPlatform};
  return local;
}

absl::Status MayReadGraduates(CallerRole role, bool names_staff) {
  switch (role) {
    case CallerRole::kPlatform:
      return absl::OkStatus();
    case CallerRole::kStaff:
      if (names_staff) return absl::OkStatus();
      break;
    case CallerRole::kSource:
    case CallerRole::kOperator:
    case CallerRole::kScientist:
    case CallerRole::kViewer:
      break;
  }
  return MakeError(absl::StatusCode::kPermissionDenied, kPermissionDenied,
                   "按岗位查找毕业生仅限平台和就业工作人员（须注明 "
                   "staff）；用人单位不可调用");
}

}  // namespace gradmatch
