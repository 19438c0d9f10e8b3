// The three jobs as a user runs them: the command line against a real server.

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/end_to_end/server_fixture.h"

namespace gradmatch {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class MainJobTest : public ServerFixture {
 protected:
  // A server with a small sample in it.
  void StartWithSample() {
    ASSERT_NO_FATAL_FAILURE(Start());
    const Ran ran = Shell(
        "set -e; gradmatch sample generate sample --postings 300 --graduates "
        "200; gradmatch source import sample/sources.jsonl; for f in "
        "sample/postings/*.jsonl; do gradmatch posting import $f --source "
        "$(basename $f .jsonl) --quiet; done; gradmatch graduate import "
        "sample/graduates.jsonl");
    ASSERT_EQ(ran.code, 0) << ran.output;
  }
};

TEST_F(MainJobTest, DemoRunsTheThreeJobs) {
  const Ran ran =
      Shell("gradmatch demo --folder demo --postings 400 --graduates 300");
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_THAT(ran.output,
              AllOf(HasSubstr("$ gradmatch sample generate"),
                    HasSubstr("理由："), HasSubstr("pushRuns/demo-1"),
                    HasSubstr("覆盖"), HasSubstr("接下来可以看")));
}

TEST_F(MainJobTest, MatchExplainAndPush) {
  ASSERT_NO_FATAL_FAILURE(StartWithSample());
  const Ran match = Shell("gradmatch match sample-00000000 --top 5 --why");
  EXPECT_EQ(match.code, 0) << match.output;
  EXPECT_THAT(match.output, AllOf(HasSubstr("理由："), HasSubstr("sources/")));

  const Ran explain = Shell(
      "p=$(gradmatch match sample-00000000 --top 1 --output jsonl | sed -E "
      "'s/.*\"name\":\"(sources[^\"]+)\".*/\\1/'); gradmatch explain "
      "sample-00000000 $p && gradmatch eligible sample-00000000 $p");
  EXPECT_EQ(explain.code, 0) << explain.output;
  EXPECT_THAT(explain.output, HasSubstr("similarity"));

  const Ran push = Shell(
      "gradmatch push plan apply nightly --quiet && gradmatch push run nightly "
      "--id r1 --wait && gradmatch push export r1 > items.jsonl");
  EXPECT_EQ(push.code, 0) << push.output;
  EXPECT_THAT(push.output, HasSubstr("可导出"));
  EXPECT_THAT(Text("items.jsonl"), HasSubstr("pushRuns/r1/items/"));

  // The same id is the same run; another plan under it is refused.
  const Ran again = Shell("gradmatch push run nightly --id r1 --wait");
  EXPECT_EQ(again.code, 0) << again.output;
  const Ran other = Shell(
      "gradmatch push plan apply other --slots 1 --quiet; gradmatch push run "
      "other --id r1 --wait");
  EXPECT_EQ(other.code, 65) << other.output;
  EXPECT_THAT(other.output, HasSubstr("RUN_ID_REUSED_WITH_DIFFERENT_PLAN"));
  // A second run tells nobody the same again.
  const Ran second = Shell(
      "gradmatch push run nightly --id r2 --wait && gradmatch push export r2 "
      "> items2.jsonl; for f in items.jsonl items2.jsonl; do sed -E "
      "'s/.*\"graduate\":\"([^\"]+)\",\"posting\":\"([^\"]+)\".*/\\1 \\2/' $f; "
      "done | sort | uniq -d | wc -l");
  EXPECT_EQ(second.code, 0) << second.output;
  EXPECT_THAT(second.output, testing::EndsWith("\n0\n"));
}

TEST_F(MainJobTest, PlacedAndOptedOutGraduatesAreLeftAlone) {
  ASSERT_NO_FATAL_FAILURE(StartWithSample());
  ASSERT_EQ(Shell("gradmatch graduate place sample-00000003").code, 0);
  const Ran placed = Shell("gradmatch match sample-00000003");
  EXPECT_EQ(placed.code, 65);
  EXPECT_THAT(placed.output, HasSubstr("GRADUATE_NOT_SERVED"));
  ASSERT_EQ(Shell("gradmatch graduate prefs sample-00000001 --push off").code,
            0);
  const Ran push = Shell(
      "gradmatch push plan apply p --quiet; gradmatch push run p --id r --wait "
      "--quiet; gradmatch push export r --quiet");
  EXPECT_THAT(push.output,
              AllOf(Not(HasSubstr("graduates/sample-00000003\"")),
                    Not(HasSubstr("graduates/sample-00000001\""))));
  EXPECT_THAT(push.output, HasSubstr("graduates/sample-"));
}

TEST_F(MainJobTest, ImportReportsEveryRowAndDryRunWritesNothing) {
  ASSERT_NO_FATAL_FAILURE(Start());
  ASSERT_EQ(Shell("gradmatch source add s").code, 0);
  Write("good.csv",
        "编号,岗位,单位,地点,学历,月薪\n"
        "1,会计,某公司,武汉市,本科,6-8K\n"
        "2,\"出纳, 兼文员\",某公司,火星,大专,面议\n"
        ",无编号,某公司,北京,本科,1万\n"
        "4,,某公司,北京,本科,1万\n");
  Write("mapping.yaml",
        "format: columns\n"
        "fields:\n"
        "  - {target: source_posting_id, from: [编号]}\n"
        "  - {target: title, from: [岗位]}\n"
        "  - {target: employer.name, from: [单位]}\n"
        "  - {target: locations, from: [地点]}\n"
        "  - {target: education, from: [学历]}\n"
        "  - {target: salary, from: [月薪]}\n");
  const std::string import =
      "gradmatch posting import good.csv --source s --mapping mapping.yaml "
      "--report report.csv ";
  const Ran dry = Shell(import + "--dry-run");
  EXPECT_EQ(dry.code, 65) << dry.output;
  EXPECT_THAT(dry.output, HasSubstr("4 行"));
  EXPECT_THAT(Shell("gradmatch posting list").output, HasSubstr("(none)"));

  const Ran real = Shell(import);
  EXPECT_EQ(real.code, 65) << real.output;
  const Ran list = Shell("gradmatch posting list");
  EXPECT_THAT(list.output, AllOf(HasSubstr("sources/s/postings/1"),
                                 HasSubstr("sources/s/postings/2"),
                                 Not(HasSubstr("sources/s/postings/4"))));
  // Lines of the two bad rows, with the reason.
  EXPECT_THAT(Text("report.csv"),
              AllOf(HasSubstr("\n4,"), HasSubstr("\n5,"), HasSubstr("火星")));
}

TEST_F(MainJobTest, ExitCodesTellWhatWentWrong) {
  EXPECT_EQ(Shell("gradmatch status").code, 69);  // nobody there
  EXPECT_EQ(Shell("gradmatch no-such-command").code, 64);
  EXPECT_EQ(Shell("gradmatch match").code, 64);
  EXPECT_EQ(Shell("gradmatch sample generate /proc/no").code, 73);
  ASSERT_NO_FATAL_FAILURE(Start());
  EXPECT_EQ(Shell("gradmatch status").code, 0);
  EXPECT_EQ(Shell("gradmatch check --data-dir data").code, 0);
  EXPECT_EQ(Shell("gradmatch match nobody").code, 65);
  EXPECT_EQ(Shell("gradmatch posting import x.jsonl --source s").code, 65);
  Write("bad.yaml", "fields:\n  - {targit: title, from: [a]}\n");
  const Ran mapping =
      Shell("gradmatch posting import x.csv --source s --mapping bad.yaml");
  EXPECT_EQ(mapping.code, 78);
  EXPECT_THAT(mapping.output, HasSubstr("target"));
  const Ran config = Shell("gradmatch config show --origin");
  EXPECT_THAT(config.output, AllOf(HasSubstr("server.grpc_listen"),
                                   HasSubstr("FLAG"), HasSubstr("DEFAULT")));
}

TEST_F(MainJobTest, SigtermDrainsAndTheDataIsThereAfterwards) {
  ASSERT_NO_FATAL_FAILURE(StartWithSample());
  // Without the line that names the snapshot.
  const std::string match =
      "gradmatch match sample-00000000 --why | grep -v 编码器";
  const std::string before = Shell(match).output;
  EXPECT_THAT(before, HasSubstr("sources/"));
  EXPECT_EQ(server_->Stop(), 0) << Text("log");
  server_.reset();
  ASSERT_NO_FATAL_FAILURE(Start());
  EXPECT_EQ(Shell(match).output, before);
}

}  // namespace
}  // namespace gradmatch
