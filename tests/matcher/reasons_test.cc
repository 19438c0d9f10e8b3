// Golden reasons: what a graduate reads.
#include "matcher/reasons.h"

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "matcher/words.h"
#include "tests/matcher/builders.h"

namespace gradmatch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> ReasonsOf(const v1::Profile& profile,
                                   const v1::Posting& posting) {
  const AttributeRow attributes = PostingAttributes(posting, false);
  const RowAttributes row(attributes);
  const Features features =
      ComputeFeatures(CompileFeatures(profile, TestNow()), row, std::nullopt);
  std::vector<std::string> texts;
  for (const v1::Reason& reason : MakeReasons(
           DefaultWeights(), features, profile, posting, row, TestNow())) {
    texts.push_back(absl::StrCat(reason.code(), " ", reason.text_zh()));
  }
  return texts;
}

TEST(ReasonsTest, SurveyorInWuhan) {
  v1::Profile profile;
  AddEducation(profile, 4, "undergraduate", "081201", 2026);
  *profile.mutable_intent()->add_places() = MakeCode("region", "420100");
  v1::Posting posting = PostingForMajors("undergraduate", {"081201", "0810"});
  *posting.add_locations()->mutable_region() = MakeCode("region", "420111");
  posting.mutable_education()->set_min_level(v1::EDUCATION_LEVEL_BACHELOR);
  posting.mutable_publish_time()->set_seconds(
      absl::ToUnixSeconds(TestNow() - absl::Hours(72)));
  EXPECT_THAT(ReasonsOf(profile, posting),
              ElementsAre("PLACE_WANTED 工作地点符合意向：武汉洪山区",
                          "MAJOR_MATCH 专业一致：测绘工程", "FRESH 3 天前发布",
                          "DEGREE 学历满足：要求本科及以上"));
}

TEST(ReasonsTest, AccountantWithoutAWish) {
  v1::Profile profile;
  AddEducation(profile, 3, "undergraduate", "120203", 2026);
  v1::Posting posting = OpenPosting();
  *posting.add_functions() = MakeCode("function", "070304", "会计/会计师");
  EXPECT_THAT(ReasonsOf(profile, posting),
              testing::Contains("FUNCTION_MATCH "
                                "岗位类别与会计学专业常见去向一致：会计/"
                                "会计师"));
}

// Silence about majors is not the word of the employer that any will do: most
// postings for doctors and lawyers say nothing either.
TEST(ReasonsTest, AnyMajorIsSaidWhereThePostingSaysIt) {
  v1::Posting open = OpenPosting();
  open.mutable_majors()->add_groups()->set_any_major(true);
  EXPECT_THAT(ReasonsOf(Bachelor(), open),
              testing::Contains("ANY_MAJOR 专业不限"));
  EXPECT_THAT(ReasonsOf(Bachelor(), OpenPosting()),
              testing::Contains("ANY_MAJOR 岗位未写专业要求"));
}

TEST(ReasonsTest, WishesComeBeforeHabits) {
  v1::Profile profile = Bachelor();
  profile.add_skills("Python");
  profile.add_skills("SQL");
  v1::Intent& intent = *profile.mutable_intent();
  *intent.add_functions() = MakeCode("function", "010101");
  intent.set_min_monthly_pay(8000);
  v1::Posting posting = OpenPosting();
  *posting.add_functions() = MakeCode("function", "010101", "C");
  posting.set_requirements("会 Python 与 SQL");
  posting.mutable_salary()->set_min_monthly(9000);
  posting.mutable_salary()->set_max_monthly(12000);
  const std::vector<std::string> reasons = ReasonsOf(profile, posting);
  ASSERT_FALSE(reasons.empty());
  EXPECT_EQ(reasons[0], "FUNCTION_WANTED 岗位类别符合意向：C");
  EXPECT_THAT(reasons, testing::Contains("PAY 薪资达到期望：9000-12000 元/月"));
}

struct SilentCase {
  std::string name;
  std::function<void(v1::Profile&, v1::Posting&)> set;
};
void PrintTo(const SilentCase& c, std::ostream* out) { *out << c.name; }
class NothingTrueTest : public testing::TestWithParam<SilentCase> {};

// A feature above zero is not yet a fact.
TEST_P(NothingTrueTest, GivesNoReason) {
  v1::Profile profile;
  v1::Posting posting = OpenPosting();
  posting.mutable_majors()->set_raw("见原文");
  GetParam().set(profile, posting);
  EXPECT_THAT(ReasonsOf(profile, posting), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Cases, NothingTrueTest,
    testing::ValuesIn<SilentCase>({
        {"PlaceOfTheSameProvince",
         [](v1::Profile& p, v1::Posting& q) {
           *p.mutable_intent()->add_places() = MakeCode("region", "420100");
           *q.add_locations()->mutable_region() = MakeCode("region", "420500");
         }},
        {"FunctionBesideTheWish",
         [](v1::Profile& p, v1::Posting& q) {
           *p.mutable_intent()->add_functions() =
               MakeCode("function", "010101");
           *q.add_functions() = MakeCode("function", "010102");
         }},
        {"PayBelowTheWish",
         [](v1::Profile& p, v1::Posting& q) {
           p.mutable_intent()->set_min_monthly_pay(8000);
           q.mutable_salary()->set_max_monthly(7000);
         }},
        {"OldPosting",
         [](v1::Profile&, v1::Posting& q) {
           q.mutable_publish_time()->set_seconds(
               absl::ToUnixSeconds(TestNow() - absl::Hours(24 * 8)));
         }},
        {"ExperienceNotAsked",
         [](v1::Profile& p, v1::Posting&) { p.set_experience_months(12); }},
        {"MajorTextNobodyRead",
         [](v1::Profile& p, v1::Posting&) {
           AddEducation(p, 4, "undergraduate", "080901");
         }},
    }),
    [](const auto& info) { return info.param.name; });

TEST(PlaceWordTest, SaysWhereAsPeopleDo) {
  const auto word = [](std::string_view code) {
    return PlaceWord(MakeCode("region", code));
  };
  EXPECT_EQ(word("420100"), "武汉");
  EXPECT_EQ(word("420111"), "武汉洪山区");
  EXPECT_EQ(word("110105"), "北京朝阳区");
  EXPECT_EQ(word("320576"), "苏州工业园区") << "has its city's name already";
  // What stands between county and province in the table is no place.
  EXPECT_EQ(word("429004"), "湖北仙桃市");
  EXPECT_EQ(word("500229"), "重庆城口县");
  EXPECT_EQ(word("659001"), "新疆石河子市");
}

TEST(MakeReasonTest, FillsParameters) {
  const v1::Reason reason =
      MakeReason("X", "{a} 与 {b}，{a}", {{"a", "甲"}, {"b", "乙"}});
  EXPECT_EQ(reason.text_zh(), "甲 与 乙，甲");
  EXPECT_EQ(reason.params().at("b"), "乙");
}

}  // namespace
}  // namespace gradmatch
