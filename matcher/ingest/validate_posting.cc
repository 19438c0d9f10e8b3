#include "matcher/ingest/validate_posting.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "index/base/error_reasons.h"
#include "index/codes/code_registry.h"
#include "index/codes/code_table.h"
#include "matcher/ingest/field_checks.h"
#include "matcher/ingest/posting_limits.h"

namespace gradmatch {
namespace {

constexpr const PostingLimits& kLimits = kPostingLimits;
constexpr char kPostingKinds[] = "0 至 13";
static_assert(v1::PostingKind_MAX == 13);

void CheckTexts(const v1::Posting& p, FieldChecks& check) {
  check.Required("source_posting_id", p.source_posting_id());
  check.Length("source_posting_id", p.source_posting_id(),
               kLimits.source_posting_id);
  check.Required("title", p.title());
  check.Length("title", p.title(), kLimits.title);
  check.Required("employer.name", p.employer().name());
  check.Length("employer.name", p.employer().name(), kLimits.employer_name);
  check.Length("employer.uscc", p.employer().uscc(), kLimits.short_text);
  check.Length("employer.size", p.employer().size(), kLimits.short_text);
  check.Length("description", p.description(), kLimits.description);
  check.Length("requirements", p.requirements(), kLimits.description);
  check.Length("apply_url", p.apply_url(), kLimits.url);
  check.Count("skills", p.skills_size(), kLimits.words);
  for (int i = 0; i < p.skills_size() && i < kLimits.words; ++i) {
    check.Length(Indexed("skills", i), p.skills(i), kLimits.short_text);
  }
  check.Count("benefits", p.benefits_size(), kLimits.words);
  for (int i = 0; i < p.benefits_size() && i < kLimits.words; ++i) {
    check.Length(Indexed("benefits", i), p.benefits(i), kLimits.short_text);
  }
}

void CheckSalary(const v1::Salary& salary, FieldChecks& check) {
  check.Range("salary.min_monthly", salary.min_monthly(), 0,
              kLimits.monthly_pay);
  check.Range("salary.max_monthly", salary.max_monthly(), 0,
              kLimits.monthly_pay);
  if (salary.months_per_year() != 0) {
    check.Range("salary.months_per_year", salary.months_per_year(), 12, 36);
  }
  if (salary.min_monthly() > 0 && salary.max_monthly() > 0 &&
      salary.min_monthly() > salary.max_monthly()) {
    check.Fail(
        kFieldOutOfRange, "salary.min_monthly",
        absl::StrCat(salary.min_monthly()),
        absl::StrCat("不大于 salary.max_monthly (", salary.max_monthly(), ")"),
        absl::StrCat(salary.max_monthly()));
  }
  check.Length("salary.raw", salary.raw(), kLimits.raw);
}

void CheckEducation(const v1::EducationRequirement& e, FieldChecks& check) {
  constexpr char kLevels[] = "0 (不限) 至 6 (博士)";
  check.Enum("education.min_level", e.min_level(),
             v1::EducationLevel_IsValid(e.min_level()), kLevels);
  check.Enum("education.max_level", e.max_level(),
             v1::EducationLevel_IsValid(e.max_level()), kLevels);
  if (e.max_level() != 0 && e.min_level() > e.max_level()) {
    check.Fail(kFieldOutOfRange, "education.min_level",
               v1::EducationLevel_Name(e.min_level()),
               absl::StrCat("不高于 education.max_level (",
                            v1::EducationLevel_Name(e.max_level()), ")"),
               v1::EducationLevel_Name(e.max_level()));
  }
  check.Length("education.raw", e.raw(), kLimits.raw);
}

void CheckMajors(const v1::MajorRequirement& majors, FieldChecks& check) {
  check.Count("majors.groups", majors.groups_size(), kLimits.major_groups);
  for (int g = 0; g < majors.groups_size() && g < kLimits.major_groups; ++g) {
    const v1::MajorRequirement::Group& group = majors.groups(g);
    const std::string path = Indexed("majors.groups", g);
    for (int i = 0; i < group.levels_size(); ++i) {
      check.Enum(path + ".levels", group.levels(i),
                 v1::EducationLevel_IsValid(group.levels(i)) &&
                     group.levels(i) != v1::EDUCATION_LEVEL_UNSPECIFIED,
                 "1 (初中及以下) 至 6 (博士)");
    }
    check.Count(path + ".codes", group.codes_size(), kLimits.major_codes);
    for (int i = 0; i < group.codes_size() && i < kLimits.major_codes; ++i) {
      check.Code(Indexed(path + ".codes", i), group.codes(i),
                 MajorSystemNames());
    }
    if (group.codes_size() == 0 && !group.any_major()) {
      check.Fail(kFieldMissing, path, "", "codes 或 any_major");
    }
  }
  check.Length("majors.raw", majors.raw(), kLimits.raw);
}

void CheckCodes(const v1::Posting& p, FieldChecks& check) {
  check.Code("employer.industry", p.employer().industry(), kIndustrySystems);
  check.Count("locations", p.locations_size(), kLimits.locations);
  for (int i = 0; i < p.locations_size() && i < kLimits.locations; ++i) {
    check.Code(Indexed("locations", i, "region"), p.locations(i).region(),
               kRegionSystems);
    check.Length(Indexed("locations", i, "address"), p.locations(i).address(),
                 kLimits.address);
  }
  check.Count("functions", p.functions_size(), kLimits.functions);
  for (int i = 0; i < p.functions_size() && i < kLimits.functions; ++i) {
    check.Code(Indexed("functions", i), p.functions(i), kFunctionSystems);
  }
}

void CheckVisibility(const v1::Visibility& visibility, FieldChecks& check) {
  check.Count("visibility.provinces", visibility.provinces_size(),
              kLimits.provinces);
  const CodeTable* regions = CodeTable::Get("region");
  for (int i = 0; i < visibility.provinces_size(); ++i) {
    const std::string& code = visibility.provinces(i);
    const CodeEntry* entry =
        code.size() == 2 && regions ? regions->Find(code) : nullptr;
    if (entry != nullptr) continue;
    const auto nearest =
        regions ? regions->Nearest(code, 1) : std::vector<const CodeEntry*>();
    check.Fail(kCodeUnknown, Indexed("visibility.provinces", i), code,
               "两位省级行政区划代码",
               nearest.empty() ? "" : nearest[0]->code.substr(0, 2));
  }
  check.Count("visibility.schools", visibility.schools_size(), kLimits.schools);
  for (int i = 0; i < visibility.schools_size() && i < kLimits.schools; ++i) {
    check.Length(Indexed("visibility.schools", i), visibility.schools(i),
                 kLimits.short_text);
  }
}

void CheckTimes(const v1::Posting& p, FieldChecks& check) {
  if (p.has_publish_time()) check.Time("publish_time", p.publish_time());
  if (p.has_expire_time()) check.Time("expire_time", p.expire_time());
  if (p.has_publish_time() && p.has_expire_time() &&
      p.expire_time().seconds() < p.publish_time().seconds()) {
    check.Fail(kDatesOutOfOrder, "expire_time",
               absl::StrCat(p.expire_time().seconds(), " 秒"),
               absl::StrCat("不早于 publish_time (", p.publish_time().seconds(),
                            " 秒)"));
  }
}

// Only the state may ask for a sex, and only of official posts.
void CheckLawful(const v1::Posting& p, const v1::PostingCondition& condition,
                 const std::string& path, FieldChecks& check) {
  if (condition.kind() != v1::PostingCondition::KIND_SEX ||
      p.kind() == v1::POSTING_KIND_PUBLIC ||
      p.kind() == v1::POSTING_KIND_MILITARY) {
    return;
  }
  check.Fail(kFieldInvalid, path + ".kind", "KIND_SEX",
             "性别条件只允许用于 PUBLIC 或 MILITARY 的岗位");
}

void CheckConditions(const v1::Posting& p, FieldChecks& check) {
  check.Count("conditions", p.conditions_size(), kLimits.conditions);
  for (int i = 0; i < p.conditions_size() && i < kLimits.conditions; ++i) {
    const v1::PostingCondition& condition = p.conditions(i);
    const std::string path = Indexed("conditions", i);
    check.Enum(path + ".kind", condition.kind(),
               v1::PostingCondition::Kind_IsValid(condition.kind()), "0 至 12");
    CheckLawful(p, condition, path, check);
    check.Count(path + ".any_of", condition.any_of_size(),
                kLimits.condition_codes);
    for (const std::string& code : condition.any_of()) {
      check.Length(path + ".any_of", code, kLimits.short_text);
    }
    check.Range(path + ".min", condition.min(), 0, kLimits.last_year);
    check.Range(path + ".max", condition.max(), 0, kLimits.last_year);
    for (int level : condition.levels()) {
      check.Enum(path + ".levels", level,
                 v1::EducationLevel_IsValid(level) &&
                     level != v1::EDUCATION_LEVEL_UNSPECIFIED,
                 "1 (初中及以下) 至 6 (博士)");
    }
    check.Count(path + ".majors", condition.majors_size(), kLimits.major_codes);
    for (int m = 0; m < condition.majors_size() && m < kLimits.major_codes;
         ++m) {
      check.Code(Indexed(path + ".majors", m), condition.majors(m),
                 MajorSystemNames());
    }
    check.Length(path + ".raw", condition.raw(), kLimits.raw);
  }
}

void CheckNumbers(const v1::Posting& p, FieldChecks& check) {
  if (p.revision() < 0) {
    check.Fail(kFieldOutOfRange, "revision", absl::StrCat(p.revision()),
               "0 或更大", "0");
  }
  check.Range("openings", p.openings(), 0, kLimits.openings);
  check.Range("experience_months", p.experience_months(), 0,
              kLimits.experience_months);
  check.Count("graduation_years", p.graduation_years_size(),
              kLimits.graduation_years);
  for (int i = 0; i < p.graduation_years_size() && i < kLimits.graduation_years;
       ++i) {
    check.Range(Indexed("graduation_years", i), p.graduation_years(i),
                kLimits.first_year, kLimits.last_year);
  }
  // What the service sets may come back as it was read, and is set anew.
  check.Enum("state", p.state(),
             v1::Posting::State_IsValid(p.state()) &&
                 p.state() != v1::Posting::STATE_DELETED,
             "STATE_DRAFT、STATE_OPEN 或 STATE_CLOSED；删除请用 DeletePosting");
  check.Enum("kind", p.kind(), v1::PostingKind_IsValid(p.kind()),
             kPostingKinds);
  check.Enum("employer.kind", p.employer().kind(),
             v1::EmployerKind_IsValid(p.employer().kind()), "0 至 6");
}

}  // namespace

std::vector<v1::RowError> ValidatePosting(const v1::Posting& posting) {
  FieldChecks check;
  const size_t bytes = posting.ByteSizeLong();
  if (bytes > kLimits.record_bytes) {
    check.Fail(kFieldTooLong, "", absl::StrCat(bytes, " 字节"),
               absl::StrCat("整条记录至多 ", kLimits.record_bytes, " 字节"));
    return check.Take();
  }
  check.Utf8(posting);
  if (!check.ok()) return check.Take();  // characters cannot be counted
  CheckTexts(posting, check);
  CheckSalary(posting.salary(), check);
  CheckEducation(posting.education(), check);
  CheckMajors(posting.majors(), check);
  CheckCodes(posting, check);
  CheckVisibility(posting.visibility(), check);
  CheckTimes(posting, check);
  CheckNumbers(posting, check);
  CheckConditions(posting, check);
  return check.Take();
}

}  // namespace gradmatch
