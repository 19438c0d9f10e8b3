// The command line as somebody uses it who is tired: words that are nearly
// right, disks that are full, files that are none, Ctrl-C in the middle.

#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "tests/end_to_end/server_fixture.h"

namespace gradmatch {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr char kMapping[] =
    "fields:\n"
    "  - {target: source_posting_id, from: 编号}\n"
    "  - {target: title, from: 岗位}\n"
    "  - {target: employer.name, from: 单位}\n";
constexpr char kHeader[] = "编号,岗位,单位\n";

class OperatorTest : public ServerFixture {
 protected:
  void StartWithSource() {
    ASSERT_NO_FATAL_FAILURE(Start());
    ASSERT_EQ(Shell("gradmatch source add s").code, 0);
    Write("m.yaml", kMapping);
    Write("two.csv", std::string(kHeader) + "1,会计,甲\n2,出纳,乙\n");
  }
  static constexpr char kImport[] =
      "gradmatch posting import --source s --mapping m.yaml ";
};

TEST_F(OperatorTest, AddingASourceAgainChangesWhatIsNamed) {
  ASSERT_NO_FATAL_FAILURE(Start());
  ASSERT_EQ(
      Shell("gradmatch source add hubei --kind region --name 湖北省").code, 0);
  const Ran again = Shell("gradmatch source add hubei --province 42");
  EXPECT_EQ(again.code, 0);
  EXPECT_THAT(again.output, AllOf(HasSubstr("湖北省"), HasSubstr("KIND_REGION"),
                                  HasSubstr("\"42\"")));
  const Ran fresh = Shell("gradmatch source add x --output jsonl");
  EXPECT_THAT(fresh.output, HasSubstr("\"kind\":\"KIND_JOB_SITE\""));
  const Ran nothing = Shell("gradmatch source add hubei");
  EXPECT_THAT(nothing.output, AllOf(HasSubstr("湖北省"), HasSubstr("\"42\"")));
}

TEST_F(OperatorTest, WhatCannotBeWrittenIsNoSuccess) {
  ASSERT_NO_FATAL_FAILURE(StartWithSource());
  EXPECT_EQ(Shell("gradmatch source list > /dev/full").code, 73);
  EXPECT_EQ(Shell("gradmatch config show --output jsonl > /dev/full").code, 73);
  const Ran report = Shell(absl::StrCat(kImport, "two.csv --report /dev/full"));
  EXPECT_EQ(report.code, 73);
  EXPECT_THAT(report.output, HasSubstr("not complete"));
}

TEST_F(OperatorTest, ListsAreOneJsonArray) {
  ASSERT_NO_FATAL_FAILURE(StartWithSource());
  EXPECT_EQ(Shell("gradmatch posting list --output json").output, "[]\n");
  ASSERT_EQ(Shell("gradmatch source add t").code, 0);
  const Ran list = Shell("gradmatch source list --output json");
  google::protobuf::ListValue sources;
  ASSERT_TRUE(
      google::protobuf::util::JsonStringToMessage(list.output, &sources).ok())
      << list.output;
  EXPECT_EQ(sources.values_size(), 2);
  const Ran check = Shell("gradmatch check --output json");
  google::protobuf::ListValue findings;
  EXPECT_TRUE(
      google::protobuf::util::JsonStringToMessage(check.output, &findings).ok())
      << check.output;
  EXPECT_GE(findings.values_size(), 5);
  const Ran lines = Shell("gradmatch source list --output jsonl | wc -l");
  EXPECT_EQ(lines.output, "2\n");
}

TEST_F(OperatorTest, ImportsCountsAreAJsonObject) {
  ASSERT_NO_FATAL_FAILURE(StartWithSource());
  Write("bad.csv", std::string(kHeader) + "1,会计,甲\n2,,乙\n");
  const Ran ran =
      Shell(absl::StrCat(kImport, "bad.csv --output json 2>/dev/null"));
  EXPECT_EQ(ran.code, 65);
  EXPECT_THAT(ran.output, StartsWith("{\"rows\": 2, \"created\": 1, "));
  google::protobuf::Struct summary;
  ASSERT_TRUE(
      google::protobuf::util::JsonStringToMessage(ran.output, &summary).ok())
      << ran.output;
  const auto& fields = summary.fields();
  EXPECT_EQ(fields.at("rows").number_value(), 2);
  EXPECT_EQ(fields.at("created").number_value(), 1);
  EXPECT_EQ(fields.at("rejected").number_value(), 1);
  EXPECT_FALSE(fields.at("dry_run").bool_value());
  EXPECT_EQ(fields.at("reasons")
                .struct_value()
                .fields()
                .at("FIELD_MISSING")
                .number_value(),
            1);
}

TEST_F(OperatorTest, ContentIsImportedAddedListedMatchedAndDeleted) {
  ASSERT_NO_FATAL_FAILURE(Start());
  Write("graduates.jsonl",
        R"({"name":"graduates/g-1","profile":{"educations":[{"level":4}]}})");
  ASSERT_EQ(Shell("gradmatch graduate import graduates.jsonl").code, 0);
  Write(
      "contents.jsonl",
      R"({"name":"contents/p1","kind":"CONTENT_KIND_POLICY","title":"求职补贴",)"
      R"("audience":{"levels":["EDUCATION_LEVEL_BACHELOR"]}})"
      "\n"
      R"({"name":"contents/e1","kind":"CONTENT_KIND_EVENT","title":"招聘会"})"
      "\n{no json}\n");
  const Ran import =
      Shell("gradmatch content import contents.jsonl --report report.csv");
  EXPECT_EQ(import.code, 65);
  EXPECT_THAT(import.output, HasSubstr("3 行，新增 1，拒绝 2"));
  EXPECT_THAT(Shell("cat report.csv").output,
              HasSubstr("event.period.start_time"));
  Write("one.json", R"({"name":"contents/n1","kind":"CONTENT_KIND_NEWS",
                        "title":"就业资讯","text":"长文本"})");
  const Ran add = Shell("gradmatch content add one.json");
  EXPECT_EQ(add.code, 0);
  EXPECT_THAT(add.output, HasSubstr("PUBLISH_TIME_MISSING"));
  const Ran list = Shell("gradmatch content list --kind policy");
  EXPECT_THAT(list.output,
              AllOf(HasSubstr("contents/p1"), Not(HasSubstr("contents/n1"))));
  const Ran match = Shell("gradmatch content match g-1 --why");
  EXPECT_EQ(match.code, 0);
  EXPECT_THAT(match.output, AllOf(HasSubstr("面向本科毕业生的政策"),
                                  HasSubstr("contents/n1")));
  EXPECT_EQ(Shell("gradmatch content delete n1").code, 0);
  EXPECT_EQ(Shell("gradmatch content show n1").code, 65);
  EXPECT_THAT(Shell("gradmatch content show p1").output, HasSubstr("求职补贴"));
  EXPECT_EQ(Shell("gradmatch content match g-1 --kind posting").code, 64);
}

TEST_F(OperatorTest, WordsThatAreNearlyRight) {
  const Ran nearly = Shell("gradmatch posting lst");
  EXPECT_EQ(nearly.code, 64);
  EXPECT_THAT(nearly.output, AllOf(HasSubstr("'lst'"), HasSubstr("'list'")));
  EXPECT_THAT(Shell("gradmatch psoting list").output, HasSubstr("'posting'"));
  const Ran version = Shell("gradmatch --version");
  EXPECT_EQ(version.code, 0);
  EXPECT_THAT(version.output, StartsWith("gradmatch "));
  // Numbers that 32 bits do not hold must not become others.
  EXPECT_EQ(Shell("gradmatch push plan apply p --slots 4294967297").code, 64);
  EXPECT_EQ(Shell("gradmatch match x --top 99999999999").code, 64);
  EXPECT_EQ(Shell("gradmatch posting list --limit -1").code, 64);
  EXPECT_EQ(Shell("gradmatch status --timeout 0").code, 64);
}

TEST_F(OperatorTest, ThePlacesWebProxyIsNotAsked) {
  ASSERT_NO_FATAL_FAILURE(Start());
  EXPECT_EQ(Shell("http_proxy=http://127.0.0.1:9 gradmatch status").code, 0);
}

TEST_F(OperatorTest, TheServersWordsAreChecked) {
  const Ran folder = Shell("gradmatchd /var/lib/gradmatch");
  EXPECT_EQ(folder.code, 64);
  EXPECT_THAT(folder.output, HasSubstr("--data_dir"));
  const Ran flag = Shell("gradmatchd --datadir=x");
  EXPECT_EQ(flag.code, 64);
  EXPECT_THAT(flag.output, HasSubstr("--datadir=x"));
  EXPECT_EQ(Shell("gradmatchd --data_dir x --set nothing").code, 64);
  EXPECT_EQ(Shell("gradmatchd -version").code, 0);
  EXPECT_THAT(Shell("gradmatchd --help").output, HasSubstr("--data_dir"));
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/data"));
}

TEST_F(OperatorTest, FilesThatAreNone) {
  ASSERT_NO_FATAL_FAILURE(StartWithSource());
  for (const char* command :
       {"source import .", "source import none", "match --profile .",
        "push plan apply p --file .", "push plan apply p --file none"}) {
    const Ran ran = Shell(absl::StrCat("gradmatch ", command));
    EXPECT_EQ(ran.code, 65) << command;
    EXPECT_THAT(ran.output, HasSubstr("cannot read")) << command;
  }
  // Files as editors leave them.
  Write("s.jsonl",
        "\xEF\xBB\xBF{\"name\":\"sources/a\",\"displayName\":\"甲\"}\r\n\r\n");
  const Ran ran = Shell("gradmatch source import s.jsonl");
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("1 个"));
  // No server is missing where a folder cannot be made.
  EXPECT_THAT(Shell("gradmatch sample generate /proc/no").output,
              Not(HasSubstr("Is a server running")));
}

TEST_F(OperatorTest, EveryLineOfTheLogIsJson) {
  ASSERT_NO_FATAL_FAILURE(Start());
  // gRPC has a word of its own about an address that is taken.
  const Ran second = Shell(
      "$(dirname $(which gradmatch))/gradmatchd --data_dir other --set "
      "server.grpc_listen=$GRADMATCH_ENDPOINT");
  EXPECT_EQ(second.code, 69);
  int lines = 0;
  std::istringstream in(second.output);
  for (std::string line; std::getline(in, line); ++lines) {
    google::protobuf::Struct object;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(line, &object).ok())
        << line;
  }
  EXPECT_GE(lines, 1);
}

TEST_F(OperatorTest, ALogThatNobodyReadsEndsNoServer) {
  Write("run.sh",
        "gradmatchd --data_dir d --set "
        "server.grpc_listen=127.0.0.1:0,server.port_file=port & echo $! >pid\n"
        "wait\n");
  const Ran ran = Shell(
      "sh run.sh 2>&1 | head -n 1 >first & for i in $(seq 300); do [ -s port ] "
      "&& break; sleep 0.05; done; sleep 0.3; export "
      "GRADMATCH_ENDPOINT=127.0.0.1:$(cat port); gradmatch status --wait 20 "
      "--quiet; echo served=$?; kill -TERM $(cat pid); for i in $(seq 100); do "
      "kill -0 $(cat pid) 2>/dev/null || break; sleep 0.05; done; gradmatch "
      "status --quiet 2>/dev/null; echo ended=$?");
  EXPECT_THAT(ran.output, AllOf(HasSubstr("served=0"), HasSubstr("ended=69")));
}

TEST_F(OperatorTest, TheFormatCanBeNamed) {
  ASSERT_NO_FATAL_FAILURE(StartWithSource());
  Write("export.dat", std::string(kHeader) + "1,会计,甲\n");
  EXPECT_THAT(Shell(absl::StrCat(kImport, "export.dat")).output,
              HasSubstr("--format"));
  EXPECT_EQ(Shell(absl::StrCat(kImport, "export.dat --format csv")).code, 0);
  const Ran unmapped = Shell("gradmatch posting import two.csv --source s");
  EXPECT_EQ(unmapped.code, 65);
  EXPECT_THAT(unmapped.output, HasSubstr("--mapping"));
}

TEST_F(OperatorTest, AnImportThatIsStoppedHasItsReport) {
  ASSERT_NO_FATAL_FAILURE(StartWithSource());
  std::string rows = kHeader;
  for (int i = 0; i < 300'000; ++i) absl::StrAppend(&rows, i, ",会计,甲\n");
  Write("many.csv", rows);
  const Ran ran = Shell(absl::StrCat(
      ": > r.csv; ", kImport,
      "many.csv --all-rows --report r.csv & p=$!; while [ $(wc -c < r.csv) -lt "
      "100000 ]; do sleep 0.05; done; kill -TERM $p; wait $p"));
  EXPECT_EQ(ran.code, 130) << ran.output;
  EXPECT_THAT(ran.output, AllOf(HasSubstr("导入："), HasSubstr("stored")));
  const std::string report = Text("r.csv");
  ASSERT_FALSE(report.empty());
  EXPECT_EQ(report.back(), '\n');
  // As many lines as there are rows in the summary, whatever became of them.
  const Ran lines = Shell("tail -n +2 r.csv | cut -d , -f 1 | sort -u | wc -l");
  const Ran counted = Shell(
      "gradmatch posting list --limit 1000000 | grep -c sources/s/postings");
  EXPECT_GE(std::stoi(lines.output), std::stoi(counted.output));
  EXPECT_GT(std::stoi(counted.output), 0);
}

}  // namespace
}  // namespace gradmatch
