#include "matcher/text/parse_major.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace gradmatch {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// "0809 080703 gd2025-B:B0809", to compare and to print.
std::string Shown(const MajorRequirement& r) {
  std::string shown;
  for (const MajorCode& c : r.codes) {
    if (!shown.empty()) shown += " ";
    if (c.system != "undergraduate") shown += c.system + ":";
    shown += c.code;
  }
  return shown;
}

struct MajorCase {
  std::string_view text;
  std::string_view want;
  bool related = false;
  bool certain = true;
};

TEST(ParseMajorsTest, UnderstandsTheFormsOfTheBoards) {
  for (const MajorCase& c :
       {MajorCase{"计算机、电子信息类专业", "0809 0807"},
        {"计算机相关专业", "0809", true},
        {"计算机科学与技术", "080901"},
        {"软件工程(080902)", "080902"},
        {"(080901)", "080901"},
        {"B0809,B080202", "gd2025-B:B0809 gd2025-B:B080202"},
        {"080904K", "080904"},
        {"计科/软工", "080901 080902"},
        {"会计学、财务管理、审计学", "120203 120204 120207"},
        {"土木、水利与海洋工程", "081009"},
        {"法学", "030101"},
        {"法学类", "0301"},
        {"理工科", "07 08"},
        {"本科，机械或自动化等相关专业优先", "0802 080801", true},
        {"网络与新媒体和广告学", "050306 050303"},
        {"会计电算化", "120203"},
        {"财务会计类", "gd2025-C:C1202"},
        {"护理或魍魉学", "1011", false, false}}) {
    const auto got = ParseMajors(c.text);
    ASSERT_TRUE(got.understood()) << c.text;
    EXPECT_EQ(Shown(*got.value), c.want)
        << c.text << " left: " << got.value->leftover;
    EXPECT_EQ(got.value->related, c.related) << c.text;
    EXPECT_EQ(got.certain, c.certain)
        << c.text << " left: " << got.value->leftover;
    EXPECT_FALSE(got.value->any) << c.text;
  }
  for (std::string_view text : {"专业不限", "不限", "不限专业", "无"}) {
    ASSERT_TRUE(ParseMajors(text).understood()) << text;
    EXPECT_TRUE(ParseMajors(text).value->any) << text;
  }
  const std::string long_text(1 << 20, 'a');
  for (std::string_view text :
       {std::string_view(""), std::string_view("魍魉学"),
        std::string_view("\xFF"), std::string_view("999999"),
        std::string_view(long_text)}) {
    EXPECT_FALSE(ParseMajors(text).understood()) << text.substr(0, 20);
  }
}

TEST(ParseMajorsTest, LevelsComeFromTheTable) {
  const auto got = ParseMajors("工学、计算机类、软件工程");
  ASSERT_TRUE(got.understood());
  ASSERT_EQ(got.value->codes.size(), 3u);
  EXPECT_EQ(got.value->codes[0].level, 1);
  EXPECT_EQ(got.value->codes[1].level, 2);
  EXPECT_EQ(got.value->codes[2].level, 3);
}

TEST(FindMajorsInTextTest, FindsTheClause) {
  for (const MajorCase& c :
       {MajorCase{"任职要求：\n1. 机械、电子、计算机等相关专业本科及以上学历。",
                  "0802 0807 0809", true},
        {"本科及以上学历，计算机科学、信息管理或相关专业；熟悉市场营销",
         "080901 120102", true},
        {"1、会计专业", "120203"},
        {"负责市场推广，设计方案；土木工程专业优先", "081001"}}) {
    const auto got = FindMajorsInText(c.text);
    ASSERT_TRUE(got.understood()) << c.text;
    EXPECT_EQ(Shown(*got.value), c.want) << c.text;
    EXPECT_EQ(got.value->related, c.related) << c.text;
  }
  EXPECT_TRUE(FindMajorsInText("大专以上，专业不限。").value->any);
  for (std::string_view text : {"提供专业的课程体系", "计算机专业知识扎实",
                                "打造专业、高效的团队", "", "专业"}) {
    EXPECT_FALSE(FindMajorsInText(text).understood()) << text;
  }
  // Linear, however often the word stands there.
  std::string many;
  while (many.size() < (1u << 20)) many += "计算机专业";
  EXPECT_TRUE(FindMajorsInText(many).understood());
}

std::vector<std::string> First(std::string_view system, std::string_view code) {
  std::vector<std::string> codes;
  for (const TypicalFunction& f : TypicalFunctions(system, code)) {
    if (f.weight == 3) codes.emplace_back(f.function);
  }
  return codes;
}

TEST(TypicalFunctionsTest, KnowsWhereMajorsLead) {
  using ::testing::Contains;
  EXPECT_THAT(First("undergraduate", "080901"), Contains("0101"));
  EXPECT_THAT(First("undergraduate", "120203"), Contains("070304"));
  EXPECT_THAT(First("undergraduate", "101101"), ElementsAre("0d0101"));
  // A major without its own line has its group's.
  EXPECT_THAT(First("undergraduate", "100301K"), ElementsAre("0d0105"));
  // Other lists by name, by group, by crossing.
  EXPECT_EQ(First("gd2025-B", "B081101"), First("undergraduate", "081001"));
  EXPECT_THAT(First("gd2025-C", "C1202"), Contains("070304"));
  EXPECT_THAT(First("gd2025-A", "A0812"), Contains("0101"));
  EXPECT_THAT(TypicalFunctions("undergraduate", "999999"), IsEmpty());
  EXPECT_THAT(TypicalFunctions("nonsense", "0809"), IsEmpty());
}

TEST(NearestUndergraduateTest, CrossesListsByNameThenGroup) {
  EXPECT_EQ(NearestUndergraduate("undergraduate", "080904K"), "080904");
  EXPECT_EQ(NearestUndergraduate("gd2025-B", "B0811"), "0810");
  EXPECT_EQ(NearestUndergraduate("gd2025-C", "C0814"), "0809");
  EXPECT_EQ(NearestUndergraduate("gd2025-A", "A1102"), "");
  EXPECT_EQ(NearestUndergraduate("gd2025-X", "X"), "");
}

}  // namespace
}  // namespace gradmatch
