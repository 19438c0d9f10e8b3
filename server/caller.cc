#include "server/caller.h"

#include "index/base/error.h"
#include "index/base/error_reasons.h"

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
