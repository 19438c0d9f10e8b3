#include "server/operation_provider.h"

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"

namespace gradmatch {

std::string OperationNameOf(std::string_view operation_id) {
  return absl::StrCat("operations/", A(operation_id));
}

absl::Status OperationNotFound(std::string_view name) {
  return MakeError(absl::StatusCode::kNotFound, kOperationNotFound,
                   absl::StrCat("没有长时操作 ", A(name),
                                "；可用 ListOperations 查看已有操作"),
                   {{"name", std::string(name)}});
}

}  // namespace gradmatch
