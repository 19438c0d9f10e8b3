#include "matcher/text/parse_condition.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "matcher/text/parse_major_list.h"

namespace gradmatch {
namespace {

using testing::ElementsAre;

struct Case {
  std::string text;
  ConditionKind kind;
  std::vector<std::string> any_of;
};

TEST(ParseConditionTest, ReadsOnePiece) {
  using enum ConditionKind;
  const Case cases[] = {
      {"中共党员", kPoliticalStatus, {"cpc-member"}},
      {"政治面貌：中共党员（含预备党员）", kUnread, {}},
      {"中共党员或共青团员", kPoliticalStatus, {"cpc-member", "league-member"}},
      {"1.限男性", kSex, {"male"}},
      {"具有国家法律职业资格证书（A类）",
       kCertificate,
       {"legal-qualification-a"}},
      {"具有会计或审计专业技术资格（中级以上）",
       kCertificate,
       {"title-accounting-2", "title-audit-2"}},
      {"具有初级会计师以上职称或会计从业资格证书",
       kCertificate,
       {"title-accounting-1", "accounting-licence"}},
      {"具有中级及以上职称", kCertificate, {"title-any-2"}},
      {"具有小学及以上教师资格证书", kCertificate, {"teacher-primary"}},
      {"通过大学英语六级考试", kCertificate, {"cet-6"}},
      {"普通话水平测试二级甲等及以上", kCertificate, {"mandarin-2a"}},
      {"限退役大学生士兵报考", kService, {"college-veteran"}},
      {"最低服务年限5年（含试用期）", kUndertaking, {"agrees-service-years"}},
      {"需经常加班、值夜班", kUndertaking, {"accepts-conditions"}},
      {"限湖南户籍", kPerson, {}},
      {"壮族或瑶族", kPerson, {}},
      // Not every word is known: nothing is read into it.
      {"具有中医针灸推拿高级研修证书", kUnread, {}},
      {"中共党员男性", kUnread, {}},
      {"通过法律职业资格考试的除外", kUnread, {}}};
  for (const Case& c : cases) {
    const ParsedConditions read = ParseConditions(c.text);
    ASSERT_EQ(read.conditions.size(), 1u) << c.text;
    EXPECT_EQ(read.conditions[0].kind, c.kind) << c.text;
    EXPECT_EQ(read.conditions[0].any_of, c.any_of) << c.text;
    EXPECT_EQ(read.unread, c.kind == kUnread ? 1 : 0) << c.text;
  }
}

TEST(ParseConditionTest, ReadsNumbersAndClasses) {
  EXPECT_EQ(ParseConditions("年龄35周岁以下").conditions[0].max, 35);
  EXPECT_EQ(ParseConditions("18周岁以上30周岁以下").conditions[0].min, 18);
  EXPECT_EQ(ParseConditions("具有2年以上基层工作经历").conditions[0].min, 24);
  EXPECT_EQ(ParseConditions("具有3年以上工作经历").experience_months, 36);
  EXPECT_THAT(ParseConditions("2025届高校毕业生").graduation_years,
              ElementsAre(2025));
  EXPECT_EQ(ParseConditions("2025年应届毕业生").conditions[0].min, 2025);
}

TEST(ParseConditionTest, SomeAreAskedOfSomeOnly) {
  const ParsedConditions law =
      ParseConditions("法学专业报考者须通过法律职业资格考试");
  ASSERT_EQ(law.conditions.size(), 1u);
  EXPECT_EQ(law.conditions[0].majors[0].code, "A0301");
  EXPECT_EQ(law.conditions[0].majors[1].code, "B0301");
  const ParsedConditions post =
      ParseConditions("研究生报考者本科须为法学专业且获法学学士学位");
  EXPECT_THAT(post.conditions[0].levels, ElementsAre(5, 6));
  EXPECT_THAT(post.conditions[0].any_of, ElementsAre("bachelor-law"));
  const ParsedConditions two = ParseConditions(
      "财政学（A020203），不包含税收学, 企业管理（限：财务管理）（A120202）");
  ASSERT_EQ(two.conditions.size(), 2u);
  EXPECT_EQ(two.conditions[1].majors[0].code, "A120202");
  EXPECT_EQ(ParseConditions("中国少数民族语言文学（限：维语）（A050107）")
                .conditions[0]
                .kind,
            ConditionKind::kMajorDirection);
}

TEST(ParseConditionTest, NothingAndPreferencesAskForNothing) {
  for (const char* text : {"", "无", "不限", "中共党员优先", "；;"}) {
    EXPECT_TRUE(ParseConditions(text).conditions.empty()) << text;
  }
}

TEST(ParseConditionTest, AFreeTextGivesOnlyWhatIsBeyondDoubt) {
  const ParsedConditions read = FindConditionsInText(
      "负责机关文秘工作，服务群众。中共党员；35周岁以下，身体健康；需经常出差");
  ASSERT_EQ(read.conditions.size(), 2u);
  EXPECT_THAT(read.conditions[0].any_of, ElementsAre("cpc-member"));
  EXPECT_EQ(read.conditions[1].max, 35);
}

TEST(ParseMajorListTest, ReadsCodesNamesAndClasses) {
  const MajorList list = ParseMajorList(
      "企业管理（含：财务管理、市场营销、人力资源管理）(A120202),"
      "港口、海岸及近海工程(A081505), 06法律类,没有这个(A9999)",
      "gd2025-A");
  EXPECT_EQ(list.entries, 4);
  ASSERT_EQ(list.codes.size(), 2u);
  EXPECT_EQ(list.codes[0].code, "A120202");
  EXPECT_EQ(list.codes[1].code, "A081505");
  EXPECT_THAT(list.texts, ElementsAre("06法律类", "没有这个(A9999)"));
  EXPECT_TRUE(ParseMajorList("不限", "gd2025-B").any);
  EXPECT_EQ(ParseMajorList("", "gd2025-B").entries, 0);
  EXPECT_EQ(ParseMajorList("会计学、审计学", "gd2025-B").codes.size(), 2u);
}

}  // namespace
}  // namespace gradmatch
