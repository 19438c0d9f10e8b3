// Codes, parameters and Chinese texts of eligibility.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "index/base/strings.h"
#include "matcher/eligibility.h"
#include "matcher/eligibility_reasons.h"
#include "matcher/major_codes.h"
#include "matcher/posting_keys.h"
#include "matcher/proto_time.h"
#include "matcher/reasons.h"
#include "matcher/words.h"

namespace gradmatch {
namespace {

struct RequirementWords {
  std::string_view code;
  std::string_view label;
};
constexpr std::array<RequirementWords, kRequirementCount> kRequirements = {{
    {"STATE_NOT_OPEN", "未开放"},
    {"EXPIRED", "已截止"},
    {"NOT_VISIBLE", "未面向本人开放"},
    {"DEGREE_NOT_MET", "学历不符"},
    {"MAJOR_NOT_ACCEPTED", "专业不符"},
    {"GRADUATION_YEAR_NOT_MET", "毕业年份不符"},
    {"EXPERIENCE_NOT_MET", "工作经验不足"},
    {"CONDITION_NOT_MET", "报考条件不符"},
    {"PLACE_NOT_WANTED", "不在限定地点"},
    {"FUNCTION_NOT_WANTED", "不在限定岗位类别"},
    {"PAY_TOO_LOW", "低于限定薪资"},
    {"EMPLOYER_KIND_NOT_WANTED", "不在限定单位性质"},
    {"POSTING_KIND_NOT_WANTED", "不在限定招聘类型"},
    {"REGION_NOT_ASKED", "不在所选地区"},
}};

struct ConditionWords {
  std::string_view code;
  std::string_view text;
};
constexpr ConditionWords kConditions[] = {
    {"", ""},
    {"REGION_UNKNOWN", "该岗位只面向部分省份，档案未填写生源地，请核对"},
    {"SCHOOL_UNKNOWN", "该岗位只面向部分学校，档案未填写学校，请核对"},
    {"DEGREE_UNKNOWN", "该岗位要求{required}，档案未填写学历，请核对"},
    {"DEGREE_TEXT_UNREAD", "学历要求以岗位原文为准：{raw}"},
    {"MAJOR_UNKNOWN", "该岗位限专业：{required}，档案未填写专业，请核对"},
    {"MAJOR_OTHER_CATALOGUE",
     "该岗位按另一专业目录要求：{required}，无法与{majors}准确对照，请核对"},
    {"MAJOR_NOT_EXACT",
     "该岗位限专业：{required}，档案只填到专业大类（{majors}），请核对"},
    {"MAJOR_LEVEL_UNKNOWN", "专业要求因学历而异，档案未填写学历，请核对"},
    {"MAJOR_TEXT_UNREAD", "专业要求以岗位原文为准：{raw}"},
    {"GRADUATION_YEAR_UNKNOWN",
     "该岗位限 {required} 届，档案未填写毕业时间，请核对"},
    {"EXPERIENCE_UNKNOWN", "该岗位要求{required}工作经验，档案未填写，请核对"},
    {"CONDITION_OPEN", "该岗位有其他报考条件，以岗位原文为准"},
    {"PLACE_UNKNOWN", "岗位未注明（全部）工作地点，请向单位核对"},
    {"PLACE_NOT_EXACT", "岗位只注明工作地点为{places}，具体区域请向单位核对"},
    {"FUNCTION_UNKNOWN", "岗位未注明岗位类别，请核对"},
    {"FUNCTION_NOT_EXACT", "岗位只注明大类：{functions}，请核对"},
    {"PAY_UNKNOWN", "岗位未注明最高薪资，请向单位核对"},
    {"EMPLOYER_KIND_UNKNOWN", "岗位未注明单位性质，请核对"},
};

std::string_view StateText(v1::Posting::State state) {
  switch (state) {
    case v1::Posting::STATE_EXPIRED:
      return "该岗位已截止";
    case v1::Posting::STATE_CLOSED:
      return "该岗位已关闭或招满";
    case v1::Posting::STATE_DELETED:
      return "该岗位已删除";
    case v1::Posting::STATE_QUARANTINED:
      return "该岗位正在核查，暂不展示";
    default:
      return "该岗位尚未开放";
  }
}

// "计算机类、软件工程等 5 项", of the groups that speak for `level`.
std::string MajorsAsked(const v1::MajorRequirement& majors, int level) {
  std::vector<std::string> names;
  for (const v1::MajorRequirement::Group& group : majors.groups()) {
    const bool speaks = level == 0 || group.levels().empty() ||
                        std::find(group.levels().begin(), group.levels().end(),
                                  level) != group.levels().end();
    if (!speaks) continue;
    for (const v1::Code& code : group.codes()) names.push_back(CodeName(code));
  }
  if (names.empty()) return majors.raw().empty() ? "其他学历" : majors.raw();
  return JoinWords(names);
}

std::string YearsAsked(const v1::Posting& posting) {
  std::vector<std::string> years;
  for (int year : posting.graduation_years()) {
    years.push_back(absl::StrCat(year));
  }
  return JoinWords(years, 6);
}

std::string VisibleTo(const v1::Visibility& visibility) {
  std::vector<std::string> names;
  for (const std::string& province : visibility.provinces()) {
    v1::Code code;
    code.set_code(province);
    names.push_back(PlaceWord(code));
  }
  for (const std::string& school : visibility.schools()) {
    v1::Code code;
    code.set_system("school");
    code.set_code(school);
    names.push_back(CodeName(code));
  }
  return JoinWords(names);
}

std::string MajorsOf(const EligibilityQuery& query) {
  return query.major_names.empty() ? "未填写专业"
                                   : JoinWords(query.major_names);
}

v1::Reason DegreeReason(const EligibilityQuery& query,
                        const v1::Posting& posting, std::string_view code) {
  const v1::EducationRequirement& asked = posting.education();
  return MakeReason(
      code, "要求学历{required}，最高学历为{declared}",
      {{"required", LevelRangeWords(asked.min_level(), asked.max_level())},
       {"declared", std::string(LevelWord(query.level))}});
}

v1::Reason OwnRequirementReason(Requirement requirement,
                                const EligibilityQuery& query,
                                const v1::Posting& posting,
                                std::string_view code) {
  switch (requirement) {
    case Requirement::kState:
      return MakeReason(code, StateText(posting.state()));
    case Requirement::kExpiry:
      return MakeReason(code, "已于 {date} 截止",
                        {{"date", ChinaDate(TimeOf(posting.expire_time()))}});
    case Requirement::kVisibility:
      return MakeReason(code, "仅面向以下省份或学校的毕业生：{audience}",
                        {{"audience", VisibleTo(posting.visibility())}});
    case Requirement::kDegree:
      return DegreeReason(query, posting, code);
    case Requirement::kMajor:
      return MakeReason(
          code, "专业要求为{required}，所学专业为{majors}",
          {{"required", MajorsAsked(posting.majors(), query.level)},
           {"majors", MajorsOf(query)}});
    case Requirement::kGraduationYear:
      return MakeReason(code, "仅招 {required} 届，毕业年份为 {declared}",
                        {{"required", YearsAsked(posting)},
                         {"declared", absl::StrCat(query.graduation_year)}});
    default:
      return MakeReason(
          code, "要求{required}工作经验，现有经验：{declared}",
          {{"required", MonthsWords(posting.experience_months())},
           {"declared", MonthsWords(query.experience_months.value_or(0))}});
  }
}

v1::Reason IntentReason(Requirement requirement, const EligibilityQuery& query,
                        const v1::Posting& posting, std::string_view code) {
  switch (requirement) {
    case Requirement::kFunction:
      return MakeReason(code, "岗位类别为{functions}，不在限定的类别内",
                        {{"functions", JoinWords(FunctionWords(posting))}});
    case Requirement::kPay:
      return MakeReason(code, "薪资 {pay}，低于限定的 {wanted} 元/月",
                        {{"pay", PayWords(posting.salary())},
                         {"wanted", absl::StrCat(query.min_pay)}});
    case Requirement::kEmployerKind:
      return MakeReason(
          code, "单位性质为{kind}，不在限定的范围内",
          {{"kind", std::string(EmployerKindWord(posting.employer().kind()))}});
    case Requirement::kPostingKind:
      return MakeReason(
          code, "招聘类型为{kind}，不在限定的范围内",
          {{"kind", std::string(PostingKindWord(posting.kind()))}});
    case Requirement::kRegion:
      return MakeReason(code, "工作地点不在所选地区");
    default:
      return MakeReason(code, "工作地点为{places}，不在限定的地点内",
                        {{"places", JoinWords(PlaceWords(posting))}});
  }
}

v1::Reason FailedReason(Requirement requirement, const EligibilityQuery& query,
                        const v1::Posting& posting) {
  const std::string_view code = RequirementCode(requirement);
  return requirement < Requirement::kPlace
             ? OwnRequirementReason(requirement, query, posting, code)
             : IntentReason(requirement, query, posting, code);
}

// What the posting asks for, for the text of a condition.
std::string Required(Requirement requirement, const EligibilityQuery& query,
                     const v1::Posting& posting) {
  switch (requirement) {
    case Requirement::kDegree:
      return LevelRangeWords(posting.education().min_level(),
                             posting.education().max_level());
    case Requirement::kMajor:
      return MajorsAsked(posting.majors(), query.level);
    case Requirement::kGraduationYear:
      return YearsAsked(posting);
    default:
      return MonthsWords(posting.experience_months());
  }
}

v1::Reason ConditionReason(Requirement requirement, Condition condition,
                           const EligibilityQuery& query,
                           const v1::Posting& posting) {
  const ConditionWords& words = kConditions[static_cast<size_t>(condition)];
  std::vector<std::pair<std::string, std::string>> params;
  const auto wants = [&](std::string_view name) {
    return words.text.find(absl::StrCat("{", A(name), "}")) !=
           std::string_view::npos;
  };
  if (wants("required")) {
    params.emplace_back("required", Required(requirement, query, posting));
  }
  if (wants("majors")) params.emplace_back("majors", MajorsOf(query));
  if (wants("raw")) {
    const std::string& raw = requirement == Requirement::kDegree
                                 ? posting.education().raw()
                                 : posting.majors().raw();
    params.emplace_back("raw", raw.empty() ? "见岗位详情" : raw);
  }
  if (wants("places")) {
    params.emplace_back("places", JoinWords(PlaceWords(posting)));
  }
  if (wants("functions")) {
    params.emplace_back("functions", JoinWords(FunctionWords(posting)));
  }
  // Codes that were understood beside a list that is not closed.
  if (condition == Condition::kMajorTextUnread &&
      !posting.majors().groups().empty()) {
    params.emplace_back("required", MajorsAsked(posting.majors(), query.level));
    return MakeReason(words.code,
                      "岗位列出的专业为{required}，其他专业以原文为准：{raw}",
                      params);
  }
  return MakeReason(words.code, words.text, params);
}

}  // namespace

std::string_view RequirementCode(Requirement requirement) {
  return kRequirements[static_cast<size_t>(requirement)].code;
}
std::string_view RequirementLabel(Requirement requirement) {
  return kRequirements[static_cast<size_t>(requirement)].label;
}
std::string_view ConditionCode(Condition condition) {
  return kConditions[static_cast<size_t>(condition)].code;
}

v1::Eligibility DescribeFindings(const EligibilityQuery& query,
                                 const Findings& findings,
                                 const v1::Posting& posting) {
  v1::Eligibility eligibility;
  for (size_t i = 0; i < findings.size(); ++i) {
    const auto requirement = static_cast<Requirement>(i);
    if (findings[i].verdict != Verdict::kMet &&
        requirement == Requirement::kConditions) {
      AddConditionReasons(query, posting, findings[i].verdict, eligibility);
    } else if (findings[i].verdict == Verdict::kFailed) {
      *eligibility.add_reasons() = FailedReason(requirement, query, posting);
    } else if (findings[i].verdict == Verdict::kOpen) {
      *eligibility.add_conditions() =
          ConditionReason(requirement, findings[i].condition, query, posting);
    }
  }
  eligibility.set_outcome(
      !eligibility.reasons().empty()      ? v1::Eligibility::OUTCOME_INELIGIBLE
      : !eligibility.conditions().empty() ? v1::Eligibility::OUTCOME_CONDITIONAL
                                          : v1::Eligibility::OUTCOME_ELIGIBLE);
  return eligibility;
}

v1::Eligibility CheckEligibility(const EligibilityQuery& query,
                                 const v1::Posting& posting) {
  const AttributeRow attributes = EligibilityAttributes(posting, query.sandbox);
  Findings findings = CheckRow(query, RowAttributes(attributes));
  if (!IsSearchable(posting)) {
    findings[static_cast<size_t>(Requirement::kState)].verdict =
        Verdict::kFailed;
  }
  return DescribeFindings(query, findings, posting);
}

std::vector<v1::FilteredCount> DescribeFiltered(const EligibleRows& rows) {
  std::vector<v1::FilteredCount> counts;
  for (size_t i = 0; i < rows.failed.size(); ++i) {
    if (rows.failed[i] == 0) continue;
    v1::FilteredCount& count = counts.emplace_back();
    count.set_code(std::string(kRequirements[i].code));
    count.set_count(static_cast<int64_t>(rows.failed[i]));
    count.set_text_zh(std::string(kRequirements[i].label));
  }
  return counts;
}

std::string SummariseFiltered(const EligibleRows& rows) {
  std::vector<v1::FilteredCount> counts = DescribeFiltered(rows);
  std::stable_sort(
      counts.begin(), counts.end(),
      [](const auto& a, const auto& b) { return a.count() > b.count(); });
  const size_t conditional = rows.conditional.Count();
  std::string text =
      absl::StrCat(rows.eligible.Count() + conditional, " / ", rows.considered);
  std::string_view separator = "：";
  for (const v1::FilteredCount& count : counts) {
    absl::StrAppend(&text, A(separator), count.text_zh(), " ", count.count());
    separator = "，";
  }
  if (conditional > 0) {
    absl::StrAppend(&text, "；其中 ", conditional, " 个需核对条件");
  }
  return text;
}

}  // namespace gradmatch
