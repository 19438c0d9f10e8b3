// Degree, experience, dates, counts and functions of titles.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "matcher/text/parse_count.h"
#include "matcher/text/parse_date.h"
#include "matcher/text/parse_degree.h"
#include "matcher/text/parse_experience.h"
#include "matcher/text/parse_function.h"

namespace gradmatch {
namespace {

using L = EducationLevel;
using testing::Contains;
using testing::ElementsAre;
using testing::Not;

struct DegreeCase {
  std::string_view text;
  L min;
  L max = L::kDoctor;
  bool full_time = false;
  bool certain = true;
};

TEST(ParseDegreeTest, UnderstandsTheFormsOfTheBoards) {
  for (const DegreeCase& c :
       {DegreeCase{"本科", L::kBachelor},
        {"大专", L::kVocational},
        {"学历不限", L::kNone},
        {"不限制", L::kNone},
        {"不限", L::kNone},
        {"硕士", L::kMaster},
        {"大学专科", L::kVocational},
        {"高中", L::kSecondary},
        {"中专/中技", L::kSecondary},
        {"统招本科", L::kBachelor, L::kDoctor, true},
        {"大学本科", L::kBachelor},
        {"中技/中专", L::kSecondary},
        {"初中", L::kNone},
        {"初中及以下", L::kNone},
        {"普通高中", L::kSecondary},
        {"中等专科", L::kSecondary},
        {"博士", L::kDoctor},
        {"硕士研究生", L::kMaster},
        {"职业高中", L::kSecondary},
        {"技工学校", L::kSecondary},
        {"小学", L::kNone},
        {"博士研究生", L::kDoctor},
        {"本科及以上", L::kBachelor},
        {"本科以上学历", L::kBachelor},
        {"全日制硕士及以上", L::kMaster, L::kDoctor, true},
        {"大专/本科", L::kVocational},
        {"硕士或博士", L::kMaster},
        {"大专及以上，本科优先", L::kVocational},
        {"本科 及 以上", L::kBachelor},
        {"大专至本科", L::kVocational, L::kBachelor},
        {"仅限本科", L::kBachelor, L::kBachelor},
        {"本科及以下", L::kNone, L::kBachelor},
        {"本科以下", L::kNone, L::kVocational},
        {"ＭＢＡ", L::kMaster},
        {"专升本", L::kBachelor},
        {"职业本科", L::kBachelor},
        {"本科优先", L::kNone, L::kDoctor, false, false},
        {"大学", L::kBachelor, L::kDoctor, false, false}}) {
    const auto got = ParseDegree(c.text);
    ASSERT_TRUE(got.understood()) << c.text;
    EXPECT_EQ(*got.value, (DegreeRange{c.min, c.max, c.full_time}))
        << c.text << " min " << Name(got.value->min) << " max "
        << Name(got.value->max);
    EXPECT_EQ(got.certain, c.certain) << c.text;
    EXPECT_EQ(got.note.empty(), c.certain) << c.text;
  }
}

struct ExperienceCase {
  std::string_view text;
  int min;
  std::optional<int> max = std::nullopt;
  bool fresh = false;
};

TEST(ParseExperienceTest, UnderstandsTheFormsOfTheBoards) {
  for (const ExperienceCase& c : {ExperienceCase{"1-3年", 12, 36},
                                  {"经验不限", 0},
                                  {"无需经验", 0},
                                  {"应届毕业生", 0, std::nullopt, true},
                                  {"在校/应届", 0, std::nullopt, true},
                                  {"3年及以上", 36},
                                  {"3年以上工作经验", 36},
                                  {"5", 60},
                                  {"0", 0},
                                  {"1年以下", 0, 12},
                                  {"一年以上", 12},
                                  {"三至五年", 36, 60},
                                  {"半年以上", 6},
                                  {"6个月", 6},
                                  {"6-12个月", 6, 12},
                                  {"１０年以上", 120},
                                  {"3-5", 36, 60},
                                  {"1.5年", 18},
                                  {"两年", 24},
                                  {"2026届应届毕业生", 0, std::nullopt, true},
                                  {"十二年", 144}}) {
    const auto got = ParseExperience(c.text);
    ASSERT_TRUE(got.understood()) << c.text;
    EXPECT_EQ(*got.value, (Experience{c.min, c.max, c.fresh}))
        << c.text << " " << got.value->min_months;
  }
  EXPECT_EQ(ExperienceFromYears(3).value->min_months, 36);
  EXPECT_FALSE(ExperienceFromYears(-1).understood());
  EXPECT_FALSE(ExperienceFromYears(51).understood());
  EXPECT_FALSE(ExperienceFromYears(std::nan("")).understood());
}

struct DateCase {
  std::string_view text;
  std::string_view want;  // in China's time
  bool certain = true;
};

TEST(ParseDateTest, UnderstandsTheFormsOfTheBoards) {
  for (const DateCase& c :
       {DateCase{"2024-10-10 12:50:49", "2024-10-10 12:50:49"},
        {"2024-10-10", "2024-10-10 00:00:00"},
        {"20241010", "2024-10-10 00:00:00"},
        {"2024/1/2 3:04", "2024-01-02 03:04:00"},
        {"2024年10月10日", "2024-10-10 00:00:00"},
        {"2025-02-08T22:24:01+08:00", "2025-02-08 22:24:01"},
        {"2025-02-08T14:24:01Z", "2025-02-08 22:24:01"},
        {"2025-02-08T14:24:01.500+0000", "2025-02-08 22:24:01"},
        {"2025-02-08 14:24:01 -0500", "2025-02-09 03:24:01"},
        {"1733900400", "2024-12-11 15:00:00"},
        {"1733900400000", "2024-12-11 15:00:00"},
        {"２０２４－１０－１０", "2024-10-10 00:00:00"},
        {"2024-02-29", "2024-02-29 00:00:00"},
        {"1970-01-01 08:01:08", "1970-01-01 08:01:08", false}}) {
    const auto got = ParseDate(c.text);
    ASSERT_TRUE(got.understood()) << c.text;
    EXPECT_EQ(absl::FormatTime("%Y-%m-%d %H:%M:%S", *got.value, ChinaTime()),
              c.want)
        << c.text;
    EXPECT_EQ(got.certain, c.certain) << c.text;
  }
  EXPECT_EQ(*ParseDeadline("2024-10-10").value,
            *ParseDate("2024-10-11").value - absl::Seconds(1));
  EXPECT_EQ(*ParseDeadline("2024-10-10 08:00").value,
            *ParseDate("2024-10-10 08:00").value);
}

struct CountCase {
  std::string_view text;
  int want;
  bool certain = true;
};

TEST(ParseHeadcountTest, UnderstandsTheFormsOfTheBoards) {
  for (const CountCase& c : {CountCase{"3人", 3},
                             {"招5名", 5},
                             {"招聘人数：10", 10},
                             {"十人", 10},
                             {"12", 12},
                             {"1,000人", 1000},
                             {"若干", 1, false},
                             {"多名", 1, false},
                             {"2-3人", 2, false},
                             {"10人以上", 10, false}}) {
    const auto got = ParseHeadcount(c.text);
    ASSERT_TRUE(got.understood()) << c.text;
    EXPECT_EQ(*got.value, c.want) << c.text;
    EXPECT_EQ(got.certain, c.certain) << c.text;
  }
}

struct YearsCase {
  std::string_view text;
  int min;
  int max;
};

TEST(ParseGraduationYearsTest, UnderstandsTheFormsOfTheBoards) {
  for (const YearsCase& c : {YearsCase{"2026届", 2026, 2026},
                             {"2025-2026届", 2025, 2026},
                             {"26届毕业生", 2026, 2026},
                             {"25-26届", 2025, 2026},
                             {"2025届、2026届", 2025, 2026},
                             {"2026年应届毕业生", 2026, 2026},
                             {"2024年9月至2025年8月毕业", 2024, 2025},
                             {"2026", 2026, 2026}}) {
    const auto got = ParseGraduationYears(c.text);
    ASSERT_TRUE(got.understood()) << c.text;
    EXPECT_EQ(*got.value, (GraduationYears{c.min, c.max}))
        << c.text << " " << got.value->min << "-" << got.value->max;
  }
}

struct FunctionCase {
  std::string_view title;
  std::string_view first;
  bool certain = false;
};

TEST(ParseFunctionsTest, FindsWhatATitleIs) {
  for (const FunctionCase& c : {FunctionCase{"Java开发工程师", "010102", true},
                                {"高级Java开发工程师（双休）", "010102", true},
                                {"Java前端开发工程师", "010202"},
                                {"会计", "070304", true},
                                {"招聘专员", "070105", true},
                                {"【急聘】口腔护士", "0d0101", true},
                                {"顺丰快递员", "090207"},
                                {"机械设计工程师", "0f0102", true},
                                {"软件测试工程师-深圳", "010701"},
                                {"土建施工员", "0e020c"},
                                {"（电气工程师）", "010502"},
                                {"初级会计", "070304", true},
                                {"英语老师", "0a0113", true}}) {
    const auto got = ParseFunctions(c.title);
    ASSERT_TRUE(got.understood()) << c.title;
    EXPECT_EQ(got.value->front(), c.first) << c.title;
    EXPECT_EQ(got.certain, c.certain) << c.title;
    EXPECT_LE(got.value->size(), 3u);
  }
}

// 助理 goes with any work. Beside the work itself it would put every assistant
// programmer before those who look for an office job.
TEST(ParseFunctionsTest, AnAssistantIsAClerkOnlyWhereNoWorkIsNamed) {
  EXPECT_THAT(*ParseFunctions("助理java工程师").value, ElementsAre("010102"));
  EXPECT_THAT(*ParseFunctions("软件测试助理").value, ElementsAre("010701"));
  EXPECT_THAT(*ParseFunctions("抖音短视频剪辑员/日结/居家").value,
              Not(Contains("070203")));
  EXPECT_THAT(*ParseFunctions("助理").value, ElementsAre("070203"));
  // A guard was a teacher, and a chemist a banker.
  EXPECT_THAT(*ParseFunctions("爱心幼儿园招聘保安").value,
              Not(Contains("0a0109")));
  EXPECT_THAT(*ParseFunctions("幼儿园").value, ElementsAre("0a0109"));
  EXPECT_THAT(*ParseFunctions("化工实验室研究员/技术员").value,
              Not(Contains("08020d")));
  EXPECT_THAT(*ParseFunctions("行业研究员").value, ElementsAre("08020d"));
  EXPECT_THAT(*ParseFunctions("居家办公，小说读文").value,
              ElementsAre("10030a"));
  EXPECT_THAT(*ParseFunctions("助理（双休）").value, ElementsAre("070203"));
  EXPECT_THAT(*ParseFunctions("数据文员").value, Contains("070203"));
}

// A word that names a subject or a trade is no work: it stands in the titles of
// all who sell, test or carry such things.
TEST(ParseFunctionsTest, SubjectsAndTradesAreNoWork) {
  EXPECT_THAT(*ParseFunctions("食品业务员").value, Not(Contains("0f030b")));
  EXPECT_THAT(*ParseFunctions("食品研发工程师").value, Contains("0f030b"));
  EXPECT_THAT(*ParseFunctions("英语Java工程师").value, ElementsAre("010102"));
  EXPECT_THAT(*ParseFunctions("化学测试工程师").value, Not(Contains("0a0115")));
  EXPECT_THAT(*ParseFunctions("初中化学老师").value, Contains("0a0115"));
  // Gardeners are no designers, and shelf fillers no exhibition designers.
  for (std::string_view title : {"绿化工", "绿化养护员", "园林绿化工人"}) {
    EXPECT_THAT(*ParseFunctions(title).value, Not(Contains("0e020e")));
  }
  EXPECT_THAT(*ParseFunctions("园林景观设计师").value, Contains("0e020e"));
  EXPECT_THAT(*ParseFunctions("盒马鲜生招聘陈列员").value,
              Not(Contains("030501")));
  EXPECT_THAT(*ParseFunctions("服装陈列师").value, Contains("030501"));
}

// A year is a class only where the text says so, and one that is merely welcome
// closes the posting to nobody.
TEST(ParseGraduationYearsTest, OtherYearsAndWelcomesAreNoCondition) {
  for (std::string_view text :
       {"2025社招-北京研发中心-软件高级工程师(J23135)",
        "高级/资深后端开发工程师-Q2018M", "三级医院护士2024"}) {
    EXPECT_FALSE(ParseGraduationYears(text).understood()) << text;
  }
  for (std::string_view text :
       {"Java开发助理（可接受24届）", "Java（24届可投 线上面试）",
        "Java开发工程师（25届能实习优先）", "欢迎2025届毕业生"}) {
    const auto got = ParseGraduationYears(text);
    EXPECT_TRUE(got.understood()) << text;
    EXPECT_FALSE(got.certain) << text;
  }
  EXPECT_EQ(*ParseGraduationYears("2025级").value,
            (GraduationYears{2025, 2025}));
  EXPECT_TRUE(ParseGraduationYears("2025届校招-会计").certain);
  EXPECT_TRUE(ParseGraduationYears("可靠性工程师（2025届）").certain);
}

// What is no value is said to be none, by every parser, whatever the bytes.
TEST(ParsersTest, SayWhenTheyDoNotUnderstand) {
  const std::string bad[] = {"",
                             " ",
                             "其他",
                             "？？",
                             "\xFF\xFE",
                             "🔥",
                             std::string(1 << 20, '9'),
                             std::string(1 << 20, 'a')};
  for (const std::string& text : bad) {
    const std::string shown = text.substr(0, 20);
    EXPECT_FALSE(ParseDegree(text).understood()) << shown;
    EXPECT_FALSE(ParseExperience(text).understood()) << shown;
    EXPECT_FALSE(ParseDate(text).understood()) << shown;
    EXPECT_FALSE(ParseHeadcount(text).understood()) << shown;
    EXPECT_FALSE(ParseGraduationYears(text).understood()) << shown;
    EXPECT_FALSE(ParseFunctions(text).understood()) << shown;
  }
  for (std::string_view text :
       {"2024-13-01", "2024-02-30", "2024-1", "10-10-2024", "2024-10-10 25:00",
        "2024-10-10 12:61", "123", "2024-10-10T12:00:00+99:00",
        "2024-10-10 noon"}) {
    EXPECT_FALSE(ParseDate(text).understood()) << text;
  }
  for (std::string_view text : {"0人", "-3", "1.5人", "1000000", "人", "3k"}) {
    EXPECT_FALSE(ParseHeadcount(text).understood()) << text;
  }
  for (std::string_view text : {"100年", "3个项目经验", "5-3年"}) {
    EXPECT_FALSE(ParseExperience(text).understood()) << text;
  }
  for (std::string_view text : {"近两届", "3人", "1850届", "毕业生"}) {
    EXPECT_FALSE(ParseGraduationYears(text).understood()) << text;
  }
}

}  // namespace
}  // namespace gradmatch
