// Code tables from the command line: import, ls, resolve, cross; and that an
// imported table outlives the server.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/end_to_end/server_fixture.h"

namespace gradmatch {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class CodeCommandsTest : public ServerFixture {
 protected:
  void StartWithTable() {
    ASSERT_NO_FATAL_FAILURE(Start());
    Write("majors.tsv",
          "01\t\t1\t工程\t\t\r\n"
          "0101\t01\t2\t计算机类\t\t\r\n"
          "010101\t0101\t3\t软件工程\t\t\r\n"
          "010102\t0101\t3\t量子软件\t\t\r\n");
  }
  static constexpr char kImport[] =
      "gradmatch code import majors.tsv --system province-x --version 1 ";
};

TEST_F(CodeCommandsTest, ImportsListsResolvesAndCrosses) {
  ASSERT_NO_FATAL_FAILURE(StartWithTable());
  const Ran dry = Shell(std::string(kImport) + "--dry-run");
  EXPECT_EQ(dry.code, 0);
  EXPECT_THAT(dry.output, AllOf(HasSubstr("可以导入"), HasSubstr("4 个代码")));
  EXPECT_EQ(Shell("gradmatch code list province-x").code, 65);

  const Ran import = Shell(std::string(kImport) + "--display-name 某省目录");
  EXPECT_EQ(import.code, 0) << import.output;
  EXPECT_THAT(import.output, HasSubstr("已导入：province-x 版本 1"));
  EXPECT_EQ(Shell(kImport).code, 65) << "it is there already";
  const Ran again = Shell(std::string(kImport) + "--replace --output jsonl");
  EXPECT_EQ(again.code, 0) << again.output;
  EXPECT_THAT(again.output, HasSubstr("\"system\":\"province-x\""));

  const Ran systems = Shell("gradmatch code list");
  EXPECT_THAT(systems.output,
              AllOf(HasSubstr("某省目录"), HasSubstr("导入"),
                    HasSubstr("postgraduate"), HasSubstr("moe-2021")));
  const Ran below =
      Shell("gradmatch code list province-x --below 0101 --version 1");
  EXPECT_EQ(below.code, 0) << below.output;
  EXPECT_THAT(below.output,
              AllOf(HasSubstr("010102"), Not(HasSubstr("工程 "))));
  const Ran lines =
      Shell("gradmatch code list vocational --limit 3 --output jsonl");
  EXPECT_EQ(std::count(lines.output.begin(), lines.output.end(), '\n'), 3);

  const Ran resolve =
      Shell("gradmatch code resolve province-x 软件工程 010102 哈哈哈");
  EXPECT_EQ(resolve.code, 0) << resolve.output;
  EXPECT_THAT(resolve.output, AllOf(HasSubstr("010101"), HasSubstr("量子软件"),
                                    HasSubstr("1.00"), HasSubstr("哈哈哈")));
  const Ran cross = Shell("gradmatch code cross province-x --to undergraduate");
  EXPECT_EQ(cross.code, 0) << cross.output;
  EXPECT_THAT(cross.output, AllOf(HasSubstr("080902"), HasSubstr("（无同名）"),
                                  HasSubstr("对应 2 个，无同名 2 个")));
  EXPECT_EQ(Shell("gradmatch code cross province-x --to none").code, 65);
}

TEST_F(CodeCommandsTest, ATableThatIsWrongChangesNothingAndNamesTheLine) {
  ASSERT_NO_FATAL_FAILURE(StartWithTable());
  Write("bad.tsv", "01\t\t1\t工程\t\t\n0101\t02\t2\t计算机类\t\t\n");
  const Ran bad =
      Shell("gradmatch code import bad.tsv --system province-x --version 1");
  EXPECT_EQ(bad.code, 65);
  EXPECT_THAT(bad.output, HasSubstr("第 2 行 上级代码 02"));
  EXPECT_EQ(Shell("gradmatch code list province-x").code, 65);
  EXPECT_EQ(Shell("gradmatch code import none.tsv --system x --version 1").code,
            65);
  EXPECT_EQ(Shell("gradmatch code import majors.tsv --system x").code, 64);
}

TEST_F(CodeCommandsTest, AnImportedTableOutlivesTheServer) {
  ASSERT_NO_FATAL_FAILURE(StartWithTable());
  ASSERT_EQ(Shell(kImport).code, 0);
  server_.reset();
  ASSERT_NO_FATAL_FAILURE(Start());
  const Ran ls = Shell("gradmatch code list province-x");
  EXPECT_EQ(ls.code, 0) << ls.output;
  EXPECT_THAT(ls.output, HasSubstr("量子软件"));
}

}  // namespace
}  // namespace gradmatch
