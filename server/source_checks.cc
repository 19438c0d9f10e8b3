#include "server/source_checks.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/codes/code_table.h"
#include "matcher/ingest/field_checks.h"
#include "server/resource_name.h"

namespace gradmatch {
namespace {

constexpr size_t kMaxDisplayName = 200;
constexpr int kMaxSyncHours = 366 * 24;

void CheckProvince(const std::string& code,
                   std::vector<ReasonedFieldError>& errors) {
  if (code.empty()) return;
  const CodeTable& regions = *CodeTable::Get("region");
  const CodeEntry* entry = code.size() == 2 ? regions.Find(code) : nullptr;
  if (entry != nullptr && entry->level == 1) return;
  FieldError error;
  error.field = "source.province";
  error.value = code;
  error.allowed = "GB/T 2260 省级代码的两位数字，例如 44（广东）";
  const CodeEntry* province = entry;
  if (province == nullptr) province = regions.Find(code);
  while (province != nullptr && province->level > 1) {
    province = regions.Parent(*province);
  }
  if (province == nullptr) {
    const auto near = regions.Nearest(code, 1);
    if (!near.empty()) province = near.front();
  }
  if (province != nullptr) {
    error.nearest = absl::StrCat(A(province->code.substr(0, 2)), " (",
                                 A(province->name), ")");
  }
  errors.push_back({kCodeUnknown, error});
}

}  // namespace

absl::Status CheckSource(const v1::Source& source) {
  std::vector<ReasonedFieldError> errors;
  const size_t length = CountCharacters(source.display_name());
  if (length == 0 || length > kMaxDisplayName) {
    FieldError error;
    error.field = "source.display_name";
    error.value = source.display_name();
    error.allowed = absl::StrCat("1 至 ", kMaxDisplayName, " 个字符");
    errors.push_back({length == 0 ? kFieldMissing : kFieldTooLong, error});
  }
  if (HasControlCharacters(source.display_name())) {
    FieldError error;
    error.field = "source.display_name";
    error.value = source.display_name();
    error.allowed = "不含换行等控制字符的名称";
    errors.push_back({kFieldInvalid, error});
  }
  if (!v1::Source::Kind_IsValid(source.kind())) {
    FieldError error;
    error.field = "source.kind";
    error.value = absl::StrCat(source.kind());
    error.allowed = "KIND_REGION、KIND_SCHOOL、KIND_JOB_SITE 或 KIND_NATIONAL";
    errors.push_back({kFieldInvalid, error});
  }
  CheckProvince(source.province(), errors);
  if (source.expected_sync_hours() < 0 ||
      source.expected_sync_hours() > kMaxSyncHours) {
    FieldError error;
    error.field = "source.expected_sync_hours";
    error.value = absl::StrCat(source.expected_sync_hours());
    error.allowed =
        absl::StrCat("0 至 ", kMaxSyncHours, " 小时，0 表示没有约定");
    errors.push_back({kFieldOutOfRange, error});
  }
  return errors.empty() ? absl::OkStatus() : InvalidFields(errors);
}

absl::Status CheckSourceId(std::string_view field, std::string_view id) {
  if (IsValidSourceId(id)) return absl::OkStatus();
  FieldError error;
  error.field = std::string(field);
  error.value = std::string(id);
  error.allowed =
      "小写字母、数字和连字符，1 至 63 个字符，首尾为字母或数字，例如 gd-jobs";
  return InvalidField(id.empty() ? kFieldMissing : kNameInvalid, error);
}

}  // namespace gradmatch
