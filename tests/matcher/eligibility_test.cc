// Each requirement as a table: who, what, which outcome and which code.
#include "matcher/eligibility.h"

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "matcher/proto_time.h"
#include "tests/matcher/builders.h"

namespace gradmatch {
namespace {

constexpr auto kEligible = v1::Eligibility::OUTCOME_ELIGIBLE;
constexpr auto kConditional = v1::Eligibility::OUTCOME_CONDITIONAL;
constexpr auto kIneligible = v1::Eligibility::OUTCOME_INELIGIBLE;

struct Case {
  std::string name;
  std::function<void(v1::Profile&)> profile;
  std::function<void(v1::Posting&)> posting;
  v1::Eligibility::Outcome want;
  std::string code;  // of the condition or reason
  std::string text;  // part of it
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

void Nothing(v1::Profile&) {}
void NoEducation(v1::Profile& p) { p.clear_educations(); }
void NoMajor(v1::Profile& p) { p.mutable_educations(0)->clear_majors(); }
void NoLevel(v1::Profile& p) { p.mutable_educations(0)->clear_level(); }

std::function<void(v1::Profile&)> Studied(std::string system, std::string code,
                                          int level = 4) {
  return [=](v1::Profile& p) {
    p.clear_educations();
    AddEducation(p, level, system, code, 2026);
  };
}

std::function<void(v1::Posting&)> Degree(int min, int max) {
  return [=](v1::Posting& p) {
    p.mutable_education()->set_min_level(static_cast<v1::EducationLevel>(min));
    p.mutable_education()->set_max_level(static_cast<v1::EducationLevel>(max));
  };
}

std::function<void(v1::Posting&)> Majors(std::string system,
                                         std::vector<std::string> codes,
                                         std::vector<int> levels = {}) {
  return [=](v1::Posting& p) {
    *p.mutable_majors() = PostingForMajors(system, codes, levels).majors();
  };
}

class EligibilityTest : public testing::TestWithParam<Case> {};

TEST_P(EligibilityTest, Decides) {
  v1::Profile profile = Bachelor();
  v1::Posting posting = OpenPosting();
  GetParam().profile(profile);
  GetParam().posting(posting);
  const v1::Eligibility answer = CheckEligibility(profile, posting, TestNow());
  EXPECT_EQ(answer.outcome(), GetParam().want) << answer.DebugString();
  std::string codes, texts;
  for (const auto& list : {answer.conditions(), answer.reasons()}) {
    for (const v1::Reason& reason : list) {
      codes += reason.code();
      texts += reason.text_zh();
    }
  }
  EXPECT_EQ(codes, GetParam().code);
  EXPECT_THAT(texts, testing::HasSubstr(GetParam().text));
  EXPECT_THAT(texts, testing::Not(testing::HasSubstr("{")));
}

auto Name = [](const auto& info) { return info.param.name; };

INSTANTIATE_TEST_SUITE_P(
    State, EligibilityTest,
    testing::ValuesIn<Case>({
        {"Open", Nothing, [](auto&) {}, kEligible, "", ""},
        {"Closed", Nothing,
         [](v1::Posting& p) { p.set_state(v1::Posting::STATE_CLOSED); },
         kIneligible, "STATE_NOT_OPEN", "已关闭"},
        {"Quarantined", Nothing,
         [](v1::Posting& p) { p.set_state(v1::Posting::STATE_QUARANTINED); },
         kIneligible, "STATE_NOT_OPEN", "核查"},
        {"LastSecond", Nothing,
         [](v1::Posting& p) {
           p.mutable_expire_time()->set_seconds(absl::ToUnixSeconds(TestNow()));
         },
         kEligible, "", ""},
        {"Expired", Nothing,
         [](v1::Posting& p) {
           p.mutable_expire_time()->set_seconds(absl::ToUnixSeconds(TestNow()) -
                                                1);
         },
         kIneligible, "EXPIRED", "2026-11-22 截止"},
    }),
    Name);

INSTANTIATE_TEST_SUITE_P(
    Visibility, EligibilityTest,
    testing::ValuesIn<Case>({
        {"OwnProvince",
         [](v1::Profile& p) {
           *p.mutable_region() = MakeCode("region", "440305");
         },
         [](v1::Posting& p) { p.mutable_visibility()->add_provinces("44"); },
         kEligible, "", ""},
        {"OtherProvince",
         [](v1::Profile& p) {
           *p.mutable_region() = MakeCode("region", "420100");
         },
         [](v1::Posting& p) { p.mutable_visibility()->add_provinces("44"); },
         kIneligible, "NOT_VISIBLE", "广东"},
        {"ProvinceNotSaid", Nothing,
         [](v1::Posting& p) { p.mutable_visibility()->add_provinces("44"); },
         kConditional, "REGION_UNKNOWN", "生源地"},
        {"SchoolNotSaid", Nothing,
         [](v1::Posting& p) {
           p.mutable_visibility()->add_schools("4111010001");
         },
         kConditional, "SCHOOL_UNKNOWN", "学校"},
        {"OwnSchool",
         [](v1::Profile& p) {
           *p.mutable_educations(0)->mutable_school() =
               MakeCode("school", "4111010001");
         },
         [](v1::Posting& p) {
           p.mutable_visibility()->add_schools("4111010001");
         },
         kEligible, "", ""},
        {"EitherIsEnough",
         [](v1::Profile& p) {
           *p.mutable_region() = MakeCode("region", "440000");
         },
         [](v1::Posting& p) {
           p.mutable_visibility()->add_provinces("44");
           p.mutable_visibility()->add_schools("4111010001");
         },
         kEligible, "", ""},
    }),
    Name);

INSTANTIATE_TEST_SUITE_P(
    Degree, EligibilityTest,
    testing::ValuesIn<Case>({
        {"Any", Nothing, Degree(0, 0), kEligible, "", ""},
        {"PrimaryIsAny", NoEducation, Degree(1, 0), kEligible, "", ""},
        {"Equal", Nothing, Degree(4, 0), kEligible, "", ""},
        {"TooLow", Nothing, Degree(5, 0), kIneligible, "DEGREE_NOT_MET",
         "要求学历硕士及以上，最高学历为本科"},
        {"TooHigh", Nothing, Degree(0, 3), kIneligible, "DEGREE_NOT_MET",
         "大专及以下"},
        {"NotSaid", NoLevel, Degree(4, 0), kConditional, "DEGREE_UNKNOWN",
         "本科及以上"},
        {"NoEducation", NoEducation, Degree(4, 0), kConditional,
         "DEGREE_UNKNOWN", ""},
        {"TextUnread", Nothing,
         [](v1::Posting& p) { p.mutable_education()->set_raw("学历面谈"); },
         kConditional, "DEGREE_TEXT_UNREAD", "学历面谈"},
        {"HighestCounts", [](v1::Profile& p) { AddEducation(p, 5); },
         Degree(5, 0), kEligible, "", ""},
    }),
    Name);

INSTANTIATE_TEST_SUITE_P(
    Major, EligibilityTest,
    testing::ValuesIn<Case>({
        {"Exact", Nothing, Majors("undergraduate", {"080901"}), kEligible, "",
         ""},
        {"Group", Nothing, Majors("undergraduate", {"0809"}), kEligible, "",
         ""},
        {"Discipline", Nothing, Majors("undergraduate", {"08"}), kEligible, "",
         ""},
        {"Other", Nothing, Majors("undergraduate", {"080902", "0301"}),
         kIneligible, "MAJOR_NOT_ACCEPTED",
         "专业要求为软件工程、法学类，所学专业为计算机科学与技术"},
        {"SuffixIsSpelling", Studied("undergraduate", "080904K"),
         Majors("undergraduate", {"080904"}), kEligible, "", ""},
        {"OwnLevel", Nothing, Majors("undergraduate", {"0809"}, {4}), kEligible,
         "", ""},
        {"LevelNoGroupSpeaksFor", Nothing,
         Majors("undergraduate", {"0809"}, {5}), kIneligible,
         "MAJOR_NOT_ACCEPTED", ""},
        {"AnyAtOwnLevel", Nothing,
         [](v1::Posting& p) {
           auto& group = *p.mutable_majors()->add_groups();
           group.add_levels(v1::EDUCATION_LEVEL_BACHELOR);
           group.set_any_major(true);
         },
         kEligible, "", ""},
        {"NotSaid", NoMajor, Majors("undergraduate", {"0809"}), kConditional,
         "MAJOR_UNKNOWN", "计算机类"},
        {"NotSaidButAnyIsAccepted", NoMajor, [](auto&) {}, kEligible, "", ""},
        {"NotSaidAndLevelRefused", NoMajor,
         Majors("undergraduate", {"0809"}, {6}), kIneligible,
         "MAJOR_NOT_ACCEPTED", ""},
        {"LevelNotSaid", NoLevel, Majors("undergraduate", {"0809"}, {4}),
         kConditional, "MAJOR_LEVEL_UNKNOWN", ""},
        {"TextOnly", Nothing,
         [](v1::Posting& p) { p.mutable_majors()->set_raw("信息化相关"); },
         kConditional, "MAJOR_TEXT_UNREAD", "信息化相关"},
        {"TextBesideGroups", Studied("undergraduate", "030101"),
         [](v1::Posting& p) {
           Majors("undergraduate", {"0809"})(p);
           p.mutable_majors()->set_raw("及相关专业");
         },
         kConditional, "MAJOR_TEXT_UNREAD",
         "列出的专业为计算机类，其他专业以原文为准：及相关专业"},
        {"CodeWithoutDigits", Nothing, Majors("undergraduate", {""}),
         kConditional, "MAJOR_TEXT_UNREAD", ""},
        {"OtherSystemByName", Nothing, Majors("gd2025-B", {"B080901"}),
         kEligible, "", ""},
        {"OtherSystemByNameRefused", Nothing, Majors("gd2025-B", {"B0301"}),
         kIneligible, "MAJOR_NOT_ACCEPTED", ""},
        {"GroupDigitsOfAnotherSystem", Studied("undergraduate", "020101"),
         Majors("gd2025-C", {"C0201"}), kConditional, "MAJOR_OTHER_CATALOGUE",
         "无法与经济学准确对照"},
        {"OnlyTheGroupIsKnown", Studied("undergraduate", "0809"),
         Majors("undergraduate", {"080902"}), kConditional, "MAJOR_NOT_EXACT",
         "软件工程"},
        {"LowerCourseDoesNotCountForHigherPost",
         [](v1::Profile& p) { AddEducation(p, 5, "undergraduate", "030101"); },
         [](v1::Posting& p) {
           Majors("undergraduate", {"0809"})(p);
           Degree(5, 0)(p);
         },
         kIneligible, "MAJOR_NOT_ACCEPTED", ""},
        {"LowerCourseCountsForLowerPost",
         [](v1::Profile& p) { AddEducation(p, 5, "undergraduate", "030101"); },
         [](v1::Posting& p) {
           Majors("undergraduate", {"0809"})(p);
           Degree(4, 0)(p);
         },
         kEligible, "", ""},
    }),
    Name);

std::function<void(v1::Profile&)> WantsPlace(std::string code) {
  return [=](v1::Profile& p) {
    *p.mutable_intent()->add_places() = MakeCode("region", code);
    p.mutable_intent()->set_places_strength(v1::INTENT_STRENGTH_HARD);
  };
}
std::function<void(v1::Posting&)> InPlace(std::string code) {
  return [=](v1::Posting& p) {
    *p.add_locations()->mutable_region() = MakeCode("region", code);
  };
}

INSTANTIATE_TEST_SUITE_P(
    YearsAndIntents, EligibilityTest,
    testing::ValuesIn<Case>({
        {"OwnYear", Nothing,
         [](v1::Posting& p) { p.add_graduation_years(2026); }, kEligible, "",
         ""},
        {"OtherYear", Nothing,
         [](v1::Posting& p) { p.add_graduation_years(2027); }, kIneligible,
         "GRADUATION_YEAR_NOT_MET", "仅招 2027 届，毕业年份为 2026"},
        {"YearNotSaid", NoEducation,
         [](v1::Posting& p) { p.add_graduation_years(2027); }, kConditional,
         "GRADUATION_YEAR_UNKNOWN", "2027"},
        {"ExperienceNotSaid", Nothing,
         [](v1::Posting& p) { p.set_experience_months(12); }, kConditional,
         "EXPERIENCE_UNKNOWN", "1 年"},
        {"ExperienceShort", [](v1::Profile& p) { p.set_experience_months(6); },
         [](v1::Posting& p) { p.set_experience_months(36); }, kIneligible,
         "EXPERIENCE_NOT_MET", "要求3 年工作经验，现有经验：6 个月"},
        {"ProvinceWishFindsCity", WantsPlace("440000"), InPlace("440300"),
         kEligible, "", ""},
        {"CityWishFindsCounty", WantsPlace("440300"), InPlace("440305"),
         kEligible, "", ""},
        {"CountyWishAndOnlyTheCity", WantsPlace("440305"), InPlace("440300"),
         kConditional, "PLACE_NOT_EXACT", "深圳"},
        {"OtherCounty", WantsPlace("440305"), InPlace("440304"), kIneligible,
         "PLACE_NOT_WANTED", "深圳福田区"},
        {"MunicipalityByItsCity", WantsPlace("110100"), InPlace("110108"),
         kEligible, "", ""},
        {"PlaceNotSaid", WantsPlace("440305"), [](auto&) {}, kConditional,
         "PLACE_UNKNOWN", ""},
        {"FunctionNotWanted",
         [](v1::Profile& p) {
           *p.mutable_intent()->add_functions() = MakeCode("function", "0703");
           p.mutable_intent()->set_functions_strength(v1::INTENT_STRENGTH_HARD);
         },
         [](v1::Posting& p) {
           *p.add_functions() = MakeCode("function", "010101");
         },
         kIneligible, "FUNCTION_NOT_WANTED", ""},
        {"PayTooLow",
         [](v1::Profile& p) {
           p.mutable_intent()->set_min_monthly_pay(9000);
           p.mutable_intent()->set_pay_strength(v1::INTENT_STRENGTH_HARD);
         },
         [](v1::Posting& p) {
           p.mutable_salary()->set_min_monthly(5000);
           p.mutable_salary()->set_max_monthly(8000);
         },
         kIneligible, "PAY_TOO_LOW", "5000-8000 元/月，低于限定的 9000"},
        {"PayNotSaid",
         [](v1::Profile& p) {
           p.mutable_intent()->set_min_monthly_pay(9000);
           p.mutable_intent()->set_pay_strength(v1::INTENT_STRENGTH_HARD);
         },
         [](auto&) {}, kConditional, "PAY_UNKNOWN", ""},
        {"SoftPayIsNoCondition",
         [](v1::Profile& p) { p.mutable_intent()->set_min_monthly_pay(9000); },
         [](v1::Posting& p) { p.mutable_salary()->set_max_monthly(8000); },
         kEligible, "", ""},
        {"EmployerKindNotWanted",
         [](v1::Profile& p) {
           p.mutable_intent()->add_employer_kinds(
               v1::EMPLOYER_KIND_STATE_OWNED);
           p.mutable_intent()->set_employer_kinds_strength(
               v1::INTENT_STRENGTH_HARD);
         },
         [](v1::Posting& p) {
           p.mutable_employer()->set_kind(v1::EMPLOYER_KIND_PRIVATE);
         },
         kIneligible, "EMPLOYER_KIND_NOT_WANTED", "民营企业"},
        {"UnspecifiedKindIsRegular",
         [](v1::Profile& p) {
           p.mutable_intent()->add_posting_kinds(v1::POSTING_KIND_REGULAR);
           p.mutable_intent()->set_posting_kinds_strength(
               v1::INTENT_STRENGTH_HARD);
         },
         [](auto&) {}, kEligible, "", ""},
        {"FlexibleWorkIsWantedBesideTheKinds",
         [](v1::Profile& p) {
           p.mutable_intent()->add_posting_kinds(v1::POSTING_KIND_REGULAR);
           p.mutable_intent()->set_posting_kinds_strength(
               v1::INTENT_STRENGTH_HARD);
           p.mutable_intent()->set_flexible_work(true);
         },
         [](v1::Posting& p) { p.set_kind(v1::POSTING_KIND_FLEXIBLE); },
         kEligible, "", ""},
        {"FlexibleWorkDoesNotNarrow",
         [](v1::Profile& p) {
           p.mutable_intent()->set_posting_kinds_strength(
               v1::INTENT_STRENGTH_HARD);
           p.mutable_intent()->set_flexible_work(true);
         },
         [](v1::Posting& p) { p.set_kind(v1::POSTING_KIND_REGULAR); },
         kEligible, "", ""},
        {"FlexibleWorkNotAskedFor",
         [](v1::Profile& p) {
           p.mutable_intent()->add_posting_kinds(v1::POSTING_KIND_REGULAR);
           p.mutable_intent()->set_posting_kinds_strength(
               v1::INTENT_STRENGTH_HARD);
         },
         [](v1::Posting& p) { p.set_kind(v1::POSTING_KIND_FLEXIBLE); },
         kIneligible, "POSTING_KIND_NOT_WANTED", "灵活就业"},
    }),
    Name);

TEST(EligibilitySummaryTest, EmptyAnswerExplainsItself) {
  EligibleRows rows;
  rows.eligible = RowSet(64);
  rows.conditional = RowSet(64);
  rows.considered = 1204;
  rows.failed[static_cast<size_t>(Requirement::kExpiry)] = 54;
  rows.failed[static_cast<size_t>(Requirement::kDegree)] = 1150;
  EXPECT_EQ(SummariseFiltered(rows), "0 / 1204：学历不符 1150，已截止 54");
  ASSERT_EQ(DescribeFiltered(rows).size(), 2);
  EXPECT_EQ(DescribeFiltered(rows)[0].code(), "EXPIRED");
}

TEST(EligibilityCodesTest, AreDistinct) {
  std::vector<std::string_view> codes;
  for (size_t i = 0; i < kRequirementCount; ++i) {
    codes.push_back(RequirementCode(static_cast<Requirement>(i)));
  }
  for (int i = 1; i <= static_cast<int>(Condition::kEmployerKindUnknown); ++i) {
    codes.push_back(ConditionCode(static_cast<Condition>(i)));
  }
  std::sort(codes.begin(), codes.end());
  EXPECT_EQ(std::adjacent_find(codes.begin(), codes.end()), codes.end());
}

}  // namespace
}  // namespace gradmatch
