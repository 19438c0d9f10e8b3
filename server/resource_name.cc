#include "server/resource_name.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/keys.h"

namespace gradmatch {
namespace {

bool IsLowerOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool IsAlphaNumeric(char c) {
  return IsLowerOrDigit(c) || (c >= 'A' && c <= 'Z');
}

absl::Status BadName(std::string_view field, std::string_view pattern,
                     std::string_view name) {
  FieldError error;
  error.field = std::string(field);
  error.value = std::string(name);
  error.allowed = absl::StrCat(
      A(pattern), "，每个编号 1 至 64 个字符，限 A-Z a-z 0-9 . _ ~ -");
  return InvalidField(name.empty() ? kFieldMissing : kNameInvalid, error);
}

absl::StatusOr<std::string> LastId(std::string_view field,
                                   std::string_view pattern,
                                   std::string_view name) {
  absl::StatusOr<std::vector<std::string>> ids =
      ParseResourceName(field, pattern, name);
  if (!ids.ok()) return ids.status();
  return ids->back();
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ParseResourceName(
    std::string_view field, std::string_view pattern, std::string_view name) {
  const std::vector<absl::string_view> want = absl::StrSplit(A(pattern), '/');
  const std::vector<absl::string_view> have = absl::StrSplit(A(name), '/');
  if (want.size() != have.size()) return BadName(field, pattern, name);
  std::vector<std::string> ids;
  for (size_t i = 0; i < want.size(); ++i) {
    const bool is_id = !want[i].empty() && want[i].front() == '{';
    if (is_id ? !IsValidId(S(have[i])) : want[i] != have[i]) {
      return BadName(field, pattern, name);
    }
    if (is_id) ids.emplace_back(have[i]);
  }
  return ids;
}

absl::StatusOr<PostingName> ParsePostingName(std::string_view field,
                                             std::string_view name) {
  absl::StatusOr<std::vector<std::string>> ids =
      ParseResourceName(field, "sources/{source}/postings/{posting}", name);
  if (!ids.ok()) return ids.status();
  return PostingName{std::move((*ids)[0]), std::move((*ids)[1])};
}

absl::StatusOr<std::string> ParseSourceName(std::string_view field,
                                            std::string_view name) {
  return LastId(field, "sources/{source}", name);
}

absl::StatusOr<std::string> ParseGraduateName(std::string_view field,
                                              std::string_view name) {
  return LastId(field, "graduates/{graduate}", name);
}

absl::StatusOr<std::string> ParseContentName(std::string_view field,
                                             std::string_view name) {
  return LastId(field, "contents/{content}", name);
}

absl::StatusOr<std::string> ParsePushPlanName(std::string_view field,
                                              std::string_view name) {
  return LastId(field, "pushPlans/{push_plan}", name);
}

absl::StatusOr<std::string> ParsePushRunName(std::string_view field,
                                             std::string_view name) {
  return LastId(field, "pushRuns/{push_run}", name);
}

absl::StatusOr<std::string> ParseStaffName(std::string_view field,
                                           std::string_view name) {
  return LastId(field, "staff/{staff}", name);
}

absl::StatusOr<std::string> ParseOperationName(std::string_view field,
                                               std::string_view name) {
  return LastId(field, "operations/{operation}", name);
}

absl::StatusOr<std::string> ParseSourceParent(std::string_view field,
                                              std::string_view parent) {
  absl::StatusOr<std::string> id = ParseSourceName(field, parent);
  if (id.ok() && *id == "-") return std::string();
  return id;
}

bool IsValidSourceId(std::string_view id) {
  if (id.empty() || id.size() > 63) return false;
  if (!IsLowerOrDigit(id.front()) || !IsLowerOrDigit(id.back())) return false;
  for (const char c : id) {
    if (!IsLowerOrDigit(c) && c != '-') return false;
  }
  return true;
}

bool IsValidGraduateId(std::string_view id) {
  return IsValidId(id) && IsAlphaNumeric(id.front());
}

bool IsValidContentId(std::string_view id) { return IsValidGraduateId(id); }
bool IsValidStaffId(std::string_view id) { return IsValidGraduateId(id); }

std::string SourceNameOf(std::string_view source_id) {
  return absl::StrCat("sources/", A(source_id));
}

std::string PostingNameOf(std::string_view source_id,
                          std::string_view posting_id) {
  return absl::StrCat("sources/", A(source_id), "/postings/", A(posting_id));
}

std::string GraduateNameOf(std::string_view graduate_id) {
  return absl::StrCat("graduates/", A(graduate_id));
}

std::string ContentNameOf(std::string_view content_id) {
  return absl::StrCat("contents/", A(content_id));
}

std::string StaffNameOf(std::string_view staff_id) {
  return absl::StrCat("staff/", A(staff_id));
}

}  // namespace gradmatch
