#include "matcher/ingest/normalize_graduate.h"

#include <set>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "index/base/error_reasons.h"
#include "index/codes/code_registry.h"
#include "matcher/conditions.h"
#include "matcher/ingest/complete_code.h"
#include "matcher/ingest/field_checks.h"
#include "matcher/ingest/normalize_posting.h"

namespace gradmatch {
namespace {

// What a graduate's record may hold. Texts in Unicode characters.
struct GraduateLimits {
  int64_t educations = 20;
  int64_t majors = 10;  // of one course of study
  int64_t functions = 50;
  int64_t places = 100;
  int64_t kinds = 20;
  int64_t words = 200;  // skills
  int64_t tags = 500;
  int64_t statements = 500;
  size_t short_text = 200;
  size_t text = 10'000;
  int64_t monthly_pay = 10'000'000;
  int64_t experience_months = 600;
  size_t record_bytes = 256 << 10;
};
constexpr GraduateLimits kLimits;

constexpr char kLevels[] = "0 (未说明) 至 6 (博士)";
constexpr char kStrengths[] = "0 至 2 (SOFT 1, HARD 2)";

void CheckEducations(const v1::Profile& profile, FieldChecks& check) {
  check.Count("profile.educations", profile.educations_size(),
              kLimits.educations);
  for (int i = 0; i < profile.educations_size() && i < kLimits.educations;
       ++i) {
    const v1::Education& education = profile.educations(i);
    const std::string path = Indexed("profile.educations", i);
    check.Enum(path + ".level", education.level(),
               v1::EducationLevel_IsValid(education.level()), kLevels);
    check.Code(path + ".school", education.school(), kSchoolSystems);
    check.Count(path + ".majors", education.majors_size(), kLimits.majors);
    for (int m = 0; m < education.majors_size() && m < kLimits.majors; ++m) {
      check.Code(Indexed(path + ".majors", m), education.majors(m),
                 MajorSystemNames());
    }
    if (education.has_graduation_time()) {
      check.Time(path + ".graduation_time", education.graduation_time());
    }
  }
}

void CheckIntent(const v1::Intent& intent, FieldChecks& check) {
  check.Count("profile.intent.functions", intent.functions_size(),
              kLimits.functions);
  for (int i = 0; i < intent.functions_size() && i < kLimits.functions; ++i) {
    check.Code(Indexed("profile.intent.functions", i), intent.functions(i),
               kFunctionSystems);
  }
  check.Count("profile.intent.places", intent.places_size(), kLimits.places);
  for (int i = 0; i < intent.places_size() && i < kLimits.places; ++i) {
    check.Code(Indexed("profile.intent.places", i), intent.places(i),
               kRegionSystems);
  }
  check.Range("profile.intent.min_monthly_pay", intent.min_monthly_pay(), 0,
              kLimits.monthly_pay);
  check.Count("profile.intent.employer_kinds", intent.employer_kinds_size(),
              kLimits.kinds);
  for (int i = 0; i < intent.employer_kinds_size(); ++i) {
    check.Enum(Indexed("profile.intent.employer_kinds", i),
               intent.employer_kinds(i),
               v1::EmployerKind_IsValid(intent.employer_kinds(i)), "1 至 6");
  }
  check.Count("profile.intent.posting_kinds", intent.posting_kinds_size(),
              kLimits.kinds);
  for (int i = 0; i < intent.posting_kinds_size(); ++i) {
    check.Enum(Indexed("profile.intent.posting_kinds", i),
               intent.posting_kinds(i),
               v1::PostingKind_IsValid(intent.posting_kinds(i)), "1 至 13");
  }
  const std::pair<std::string_view, int> strengths[] = {
      {"functions_strength", intent.functions_strength()},
      {"places_strength", intent.places_strength()},
      {"pay_strength", intent.pay_strength()},
      {"employer_kinds_strength", intent.employer_kinds_strength()},
      {"posting_kinds_strength", intent.posting_kinds_strength()}};
  for (const auto& [field, value] : strengths) {
    check.Enum("profile.intent." + std::string(field), value,
               v1::IntentStrength_IsValid(value), kStrengths);
  }
}

// Statements are the person's own: errors name the place, never what was said.
void CheckDeclarations(const v1::Declarations& declarations,
                       FieldChecks& check) {
  const std::string path = "profile.declarations";
  check.Count(path + ".statements", declarations.statements_size(),
              kLimits.statements);
  std::set<std::string_view> seen;
  for (int i = 0; i < declarations.statements_size() && i < kLimits.statements;
       ++i) {
    const std::string& code = declarations.statements(i).code();
    const std::string field = Indexed(path + ".statements", i, "code");
    check.Required(field, code);
    check.Length(field, code, kLimits.short_text);
    if (!code.empty() && !seen.insert(code).second) {
      check.Fail(kFieldInvalid, field, "", "每个代码至多声明一次");
    }
  }
  if (FindContradiction(declarations).has_value()) {
    check.Fail(kFieldInvalid, path + ".statements", "",
               "互相矛盾的声明只保留一项（政治面貌、性别各至多一项成立；"
               "高一级成立时低一级也成立）");
  }
  if (declarations.has_birth_time()) {
    constexpr int64_t kFirstBirth = -946'771'200;  // 1940 in China
    constexpr int64_t kLastBirth = 4'102'444'800;  // 2100
    const int64_t seconds = declarations.birth_time().seconds();
    if (seconds < kFirstBirth || seconds > kLastBirth) {
      check.Fail(kFieldOutOfRange, path + ".birth_time", "",
                 "1940 年以后的日期");
    }
  }
  check.Range(path + ".grassroots_months", declarations.grassroots_months(), 0,
              kLimits.experience_months);
}

constexpr size_t kMaxClassCode = 64;

void CheckPreferences(const v1::Preferences& preferences, FieldChecks& check) {
  check.Count("preferences.tags", preferences.tags_size(), kLimits.tags);
  for (int i = 0; i < preferences.tags_size() && i < kLimits.tags; ++i) {
    const std::string field = Indexed("preferences.tags", i, "tag");
    check.Required(field, preferences.tags(i).tag());
    check.Line(field, preferences.tags(i).tag(), kLimits.short_text);
  }
  check.Count("preferences.muted_kinds", preferences.muted_kinds_size(),
              kLimits.kinds);
  for (int i = 0; i < preferences.muted_kinds_size(); ++i) {
    const int kind = preferences.muted_kinds(i);
    check.Enum(Indexed("preferences.muted_kinds", i), kind,
               kind != 0 && v1::ContentKind_IsValid(kind), "1 至 5");
  }
  check.Count("preferences.muted_posting_kinds",
              preferences.muted_posting_kinds_size(), kLimits.kinds);
  for (int i = 0; i < preferences.muted_posting_kinds_size(); ++i) {
    const int kind = preferences.muted_posting_kinds(i);
    check.Enum(Indexed("preferences.muted_posting_kinds", i), kind,
               kind != 0 && v1::PostingKind_IsValid(kind),
               absl::StrCat("1 至 ", v1::PostingKind_MAX));
  }
  if (preferences.has_pause_end_time()) {
    check.Time("preferences.pause_end_time", preferences.pause_end_time());
  }
}

// A name that is in no table: said without the name, which a graduate wrote.
void FlagUnread(const v1::Code& code, std::string_view field,
                v1::Graduate& graduate) {
  if (!code.code().empty() || code.display().empty()) return;
  *graduate.add_issues() =
      MakeIssue(kIssueCodeMissing, field, "",
                "名称未能对应到代码，已按原文保留；给出代码可获得更准的匹配");
}

void FlagUnknownStatements(v1::Graduate& graduate) {
  const auto& statements = graduate.profile().declarations().statements();
  const CodeTable* table = CodeTable::BuiltIn("condition");
  for (int i = 0; i < statements.size(); ++i) {
    const CodeEntry* entry = table->Find(statements[i].code());
    if (entry != nullptr && entry->level > 1) continue;
    *graduate.add_issues() =
        MakeIssue(kIssueCodeMissing,
                  Indexed("profile.declarations.statements", i, "code"), "",
                  "体系 condition 中没有此代码，已保留，不参与条件核对");
  }
}

}  // namespace

std::vector<v1::RowError> ValidateGraduate(const v1::Graduate& graduate) {
  FieldChecks check;
  const size_t bytes = graduate.ByteSizeLong();
  if (bytes > kLimits.record_bytes) {
    check.Fail(kFieldTooLong, "", absl::StrCat(bytes, " 字节"),
               absl::StrCat("整条记录至多 ", kLimits.record_bytes, " 字节"));
    return check.Take();
  }
  check.Utf8(graduate);
  if (!check.ok()) return check.Take();
  const v1::Profile& profile = graduate.profile();
  CheckEducations(profile, check);
  CheckIntent(profile.intent(), check);
  CheckDeclarations(profile.declarations(), check);
  check.Count("profile.skills", profile.skills_size(), kLimits.words);
  for (int i = 0; i < profile.skills_size() && i < kLimits.words; ++i) {
    check.Length(Indexed("profile.skills", i), profile.skills(i),
                 kLimits.short_text);
  }
  check.Length("profile.text", profile.text(), kLimits.text);
  check.Range("profile.experience_months", profile.experience_months(), -1,
              kLimits.experience_months);
  check.Code("profile.region", profile.region(), kRegionSystems);
  CheckPreferences(graduate.preferences(), check);
  check.Line("class_code", graduate.class_code(), kMaxClassCode);
  check.Enum("lifecycle", graduate.lifecycle(),
             v1::Graduate::Lifecycle_IsValid(graduate.lifecycle()), "0 至 4");
  if (graduate.lifecycle() == v1::Graduate::LIFECYCLE_ERASED) {
    check.Fail(kFieldReadOnly, "lifecycle", "LIFECYCLE_ERASED",
               "ACTIVE, PLACED, OPTED_OUT, FROZEN");
  }
  return check.Take();
}

void NormalizeGraduate(v1::Graduate& graduate) {
  Issues& issues = *graduate.mutable_issues();
  issues.Clear();
  if (!graduate.has_profile()) return;
  v1::Profile& profile = *graduate.mutable_profile();
  for (int i = 0; i < profile.educations_size(); ++i) {
    v1::Education& education = *profile.mutable_educations(i);
    const std::string path = Indexed("profile.educations", i);
    if (education.has_school()) {
      CompleteAndFlag(path + ".school", kSchoolSystems,
                      *education.mutable_school(), issues);
    }
    for (int m = 0; m < education.majors_size(); ++m) {
      const std::string field = Indexed(path + ".majors", m);
      CompleteAndFlag(field, MajorSystemNames(), *education.mutable_majors(m),
                      issues);
      FlagUnread(education.majors(m), field, graduate);
    }
  }
  if (profile.has_intent()) {
    v1::Intent& intent = *profile.mutable_intent();
    for (int i = 0; i < intent.functions_size(); ++i) {
      const std::string field = Indexed("profile.intent.functions", i);
      CompleteAndFlag(field, kFunctionSystems, *intent.mutable_functions(i),
                      issues);
      FlagUnread(intent.functions(i), field, graduate);
    }
    for (int i = 0; i < intent.places_size(); ++i) {
      const std::string field = Indexed("profile.intent.places", i);
      CompleteAndFlag(field, kRegionSystems, *intent.mutable_places(i), issues);
      FlagUnread(intent.places(i), field, graduate);
    }
  }
  if (profile.has_region()) {
    CompleteAndFlag("profile.region", kRegionSystems, *profile.mutable_region(),
                    issues);
  }
  FlagUnknownStatements(graduate);
  CleanWords(profile.mutable_skills());
  CleanText(profile.mutable_text());
}

}  // namespace gradmatch
