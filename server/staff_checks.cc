#include "server/staff_checks.h"

#include <algorithm>
#include <set>
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

constexpr int kMaxSchools = 100;
constexpr int kMaxClasses = 500;
constexpr size_t kMaxClassCode = 64;

using Errors = std::vector<ReasonedFieldError>;
using Texts = google::protobuf::RepeatedPtrField<std::string>;

void Add(std::string_view reason, std::string field, std::string value,
         std::string allowed, std::string nearest, Errors& errors) {
  if (errors.size() >= 10) return;
  errors.push_back({std::string(reason),
                    {std::move(field), std::move(value), std::move(allowed),
                     std::move(nearest)}});
}

void CheckTwice(std::string_view list, const Texts& texts, Errors& errors) {
  std::set<std::string_view> seen;
  for (int i = 0; i < texts.size(); ++i) {
    if (seen.insert(texts[i]).second) continue;
    Add(kDuplicateId, Indexed(list, i), texts[i], "每项只出现一次", "", errors);
  }
}

void CheckSchools(const v1::Staff& staff, Errors& errors) {
  const int count = staff.schools_size();
  if (count == 0 || count > kMaxSchools) {
    Add(count == 0 ? kFieldMissing : kFieldOutOfRange, "staff.schools",
        absl::StrCat(count, " 项"),
        absl::StrCat("1 至 ", kMaxSchools, " 个学校代码"), "", errors);
    return;
  }
  const CodeTable& schools = *CodeTable::Get("school");
  for (int i = 0; i < count; ++i) {
    const std::string& code = staff.schools(i);
    const CodeEntry* entry = schools.Find(code);
    if (entry != nullptr && entry->code == code) continue;
    std::string nearest;
    if (const auto near = schools.Nearest(code, 1); !near.empty()) {
      nearest = Describe(*near.front());
    }
    Add(kCodeUnknown, Indexed("staff.schools", i), code,
        "学校代码（10 位数字）", nearest, errors);
  }
  CheckTwice("staff.schools", staff.schools(), errors);
}

void CheckClasses(const v1::Staff& staff, Errors& errors) {
  if (staff.class_codes_size() > kMaxClasses) {
    Add(kFieldOutOfRange, "staff.class_codes",
        absl::StrCat(staff.class_codes_size(), " 项"),
        absl::StrCat("至多 ", kMaxClasses, " 个班级代码"), "", errors);
    return;
  }
  for (int i = 0; i < staff.class_codes_size(); ++i) {
    const size_t length = CountCharacters(staff.class_codes(i));
    const bool control = HasControlCharacters(staff.class_codes(i));
    if (length >= 1 && length <= kMaxClassCode && !control) continue;
    Add(length == 0              ? kFieldMissing
        : length > kMaxClassCode ? kFieldTooLong
                                 : kFieldInvalid,
        Indexed("staff.class_codes", i), staff.class_codes(i),
        absl::StrCat("1 至 ", kMaxClassCode, " 个字符，不含换行等控制字符"), "",
        errors);
  }
  CheckTwice("staff.class_codes", staff.class_codes(), errors);
}

bool Has(const Texts& texts, const std::string& text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

}  // namespace

absl::Status CheckStaff(const v1::Staff& staff) {
  Errors errors;
  if (staff.kind() == v1::Staff::KIND_UNSPECIFIED ||
      !v1::Staff::Kind_IsValid(staff.kind())) {
    Add(staff.kind() == 0 ? kFieldMissing : kFieldInvalid, "staff.kind",
        absl::StrCat(staff.kind()),
        "KIND_COUNSELLOR（辅导员）或 KIND_EMPLOYMENT_OFFICE（就业办）", "",
        errors);
  }
  CheckSchools(staff, errors);
  CheckClasses(staff, errors);
  return errors.empty() ? absl::OkStatus() : InvalidFields(errors);
}

absl::Status CheckStaffId(std::string_view field, std::string_view id) {
  if (IsValidStaffId(id)) return absl::OkStatus();
  return InvalidField(
      id.empty() ? kFieldMissing : kNameInvalid,
      {std::string(field), std::string(id),
       "[A-Za-z0-9][A-Za-z0-9._~-]{0,63}，须为代号，不得含姓名", ""});
}

bool InScope(const v1::Staff& staff, const v1::Graduate& graduate) {
  if (graduate.profile().educations().empty()) return false;
  const std::string& school = graduate.profile().educations(0).school().code();
  if (school.empty() || !Has(staff.schools(), school)) return false;
  return staff.class_codes().empty() ||
         Has(staff.class_codes(), graduate.class_code());
}

}  // namespace gradmatch
