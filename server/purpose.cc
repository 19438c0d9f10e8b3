#include "server/purpose.h"

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "matcher/ingest/field_checks.h"

namespace gradmatch {
namespace {

constexpr size_t kMaxPurpose = 200;

}  // namespace

absl::Status CheckPurpose(const std::string& purpose) {
  const size_t length = CountCharacters(purpose);
  if (length > 0 && length <= kMaxPurpose) return absl::OkStatus();
  FieldError error;
  error.field = "purpose";
  error.value = length == 0 ? "" : absl::StrCat(length, " 个字符");
  error.allowed =
      absl::StrCat("1 至 ", kMaxPurpose, " 个字符，说明依据，例如 本人申请");
  return InvalidField(length == 0 ? kFieldMissing : kFieldTooLong, error);
}

}  // namespace gradmatch
