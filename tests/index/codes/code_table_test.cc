#include "index/codes/code_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "index/base/error.h"
#include "index/base/error_reasons.h"

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
  const CodeTable* table = CodeTable::BuiltIn(system);
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
  for (std::string_view system : CodeTable::BuiltInSystems()) {
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
                            {"postgraduate", "085400", "电子信息"},
                            {"postgraduate", "085404", "计算机技术"},
                            {"postgraduate", "0812", "计算机科学与技术"},
                            {"postgraduate", "081299", ""},
                            {"vocational", "520101K", "临床医学"},
                            {"vocational", "310203", "软件工程技术"},
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
  EXPECT_EQ(CodeTable::BuiltIn("REGION"), nullptr);
  EXPECT_EQ(CodeTable::BuiltIn(""), nullptr);
}

TEST(CodeTableTest, MinistryCataloguesHaveTheirPublishedCounts) {
  // 研究生教育学科专业目录 (2022): 14 门类, 117 一级学科, 67 专业学位类别 of
  // which 31 give the master's degree only.
  std::map<std::string, int> kinds;
  for (const CodeEntry& e : Table("postgraduate").entries()) {
    ++kinds[std::to_string(e.level) + " " + std::string(e.note)];
  }
  EXPECT_EQ(kinds["1 "], 14);
  EXPECT_EQ(kinds["2 学术学位"], 117);
  EXPECT_EQ(kinds["2 专业学位"] + kinds["2 专业学位|仅硕士"], 67);
  EXPECT_EQ(kinds["2 专业学位|仅硕士"], 31);
  // 职业教育专业目录 (2021): 19 大类, 97 专业类, 744 and 247 专业. The third
  // digit of a professional degree is 5 or more.
  for (const CodeEntry& e : Table("postgraduate").entries()) {
    if (e.level < 2 || e.note == "1997") continue;
    EXPECT_EQ(e.code[2] >= '5', e.note.starts_with("专业学位")) << e.code;
  }
  std::map<std::string, int> levels;
  std::set<std::string_view> groups;
  for (const CodeEntry& e : Table("vocational").entries()) {
    const bool bachelor = e.code[0] < '4';
    EXPECT_EQ(e.note.starts_with(bachelor ? "职业本科" : "专科"), true)
        << e.code;
    ++levels[std::to_string(e.level) + (bachelor ? " 本" : " 专")];
    if (e.level == 2) groups.insert(e.name);
  }
  EXPECT_EQ(levels["1 专"], 19);
  EXPECT_EQ(levels["1 本"], 19);
  EXPECT_EQ(levels["2 专"], 97);
  EXPECT_EQ(levels["3 专"], 744);
  EXPECT_EQ(levels["3 本"], 247);
  EXPECT_EQ(groups.size(), 97u);
}

TEST(CodeTableTest, FormerCodesStandForTheirSuccessors) {
  const CodeTable& region = Table("region");
  using Former = CodeTable::Former;
  EXPECT_EQ(region.Find("110228"), nullptr);
  ASSERT_NE(region.Find("110228", Former::kFollow), nullptr);
  EXPECT_EQ(region.Find("110228", Former::kFollow)->code, "110118");
  EXPECT_EQ(region.Find("110228", Former::kItself)->name, "密云县");
  EXPECT_EQ(region.Find("110118", Former::kFollow)->code, "110118");
  EXPECT_EQ(region.Find("999999", Former::kFollow), nullptr);
  // The name leads there too, and nothing that walks the table meets it.
  EXPECT_THAT(Codes(region.FindByName("密云县")), ElementsAre("110118"));
  EXPECT_THAT(Codes(region.FindByName("崇文区")), ElementsAre("110101"));
  EXPECT_FALSE(region.Covers("110000", "110228"));
  for (const CodeEntry* e : region.Children(*region.Find("110100"))) {
    EXPECT_TRUE(e->successor.empty()) << e->code;
  }
  for (std::string_view system : CodeTable::BuiltInSystems()) {
    const CodeTable& table = Table(system);
    for (const CodeEntry& e : table.former()) {
      const CodeEntry* now = table.Find(e.code, Former::kFollow);
      ASSERT_NE(now, nullptr) << e.code;
      EXPECT_TRUE(now->successor.empty()) << e.code;
    }
    for (const CodeEntry& e : table.entries()) {
      EXPECT_TRUE(e.successor.empty()) << e.code;
    }
  }
  EXPECT_GT(region.former().size(), 80u);
}

TEST(CodeTableTest, TellsCataloguesOfMajors) {
  for (std::string_view system : CodeTable::BuiltInSystems()) {
    const bool majors = system.starts_with("gd2025") ||
                        system.ends_with("graduate") || system == "vocational";
    // The digits of job functions look alike; a name tells them apart.
    if (system == "function") continue;
    EXPECT_EQ(Table(system).IsMajorCatalogue(), majors) << system;
  }
}

TEST(CodeTableTest, CrossesAmongAllCataloguesOfMajors) {
  struct Case {
    std::string_view from, code, to;
    std::vector<std::string> want;
  };
  for (const Case& c : std::vector<Case>{
           {"undergraduate", "080901", "postgraduate", {"0812"}},
           {"undergraduate", "080902", "postgraduate", {"0835", "085405"}},
           {"postgraduate", "0835", "undergraduate", {"080902"}},
           {"postgraduate", "0254", "undergraduate", {"120205"}},
           {"vocational", "510204", "undergraduate", {"080906"}},
           {"undergraduate", "080906", "vocational", {"310204", "510204"}},
           {"undergraduate", "0809", "vocational", {"3102", "5102"}},
           // Guangdong writes the degree behind the name.
           {"gd2025-A", "A020212", "postgraduate", {"0251"}},
           {"gd2025-A", "A084004", "postgraduate", {"085404"}},
           {"gd2025-A", "A020203", "postgraduate", {"020203"}},
           // Renumbered by Guangdong: the digits would say another thing.
           {"gd2025-A", "A0911", "postgraduate", {"0906"}},
           {"postgraduate", "0906", "gd2025-A", {"A0911"}},
           {"vocational", "520803", "undergraduate", {}},
           {"postgraduate", "1111", "undergraduate", {}}}) {
    const CodeEntry* entry = Table(c.from).Find(c.code);
    ASSERT_NE(entry, nullptr) << c.from << " " << c.code;
    EXPECT_EQ(Codes(CrossByName(*entry, Table(c.to))), c.want)
        << c.from << " " << c.code << " to " << c.to;
  }
}

struct BadTable {
  std::string_view name;
  std::string_view tsv;
  std::string_view complaint;
};

TEST(CodeTableTest, RefusesBrokenTables) {
  for (const BadTable& c :
       {BadTable{"FewCells", "a\t\t1\tname\n", "第 1 行 列数"},
        {"ManyCells", "a\t\t1\tn\t\t\t\t\n", "第 1 行 列数"},
        {"LevelNotANumber", "a\t\tx\tname\t\t\n", "级别 x"},
        {"LevelZero", "a\t\t0\tname\t\t\n", "级别 0"},
        {"LevelTooDeep", "a\t\t10\tname\t\t\n", "级别 10"},
        {"NoName", "a\t\t1\t\t\t\n", "名称"},
        {"NoCode", "\t\t1\tn\t\t\n", "代码"},
        {"CodeWithBlank", "a b\t\t1\tn\t\t\n", "代码 a b"},
        {"CodeTooLong",
         "a123456789b123456789c123456789d123456789e12345678\t\t1\tn\t\t\n",
         "代码"},
        {"Twice", "a\t\t1\tn\t\t\nb\t\t1\tn\t\t\na\t\t1\tm\t\t\n",
         "第 3 行 代码 a"},
        {"NoParent", "a\tb\t2\tn\t\t\n", "上级代码 b"},
        {"ParentMissing", "a\t\t2\tn\t\t\n", "上级代码"},
        {"ParentNotBroader", "c\t\t1\tn\t\t\na\tc\t2\tn\t\t\nb\ta\t2\tm\t\t\n",
         "第 3 行 上级代码 a"},
        {"ParentFormer", "c\t\t1\tn\t\t\nd\t\t1\tn\t\t\tc\na\td\t2\tn\t\t\n",
         "第 3 行 上级代码 d"},
        {"SuccessorMissing", "a\t\t1\tn\t\t\tb\n", "后继代码 b"},
        {"SuccessorsInACircle",
         "a\t\t1\tn\t\t\tb\nb\t\t1\tn\t\t\ta\nc\t\t1\tn\t\t\n", "后继代码"},
        {"SuccessorItself", "a\t\t1\tn\t\t\ta\n", "后继代码 a"}}) {
    const auto table = CodeTable::Parse({.system = "test", .version = "1"},
                                        std::string(c.tsv));
    ASSERT_FALSE(table.ok()) << c.name;
    EXPECT_THAT(std::string(table.status().message()),
                HasSubstr(std::string(c.complaint)))
        << c.name;
    EXPECT_EQ(ReasonOf(table.status()), kCodeTableInvalid) << c.name;
  }
}

TEST(CodeTableTest, ReadsWhatPeopleSend) {
  // A byte order mark, line ends of Windows, blank lines, six cells and seven,
  // children before parents.
  const auto table = CodeTable::Parse({.system = "test", .version = "1"},
                                      "\xEF\xBB\xBF"
                                      "0101\t01\t2\t乙\t\t\r\n\r\n01\t\t1\t甲\t"
                                      "\t\t\r\n0102\t01\t2\t丙\t\t\t0101");
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ((*table)->entries().size(), 2u);
  EXPECT_EQ((*table)->former().size(), 1u);
  EXPECT_EQ((*table)->Name("0101"), "乙");
  EXPECT_TRUE((*table)->IsMajorCatalogue());
  EXPECT_TRUE(CodeTable::Parse({.system = "test"}, "").ok());
}

}  // namespace
}  // namespace gradmatch
