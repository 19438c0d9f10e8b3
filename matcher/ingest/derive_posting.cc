#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "index/base/strings.h"
#include "index/codes/code_table.h"
#include "matcher/ingest/condition_proto.h"
#include "matcher/ingest/field_checks.h"
#include "matcher/ingest/normalize_posting.h"
#include "matcher/text/parse_condition.h"
#include "matcher/text/parse_count.h"
#include "matcher/text/parse_degree.h"
#include "matcher/text/parse_function.h"
#include "matcher/text/parse_major.h"
#include "matcher/text/parse_place.h"
#include "matcher/text/parse_salary.h"

namespace gradmatch {
namespace {

v1::Code MakeCode(std::string_view system, std::string_view code) {
  v1::Code out;
  out.set_system(std::string(system));
  out.set_code(std::string(code));
  // Text is read with the program's tables; a newer one may know better.
  const CodeTable* table = CodeTable::Get(system);
  const CodeEntry* entry =
      table ? table->Find(code, CodeTable::Former::kFollow) : nullptr;
  if (entry != nullptr) {
    out.set_code(std::string(entry->code));
    out.set_display(std::string(entry->name));
  } else if (const CodeTable* own = CodeTable::BuiltIn(system)) {
    out.set_display(std::string(own->Name(code)));
  }
  return out;
}

void AddDerived(v1::Posting& p, std::string_view field, std::string_view value,
                std::string_view note) {
  *p.add_issues() = MakeIssue(kIssueDerived, field, value,
                              note.empty() ? "由文本识别" : note);
}

// Fills the first place of the text into `location`; the others become
// locations of their own, since one address may name several cities.
void SetPlaces(const Places& places, int index, v1::Posting& p) {
  for (size_t i = 0; i < places.codes.size(); ++i) {
    v1::Location& location =
        i == 0 ? *p.mutable_locations(index) : *p.add_locations();
    *location.mutable_region() = MakeCode("region", places.codes[i]);
  }
}

v1::MajorRequirement::Group MakeGroup(const MajorRequirement& read) {
  v1::MajorRequirement::Group group;
  for (const MajorCode& major : read.codes) {
    *group.add_codes() = MakeCode(major.system, major.code);
  }
  return group;
}

std::string Names(const v1::MajorRequirement::Group& group) {
  std::string names;
  for (const v1::Code& code : group.codes()) {
    absl::StrAppend(&names, names.empty() ? "" : "、", code.display());
  }
  return names;
}

// What keeps a list of majors open: text that was not understood, or the words
// that say the list is not complete. Empty for a closed list.
std::string OpenEnd(const MajorRequirement& read) {
  if (!read.leftover.empty()) return read.leftover;
  return read.related ? "等相关专业" : "";
}

}  // namespace

void DerivePlaces(v1::Posting& p) {
  const int given = p.locations_size();
  for (int i = 0; i < given; ++i) {
    const v1::Location& location = p.locations(i);
    if (!location.region().code().empty()) continue;
    const std::string text = !location.region().display().empty()
                                 ? location.region().display()
                                 : location.address();
    if (text.empty()) continue;
    Parsed<Places> read = ParsePlaces(text);
    if (!read.understood() && text != location.address()) {
      read = ParsePlaces(location.address());
    }
    const std::string field = Indexed("locations", i, "region");
    if (!read.understood()) {
      *p.add_issues() =
          MakeIssue(kIssueNotUnderstood, field, text,
                    "未识别的工作地点，已按原文保留；请给出行政区划代码");
      continue;
    }
    AddDerived(p, field, text, read.note);
    SetPlaces(*read.value, i, p);
  }
}

void DerivePay(v1::Posting& p) {
  if (!p.has_salary() || p.salary().raw().empty() ||
      p.salary().min_monthly() > 0 || p.salary().max_monthly() > 0 ||
      p.salary().negotiable()) {
    return;
  }
  const Parsed<Salary> read = ParseSalary(p.salary().raw());
  const auto fits = [](const std::optional<int64_t>& pay) {
    return !pay.has_value() || (*pay >= 0 && *pay <= 10'000'000);
  };
  if (!read.understood() || !fits(read.value->min) || !fits(read.value->max)) {
    *p.add_issues() =
        MakeIssue(kIssueNotUnderstood, "salary", p.salary().raw(),
                  "未识别的薪资写法，已按原文保留；例：8000-12000元/月");
    return;
  }
  v1::Salary& salary = *p.mutable_salary();
  salary.set_min_monthly(static_cast<int32_t>(read.value->min.value_or(0)));
  salary.set_max_monthly(static_cast<int32_t>(read.value->max.value_or(0)));
  salary.set_negotiable(read.value->negotiable);
  if (!read.value->negotiable && read.value->months >= 12) {
    salary.set_months_per_year(read.value->months);
  }
  AddDerived(p, "salary", salary.raw(), read.note);
}

void DeriveDegree(v1::Posting& p) {
  if (!p.has_education() || p.education().raw().empty() ||
      p.education().min_level() != 0 || p.education().max_level() != 0) {
    return;
  }
  const Parsed<DegreeRange> read = ParseDegree(p.education().raw());
  if (!read.understood()) {
    *p.add_issues() =
        MakeIssue(kIssueNotUnderstood, "education", p.education().raw(),
                  "未识别的学历要求，已按原文保留；例：本科及以上");
    return;
  }
  v1::EducationRequirement& education = *p.mutable_education();
  // A stated "no requirement" is the lowest level, so that it does not look
  // like text nobody understood.
  education.set_min_level(
      static_cast<v1::EducationLevel>(static_cast<int>(read.value->min)));
  if (read.value->max != EducationLevel::kDoctor) {
    education.set_max_level(
        static_cast<v1::EducationLevel>(static_cast<int>(read.value->max)));
  }
  AddDerived(p, "education", education.raw(), read.note);
}

void DeriveMajors(v1::Posting& p) {
  if (p.majors().groups_size() > 0) return;
  const std::string given = p.majors().raw();
  if (!given.empty()) {
    const Parsed<MajorRequirement> read = ParseMajors(given);
    if (!read.understood()) {
      *p.add_issues() =
          MakeIssue(kIssueNotUnderstood, "majors", given,
                    "未识别的专业要求，已按原文保留，匹配时按待确认处理");
      return;
    }
    v1::MajorRequirement& majors = *p.mutable_majors();
    if (read.value->any) {
      majors.add_groups()->set_any_major(true);
    } else if (!read.value->codes.empty()) {
      *majors.add_groups() = MakeGroup(*read.value);
    }
    if (majors.groups_size() > 0) majors.set_raw(OpenEnd(*read.value));
    AddDerived(p, "majors", given, read.note);
    return;
  }
  // A clause of a free text never closes the list: what it does not name is
  // open, not refused.
  Parsed<MajorRequirement> read = FindMajorsInText(p.requirements());
  if (!read.understood()) read = FindMajorsInText(p.description());
  if (!read.understood() || read.value->any || read.value->codes.empty()) {
    return;
  }
  v1::MajorRequirement& majors = *p.mutable_majors();
  *majors.add_groups() = MakeGroup(*read.value);
  majors.set_raw(OpenEnd(*read.value).empty() ? "见职位描述"
                                              : OpenEnd(*read.value));
  AddDerived(p, "majors", Names(majors.groups(0)),
             "由职位描述识别，其他专业按待确认处理");
}

void DeriveConditions(v1::Posting& p) {
  if (p.kind() != v1::POSTING_KIND_PUBLIC || !p.conditions().empty()) return;
  const ParsedConditions read = FindConditionsInText(p.requirements());
  for (const ParsedCondition& condition : read.conditions) {
    ToProto(condition, *p.add_conditions());
    AddDerived(p, Indexed("conditions", p.conditions_size() - 1), condition.raw,
               "由岗位要求识别");
  }
}

void DeriveFromTitle(v1::Posting& p) {
  if (p.functions_size() == 0) {
    const Parsed<std::vector<std::string>> read = ParseFunctions(p.title());
    if (read.understood()) {
      std::string names;
      for (const std::string& code : *read.value) {
        v1::Code& function = *p.add_functions();
        function = MakeCode("function", code);
        absl::StrAppend(&names, names.empty() ? "" : "、", function.display());
      }
      AddDerived(p, "functions", names, "由职位名称识别");
    } else {
      *p.add_issues() = MakeIssue(kIssueNotUnderstood, "functions", p.title(),
                                  "未能由职位名称识别岗位类别");
    }
  }
  if (p.graduation_years_size() == 0) {
    const Parsed<GraduationYears> read = ParseGraduationYears(p.title());
    if (read.understood() && read.certain &&
        read.value->max - read.value->min < 10) {
      for (int y = read.value->min; y <= read.value->max; ++y) {
        p.add_graduation_years(y);
      }
      AddDerived(p, "graduation_years", p.title(), "由职位名称识别");
    }
  }
  if (p.kind() == v1::POSTING_KIND_UNSPECIFIED &&
      p.title().find("实习生") != std::string::npos) {
    p.set_kind(v1::POSTING_KIND_INTERNSHIP);
    AddDerived(p, "kind", "实习生", "由职位名称识别");
  }
}

}  // namespace gradmatch
