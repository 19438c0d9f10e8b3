#include "matcher/ingest/normalize_posting.h"

#include <string>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "index/codes/code_registry.h"
#include "matcher/ingest/complete_code.h"
#include "matcher/ingest/field_checks.h"
#include "matcher/ingest/proto_times.h"
#include "matcher/ingest/uscc.h"
#include "matcher/proto_time.h"

namespace gradmatch {
namespace {

void CleanTexts(v1::Posting& p) {
  CleanLine(p.mutable_title());
  v1::Employer& employer = *p.mutable_employer();
  CleanLine(employer.mutable_name());
  if (!employer.uscc().empty()) {
    CleanLine(employer.mutable_uscc());
    absl::AsciiStrToUpper(employer.mutable_uscc());
  }
  CleanLine(employer.mutable_size());
  for (v1::Location& location : *p.mutable_locations()) {
    if (!location.address().empty()) CleanLine(location.mutable_address());
  }
  CleanText(p.mutable_description());
  CleanText(p.mutable_requirements());
  absl::StripAsciiWhitespace(p.mutable_apply_url());
  CleanWords(p.mutable_skills());
  CleanWords(p.mutable_benefits());
  if (p.has_salary()) CleanLine(p.mutable_salary()->mutable_raw());
  if (p.has_education()) CleanLine(p.mutable_education()->mutable_raw());
  if (p.has_majors()) CleanLine(p.mutable_majors()->mutable_raw());
}

void CompleteCodes(v1::Posting& p) {
  if (p.employer().has_industry()) {
    v1::Code& industry = *p.mutable_employer()->mutable_industry();
    CompleteAndFlag("employer.industry", kIndustrySystems, industry,
                    *p.mutable_issues());
    if (industry.code().empty() && !industry.display().empty()) {
      *p.add_issues() =
          MakeIssue(kIssueCodeMissing, "employer.industry", industry.display(),
                    "未识别的行业名称，已按原文保留；请给出 GB/T 4754 代码");
    }
  }
  for (int i = 0; i < p.locations_size(); ++i) {
    if (!p.locations(i).has_region()) continue;
    CompleteAndFlag(Indexed("locations", i, "region"), kRegionSystems,
                    *p.mutable_locations(i)->mutable_region(),
                    *p.mutable_issues());
  }
  for (int i = 0; i < p.functions_size(); ++i) {
    v1::Code& function = *p.mutable_functions(i);
    CompleteAndFlag(Indexed("functions", i), kFunctionSystems, function,
                    *p.mutable_issues());
    if (function.code().empty() && !function.display().empty()) {
      *p.add_issues() = MakeIssue(
          kIssueCodeMissing, Indexed("functions", i), function.display(),
          "未识别的岗位类别，已按原文保留；请给出体系 function 的代码");
    }
  }
  for (int g = 0; g < p.majors().groups_size(); ++g) {
    auto& group = *p.mutable_majors()->mutable_groups(g);
    for (int i = 0; i < group.codes_size(); ++i) {
      CompleteAndFlag(Indexed(Indexed("majors.groups", g) + ".codes", i),
                      MajorSystemNames(), *group.mutable_codes(i),
                      *p.mutable_issues());
    }
  }
}

void CompleteConditions(v1::Posting& p) {
  const CodeTable* table = CodeTable::BuiltIn("condition");
  for (int i = 0; i < p.conditions_size(); ++i) {
    v1::PostingCondition& condition = *p.mutable_conditions(i);
    CleanLine(condition.mutable_raw());
    for (int m = 0; m < condition.majors_size(); ++m) {
      CompleteAndFlag(Indexed(Indexed("conditions", i) + ".majors", m),
                      MajorSystemNames(), *condition.mutable_majors(m),
                      *p.mutable_issues());
    }
    for (const std::string& code : condition.any_of()) {
      const CodeEntry* entry = table->Find(code);
      if (entry != nullptr && entry->level > 1) continue;
      *p.add_issues() =
          MakeIssue(kIssueCodeMissing, Indexed("conditions", i, "any_of"), code,
                    "体系 condition 中没有此代码，已保留，匹配时按待确认处理");
    }
  }
}

void FlagDoubts(v1::Posting& p) {
  const std::string& uscc = p.employer().uscc();
  if (!uscc.empty() && !IsValidUscc(uscc)) {
    *p.add_issues() =
        MakeIssue(kIssueUsccInvalid, "employer.uscc", uscc,
                  "统一社会信用代码校验不通过，已保留；请核对 18 位代码");
  }
  const std::string& url = p.apply_url();
  if (!url.empty() && !url.starts_with("http://") &&
      !url.starts_with("https://")) {
    *p.add_issues() = MakeIssue(kIssueUrlInvalid, "apply_url", url,
                                "投递地址应以 http:// 或 https:// 开头");
  }
  if (p.openings() == 0) {
    *p.add_issues() = MakeIssue(kIssueOpeningsMissing, "openings", "",
                                "未写招聘人数，按 1 人计");
  }
}

void SetLife(absl::Time receipt, absl::Duration default_life, v1::Posting& p) {
  if (!p.has_expire_time()) {
    *p.mutable_expire_time() = ProtoTimeOf(receipt + default_life);
    *p.add_issues() =
        MakeIssue(kIssueExpiryMissing, "expire_time", "",
                  absl::StrCat("未写截止时间，按收到之日起 ",
                               absl::ToInt64Hours(default_life) / 24, " 天计"));
  }
  if (p.state() == v1::Posting::STATE_DRAFT ||
      p.state() == v1::Posting::STATE_CLOSED) {
    return;
  }
  p.set_state(TimeOf(p.expire_time()) < receipt ? v1::Posting::STATE_EXPIRED
                                                : v1::Posting::STATE_OPEN);
}

}  // namespace

void NormalizePosting(absl::Time receipt, absl::Duration default_life,
                      v1::Posting& posting) {
  posting.clear_issues();
  CleanTexts(posting);
  CompleteCodes(posting);
  CompleteConditions(posting);
  DerivePlaces(posting);
  DerivePay(posting);
  DeriveDegree(posting);
  DeriveMajors(posting);
  DeriveConditions(posting);
  DeriveFromTitle(posting);
  FlagDoubts(posting);
  SetLife(receipt, default_life, posting);
}

}  // namespace gradmatch
