// What eligibility says of conditions, one sentence a condition.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "matcher/conditions.h"
#include "matcher/eligibility.h"
#include "matcher/eligibility_reasons.h"
#include "matcher/reasons.h"

namespace gradmatch {
namespace {

using Kind = v1::PostingCondition;

std::string_view Asked(Kind::Kind kind) {
  switch (kind) {
    case Kind::KIND_POLITICAL_STATUS:
    case Kind::KIND_SERVICE:
    case Kind::KIND_SCHOOL:
    case Kind::KIND_EMPLOYMENT:
      return "需为{condition}";
    case Kind::KIND_SEX:
      return "限{condition}";
    case Kind::KIND_AGE:
      return "年龄须为{condition}";
    case Kind::KIND_CERTIFICATE:
      return "需具备：{condition}";
    case Kind::KIND_GRASSROOTS:
      return "需有{condition}";
    case Kind::KIND_MAJOR_DIRECTION:
      return "专业方向限定：{condition}";
    case Kind::KIND_BACHELOR:
      return "本科阶段要求：{condition}";
    case Kind::KIND_UNDERTAKING:
      return "录用约定或程序：{condition}";
    default:
      return "其他要求：{condition}";
  }
}

std::string_view OpenBecauseOf(Kind::Kind kind) {
  switch (kind) {
    case Kind::KIND_PERSON:
      return "（本服务不收集此项信息，请自行核对）";
    case Kind::KIND_UNSPECIFIED:
    case Kind::KIND_MAJOR_DIRECTION:
      return "（以岗位原文为准，请核对）";
    case Kind::KIND_UNDERTAKING:
      return "（请确认是否接受）";
    default:
      return "（你的资料未说明，请核对）";
  }
}

v1::Reason ReasonOf(Verdict verdict, const v1::PostingCondition& condition) {
  const bool failed = verdict == Verdict::kFailed;
  const std::string text =
      absl::StrCat(std::string(Asked(condition.kind())),
                   failed ? "，与你的资料不符"
                          : std::string(OpenBecauseOf(condition.kind())));
  return MakeReason(
      failed ? RequirementCode(Requirement::kConditions)
             : ConditionCode(Condition::kConditionOpen),
      text,
      {{"condition", ConditionWords(condition)},
       {"kind", v1::PostingCondition::Kind_Name(condition.kind())}});
}

}  // namespace

void AddConditionReasons(const EligibilityQuery& query,
                         const v1::Posting& posting, Verdict verdict,
                         v1::Eligibility& eligibility) {
  const AttributeRow row = EligibilityAttributes(posting, query.sandbox);
  const size_t before = static_cast<size_t>(
      verdict == Verdict::kFailed ? eligibility.reasons_size()
                                  : eligibility.conditions_size());
  const auto add = [&](Verdict of_one, const v1::PostingCondition& condition) {
    *(of_one == Verdict::kFailed ? eligibility.add_reasons()
                                 : eligibility.add_conditions()) =
        ReasonOf(of_one, condition);
  };
  google::protobuf::RepeatedPtrField<v1::PostingCondition> one;
  for (const v1::PostingCondition& condition : posting.conditions()) {
    one.Clear();
    *one.Add() = condition;
    std::vector<uint64_t> keys;
    AddConditionKeys(one, keys);
    std::sort(keys.begin(), keys.end());
    const Verdict of_one = CheckConditions(query, row.sets[kMajorColumn],
                                           row.scalars[kMinLevelColumn], keys);
    if (of_one != Verdict::kMet) add(of_one, condition);
  }
  const size_t after = static_cast<size_t>(verdict == Verdict::kFailed
                                               ? eligibility.reasons_size()
                                               : eligibility.conditions_size());
  if (after > before) return;
  // Each of them can be met in one way, all of them in none.
  for (const v1::PostingCondition& condition : posting.conditions()) {
    if (!condition.levels().empty() || !condition.majors().empty()) {
      add(verdict, condition);
    }
  }
}

}  // namespace gradmatch
