#include "tools/gradmatch/terminal.h"

#include "gtest/gtest.h"

namespace gradmatch {
namespace {

TEST(TerminalTest, ChineseTakesTwoColumns) {
  EXPECT_EQ(DisplayWidth(""), 0);
  EXPECT_EQ(DisplayWidth("abc"), 3);
  EXPECT_EQ(DisplayWidth("会计"), 4);
  EXPECT_EQ(DisplayWidth("会计 C++"), 8);
  EXPECT_EQ(DisplayWidth("（ａ）"), 6);
}

TEST(TerminalTest, CutsAtCharacterBorders) {
  EXPECT_EQ(CutToWidth("会计助理", 8), "会计助理");
  EXPECT_EQ(CutToWidth("会计助理", 7), "会计助…");
  EXPECT_EQ(CutToWidth("会计助理", 6), "会计…");
  EXPECT_EQ(CutToWidth("abc", 2), "a…");
}

TEST(TerminalTest, NumbersAndDurationsAreReadable) {
  EXPECT_EQ(Grouped(0), "0");
  EXPECT_EQ(Grouped(999), "999");
  EXPECT_EQ(Grouped(47289), "47,289");
  EXPECT_EQ(Grouped(-1234567), "-1,234,567");
  EXPECT_EQ(ShortDuration(absl::Seconds(7)), "0:07");
  EXPECT_EQ(ShortDuration(absl::Seconds(750)), "12:30");
  EXPECT_EQ(ShortDuration(absl::Seconds(11100)), "3:05:00");
}

TEST(TerminalTest, TableLinesUpChineseAndNumbers) {
  Table table({"岗位", "n"});
  table.Right({1});
  table.Add({"会计", "5"});
  table.AddNote("理由");
  table.Add({"a", "1234"});
  EXPECT_EQ(table.ToString(),
            "岗位     n\n"
            "会计     5\n"
            "      理由\n"
            "a     1234\n");
}

TEST(TerminalTest, ProgressTellsShareRateAndTimeLeft) {
  absl::Time now = absl::UnixEpoch();
  testing::internal::CaptureStderr();
  {
    Progress progress("岗位", false, [&now] { return now; });
    now += absl::Seconds(10);
    progress.Update(1000, 4000);
    progress.Update(1001, 4000);  // too soon after the last line
    now += absl::Seconds(10);
    progress.Update(4000, 4000);
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "  岗位  1,000 / 4,000  25 %  100/s  剩余 0:30\n"
            "  岗位  4,000 / 4,000  100 %  200/s\n");
}

TEST(TerminalTest, QuietProgressSaysNothing) {
  testing::internal::CaptureStderr();
  Progress progress("x", true, [] { return absl::UnixEpoch(); });
  progress.Update(1, 1);
  progress.Finish();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace gradmatch
