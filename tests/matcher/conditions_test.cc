// What a profile states, and what comes of it for one condition of a posting.
#include "matcher/conditions.h"

#include <algorithm>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "matcher/eligibility.h"
#include "tests/matcher/builders.h"

namespace gradmatch {
namespace {

using Kind = v1::PostingCondition;

v1::PostingCondition Condition(Kind::Kind kind,
                               const std::vector<std::string>& codes,
                               int min = 0, int max = 0) {
  v1::PostingCondition condition;
  condition.set_kind(kind);
  for (const std::string& code : codes) condition.add_any_of(code);
  condition.set_min(min);
  condition.set_max(max);
  return condition;
}

v1::Declarations Stating(
    const std::vector<std::pair<std::string, bool>>& statements) {
  v1::Declarations declarations;
  for (const auto& [code, holds] : statements) {
    auto& statement = *declarations.add_statements();
    statement.set_code(code);
    statement.set_holds(holds);
  }
  return declarations;
}

Verdict Judge(const v1::PostingCondition& condition,
              const v1::Declarations& declarations, int year = 0) {
  google::protobuf::RepeatedPtrField<v1::PostingCondition> conditions;
  *conditions.Add() = condition;
  std::vector<uint64_t> keys;
  AddConditionKeys(conditions, keys);
  return StatedConditions(declarations, TestNow(), year)
      .Judge(ReadConditionKey(keys.back()).payload);
}

struct CodeCase {
  std::vector<std::string> asked;
  std::vector<std::pair<std::string, bool>> stated;
  Verdict want;
};

TEST(ConditionsTest, CodesFollowFromStatements) {
  const CodeCase cases[] = {
      {{"cpc-member"}, {}, Verdict::kOpen},
      {{"cpc-member"}, {{"cpc-member", true}}, Verdict::kMet},
      {{"cpc-member"}, {{"cpc-full-member", true}}, Verdict::kMet},
      {{"cpc-full-member"}, {{"cpc-member", true}}, Verdict::kOpen},
      {{"cpc-full-member"}, {{"cpc-member", false}}, Verdict::kFailed},
      {{"cpc-member"}, {{"masses", true}}, Verdict::kFailed},
      {{"cpc-member", "league-member"},
       {{"league-member", true}},
       Verdict::kMet},
      {{"cpc-member", "league-member"},
       {{"cpc-member", false}},
       Verdict::kOpen},
      {{"cpc-member", "league-member"},
       {{"cpc-member", false}, {"league-member", false}},
       Verdict::kFailed},
      {{"non-cpc-member"}, {{"masses", true}}, Verdict::kMet},
      {{"non-cpc-member"}, {{"cpc-full-member", true}}, Verdict::kFailed},
      {{"female"}, {{"male", true}}, Verdict::kFailed},
      {{"female"}, {{"male", false}}, Verdict::kOpen},
      {{"title-accounting-2"}, {{"title-accounting-3", true}}, Verdict::kMet},
      {{"title-accounting-3"}, {{"title-accounting-2", true}}, Verdict::kOpen},
      {{"cet-4"}, {{"cet-6", true}}, Verdict::kMet},
      {{"grassroots-project"}, {{"three-supports", true}}, Verdict::kMet},
      {{"teacher-primary"}, {{"teacher-senior", true}}, Verdict::kMet},
      // What is agreed at hiring is told, never failed.
      {{"agrees-service-years"},
       {{"agrees-service-years", false}},
       Verdict::kOpen},
      {{"no-such-code"}, {{"no-such-code", true}}, Verdict::kOpen}};
  for (const CodeCase& c : cases) {
    EXPECT_EQ(
        Judge(Condition(Kind::KIND_CERTIFICATE, c.asked), Stating(c.stated)),
        c.want)
        << testing::PrintToString(c.asked) << " of "
        << testing::PrintToString(c.stated);
  }
}

TEST(ConditionsTest, FreshGraduatesByClass) {
  const auto fresh = Condition(Kind::KIND_EMPLOYMENT, {"fresh-graduate"}, 2025);
  EXPECT_EQ(Judge(fresh, {}, 0), Verdict::kOpen);
  EXPECT_EQ(Judge(fresh, {}, 2025), Verdict::kMet);
  EXPECT_EQ(Judge(fresh, {}, 2024), Verdict::kOpen);
  EXPECT_EQ(Judge(fresh, {}, 2023), Verdict::kOpen);
  EXPECT_EQ(Judge(fresh, {}, 2022), Verdict::kFailed);
  EXPECT_EQ(Judge(fresh, {}, 2026), Verdict::kFailed);
  EXPECT_EQ(Judge(fresh, Stating({{"fresh-graduate", true}}), 2020),
            Verdict::kMet);
  EXPECT_EQ(Judge(fresh, Stating({{"fresh-graduate", false}}), 2025),
            Verdict::kFailed);
}

TEST(ConditionsTest, NumbersCompare) {
  v1::Declarations stated;
  const auto months = Condition(Kind::KIND_GRASSROOTS, {}, 24);
  EXPECT_EQ(Judge(months, stated), Verdict::kOpen);
  stated.set_grassroots_months(23);
  EXPECT_EQ(Judge(months, stated), Verdict::kFailed);
  stated.set_grassroots_months(24);
  EXPECT_EQ(Judge(months, stated), Verdict::kMet);

  // TestNow is 2026-11-22.
  const auto age = Condition(Kind::KIND_AGE, {}, 18, 35);
  EXPECT_EQ(Judge(age, stated), Verdict::kOpen);
  const auto born = [&](int y, int m, int d) {
    stated.mutable_birth_time()->set_seconds(
        absl::ToUnixSeconds(absl::FromCivil(absl::CivilDay(y, m, d),
                                            absl::FixedTimeZone(8 * 3600))));
    return Judge(age, stated);
  };
  EXPECT_EQ(born(1991, 11, 22), Verdict::kMet);     // 35 today
  EXPECT_EQ(born(1990, 11, 23), Verdict::kMet);     // 36 tomorrow
  EXPECT_EQ(born(1990, 11, 22), Verdict::kFailed);  // 36 today
  EXPECT_EQ(born(2008, 11, 23), Verdict::kFailed);  // 18 tomorrow
}

TEST(ConditionsTest, WhatNobodyCanJudgeIsOpen) {
  EXPECT_EQ(Judge(Condition(Kind::KIND_UNSPECIFIED, {}), {}), Verdict::kOpen);
  EXPECT_EQ(Judge(Condition(Kind::KIND_PERSON, {}), {}), Verdict::kOpen);
  // More alternatives than a key holds.
  const auto all = Stating({{"male", false}});
  EXPECT_EQ(
      Judge(Condition(Kind::KIND_CERTIFICATE,
                      {"cpa", "nurse", "physician", "lawyer", "guide", "male"}),
            all),
      Verdict::kOpen);
}

TEST(ConditionsTest, ContradictionsAreFound) {
  const auto contradict =
      [](const std::vector<std::pair<std::string, bool>>& stated) {
        return FindContradiction(Stating(stated)).has_value();
      };
  EXPECT_FALSE(contradict({{"cpc-member", true}, {"male", true}}));
  EXPECT_FALSE(contradict({{"cpc-member", true}, {"cpc-full-member", true}}));
  EXPECT_FALSE(contradict({{"male", false}, {"female", false}}));
  EXPECT_TRUE(contradict({{"male", true}, {"female", true}}));
  EXPECT_TRUE(contradict({{"cpc-member", true}, {"masses", true}}));
  EXPECT_TRUE(contradict({{"cet-6", true}, {"cet-4", false}}));
  EXPECT_TRUE(contradict({{"non-cpc-member", true}, {"cpc-member", true}}));
}

TEST(ConditionsTest, TheAnswerNamesEachCondition) {
  v1::Posting posting = OpenPosting();
  posting.set_kind(v1::POSTING_KIND_PUBLIC);
  *posting.add_conditions() =
      Condition(Kind::KIND_POLITICAL_STATUS, {"cpc-member"});
  *posting.add_conditions() = Condition(Kind::KIND_SEX, {"female"});
  v1::Profile profile = Bachelor();
  *profile.mutable_declarations() = Stating({{"male", true}});
  const v1::Eligibility answer = CheckEligibility(profile, posting, TestNow());
  EXPECT_EQ(answer.outcome(), v1::Eligibility::OUTCOME_INELIGIBLE);
  ASSERT_EQ(answer.reasons_size(), 1);
  EXPECT_EQ(answer.reasons(0).code(), "CONDITION_NOT_MET");
  ASSERT_EQ(answer.conditions_size(), 1);
  EXPECT_EQ(answer.conditions(0).code(), "CONDITION_OPEN");
  EXPECT_EQ(answer.conditions(0).text_zh(),
            "需为中共党员（你的资料未说明，请核对）");
}

}  // namespace
}  // namespace gradmatch
