#include "index/codes/code_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

namespace gradmatch {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> Codes(const std::vector<const CodeEntry*>& entries) {
  std::vector<std::string> codes;
  for (const CodeEntry* e : entries) codes.emplace_back(e->code);
  return codes;
}

const CodeTable& Table(std::string_view system) {
  const CodeTable* table = CodeTable::Get(system);
  EXPECT_NE(table, nullptr) << system;
  return *table;
}

TEST(CodeTableTest, HoldsTheCataloguesInFull) {
  const std::map<std::string, std::map<int, int>> want = {
      {"region", {{1, 34}, {2, 342}}},
      {"undergraduate", {{1, 12}, {2, 93}, {3, 792}}},
      {"function", {{1, 16}, {2, 83}, {3, 836}}},
      {"industry", {{1, 20}, {2, 97}}},
      {"school", {{1, 2631}}}};
  for (const auto& [system, levels] : want) {
    std::map<int, int> have;
    for (const CodeEntry& e : Table(system).entries()) ++have[e.level];
    for (const auto& [level, count] : levels) {
      EXPECT_EQ(have[level], count) << system << " level " << level;
    }
  }
  // Counties that are not cities without counties too.
  EXPECT_GT(Table("region").entries().size(), 3300u);
  for (std::string_view system : {"gd2025-A", "gd2025-B", "gd2025-C"}) {
    EXPECT_GT(Table(system).entries().size(), 700u) << system;
  }
}

TEST(CodeTableTest, ParentsAreOneLevelUpAndPrefixes) {
  for (std::string_view system : CodeTable::Systems()) {
    const CodeTable& table = Table(system);
    for (const CodeEntry& e : table.entries()) {
      const CodeEntry* parent = table.Parent(e);
      if (e.level == 1) {
        EXPECT_EQ(parent, nullptr) << e.code;
        continue;
      }
      ASSERT_NE(parent, nullptr) << e.code;
      EXPECT_EQ(parent->level, e.level - 1) << e.code;
      std::string_view prefix = parent->code;
      if (system == "region") prefix = prefix.substr(0, parent->level * 2);
      if (system != "industry" && system != "condition") {
        EXPECT_TRUE(e.code.starts_with(prefix)) << e.code;
      }
    }
  }
}

struct FindCase {
  std::string_view system;
  std::string_view code;
  std::string_view name;  // empty: unknown
};

TEST(CodeTableTest, FindsByCodeHoweverSpelt) {
  for (const FindCase& c : {FindCase{"region", "440305", "南山区"},
                            {"region", "44", "广东省"},
                            {"region", "4403", "深圳市"},
                            {"region", "710000", "台湾省"},
                            {"region", "999999", ""},
                            {"region", "", ""},
                            {"undergraduate", "080901", "计算机科学与技术"},
                            {"undergraduate", "080904K", "信息安全"},
                            {"undergraduate", "080911TK", "网络空间安全"},
                            {"undergraduate", "0502100T", "语言学"},
                            {"undergraduate", "08", "工学"},
                            {"undergraduate", "0899", ""},
                            {"undergraduate", "KT", ""},
                            {"gd2025-B", "b080901", "计算机科学与技术"},
                            {"gd2025-B", "B081101", "土木工程"},
                            {"gd2025-C", "C130204", "数字媒体艺术设计"},
                            {"function", "010A", "技术管理岗位"},
                            {"function", "01010a", "Hadoop"},
                            {"industry", "a", "农、林、牧、渔业"},
                            {"industry", "65", "软件和信息技术服务业"},
                            {"school", "4111010001", "北京大学"},
                            {"school", "一个很长很长很长很长的代码", ""}}) {
    EXPECT_EQ(Table(c.system).Name(c.code), c.name)
        << c.system << " " << c.code;
  }
}

TEST(CodeTableTest, FindsEveryMeaningOfAName) {
  const CodeTable& region = Table("region");
  EXPECT_THAT(Codes(region.FindByName("吉林")),
              ElementsAre("220000", "220200"));
  EXPECT_THAT(Codes(region.FindByName("广州")), ElementsAre("440100"));
  EXPECT_THAT(Codes(region.FindByName("朝阳区")),
              ElementsAre("110105", "220104"));
  EXPECT_THAT(Codes(region.FindByName("大理州")), ElementsAre("532900"));
  EXPECT_THAT(region.FindByName("没有这个地方"), IsEmpty());
  // Width and case are spelling.
  EXPECT_THAT(Codes(Table("function").FindByName("ＪＡＶＡ")),
              ElementsAre("010102"));
  EXPECT_THAT(Codes(Table("undergraduate").FindByName("法学")),
              ElementsAre("03", "030101"));
  // An old name leads to the new one.
  EXPECT_THAT(Codes(Table("gd2025-B").FindByName("建筑环境与设备工程")),
              ElementsAre("B081102"));
}

TEST(CodeTableTest, WalksTheHierarchy) {
  const CodeTable& majors = Table("undergraduate");
  const CodeEntry& se = *majors.Find("080902");
  EXPECT_THAT(Codes(majors.Ancestors(se)), ElementsAre("0809", "08"));
  EXPECT_THAT(Codes(majors.Children(*majors.Find("0809"))), Contains("080902"));
  EXPECT_THAT(majors.Children(se), IsEmpty());
  EXPECT_TRUE(majors.Covers("08", "080902"));
  EXPECT_TRUE(majors.Covers("080902", "080902"));
  EXPECT_FALSE(majors.Covers("080902", "0809"));
  EXPECT_FALSE(majors.Covers("09", "080902"));
  EXPECT_FALSE(majors.Covers("", "080902"));
  EXPECT_TRUE(Table("region").Covers("440000", "440305"));
}

TEST(CodeTableTest, NamesTheNearestForAMistake) {
  const auto first = [](std::string_view system, std::string_view text) {
    const auto nearest = Table(system).Nearest(text, 3);
    return nearest.empty() ? std::string() : Describe(*nearest[0]);
  };
  EXPECT_EQ(first("undergraduate", "计算机科学技术"),
            "080901 计算机科学与技术");
  EXPECT_EQ(first("region", "广洲市天河区"), "440106 天河区");
  EXPECT_THAT(first("undergraduate", "080999"), HasSubstr("0809"));
  EXPECT_THAT(Table("region").Nearest("", 3), IsEmpty());
  EXPECT_THAT(Table("region").Nearest("zzzz", 3), IsEmpty());
  // Bounded for whatever a caller sends.
  EXPECT_LE(Table("school").Nearest(std::string(1 << 20, 'x'), 5).size(), 5u);
}

TEST(CodeTableTest, CrossesByName) {
  const CodeTable& b = Table("gd2025-B");
  const CodeTable& ministry = Table("undergraduate");
  // Same name, other digits.
  EXPECT_THAT(Codes(CrossByName(*b.Find("B081101"), ministry)),
              ElementsAre("081001"));
  EXPECT_THAT(Codes(CrossByName(*b.Find("B0811"), ministry)),
              ElementsAre("0810"));
  EXPECT_THAT(Codes(CrossByName(*Table("gd2025-A").Find("A0703"), ministry)),
              Contains("070301"));
  EXPECT_THAT(CrossByName(*Table("gd2025-A").Find("A1102"), ministry),
              IsEmpty());
}

TEST(CodeTableTest, RefusesUnknownSystems) {
  EXPECT_EQ(CodeTable::Get("REGION"), nullptr);
  EXPECT_EQ(CodeTable::Get(""), nullptr);
}

struct BadTable {
  std::string_view name;
  std::string_view tsv;
  std::string_view complaint;
};

TEST(CodeTableTest, RefusesBrokenTables) {
  for (const BadTable& c :
       {BadTable{"FewCells", "a\t\t1\tname\n", "line 1"},
        {"LevelNotANumber", "a\t\tx\tname\t\t\n", "level 'x'"},
        {"LevelZero", "a\t\t0\tname\t\t\n", "level '0'"},
        {"NoName", "a\t\t1\t\t\t\n", "no name"},
        {"Twice", "a\t\t1\tn\t\t\na\t\t1\tm\t\t\n", "stands twice"},
        {"NoParent", "a\tb\t2\tn\t\t\n", "parent 'b'"},
        {"ParentNotBroader", "a\t\t2\tn\t\t\nb\ta\t2\tm\t\t\n",
         "not broader"}}) {
    const auto table = CodeTable::Parse("test", "1", c.tsv);
    ASSERT_FALSE(table.ok()) << c.name;
    EXPECT_THAT(std::string(table.status().message()),
                HasSubstr(std::string(c.complaint)))
        << c.name;
  }
  EXPECT_TRUE(CodeTable::Parse("test", "1", "").ok());
}

}  // namespace
}  // namespace gradmatch
