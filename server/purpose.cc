#include "server/purpose.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "matcher/ingest/field_checks.h"

namespace gradmatch {
namespace {

constexpr size_t kMaxPurpose = 200;

bool IsIdByte(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' ||
         c == '_' || c == '~' || c == '-';
}

// As a word of its own: the id 1 is not named by 2021.
bool Names(std::string_view text, std::string_view id) {
  for (size_t at = text.find(id); at != std::string_view::npos;
       at = text.find(id, at + 1)) {
    const size_t end = at + id.size();
    const bool begins = at == 0 || !IsIdByte(text[at - 1]);
    const bool ends = end == text.size() || !IsIdByte(text[end]);
    if (begins && ends) return true;
  }
  return false;
}

}  // namespace

absl::Status CheckPurpose(std::string_view purpose) {
  const size_t length = CountCharacters(purpose);
  const bool control = HasControlCharacters(purpose);
  if (length > 0 && length <= kMaxPurpose && !control) return absl::OkStatus();
  FieldError error;
  error.field = "purpose";
  error.value = length == 0 ? "" : absl::StrCat(length, " 个字符");
  error.allowed = absl::StrCat("1 至 ", kMaxPurpose,
                               " 个字符，不含换行等控制字符，写明依据或用途，"
                               "例如“本人申请”或“学院认定，2026 年 3 月”");
  return InvalidField(length == 0            ? kFieldMissing
                      : length > kMaxPurpose ? kFieldTooLong
                                             : kFieldInvalid,
                      error);
}

absl::Status CheckPurposeFor(std::string_view graduate_id,
                             std::string_view purpose) {
  absl::Status valid = CheckPurpose(purpose);
  if (!valid.ok() || !Names(purpose, graduate_id)) return valid;
  return InvalidField(kFieldInvalid,
                      {"purpose", "其中有该毕业生的编号",
                       "只写依据，不写编号，例如“本人申请”", ""});
}

}  // namespace gradmatch
