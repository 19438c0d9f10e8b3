// The 47,289 real postings of ../shared/data through the command line: no row
// is lost, and searches over them make sense.

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/end_to_end/server_fixture.h"

namespace gradmatch {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;

class RealPostingsTest : public ServerFixture {};

TEST_F(RealPostingsTest, EveryRowIsImportedOrReported) {
  ASSERT_NO_FATAL_FAILURE(Start());
  const Ran ran = Shell(absl::StrCat(
      "gradmatch source add boards && gradmatch posting import ", SHARED_DATA,
      "/postings/jobs_dev.jsonl.gz --source boards --mapping ", SOURCE_DIR,
      "/tools/mappings/jobs_boards.yaml --received-now --all-rows ",
      "--expected-count 47289 --report report.csv"));
  EXPECT_THAT(ran.code, AnyOf(0, 65)) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("47,289 行"));

  // Every line of the file stands in the report.
  std::ifstream report(folder_ + "/report.csv");
  std::vector<bool> seen(47'290, false);
  std::string line;
  std::getline(report, line);
  while (std::getline(report, line)) {
    const int number = std::atoi(line.c_str());
    if (number >= 1 && number <= 47'289) seen[number] = true;
  }
  EXPECT_EQ(std::count(seen.begin(), seen.end(), true), 47'289);

  // A few searches whose answer a person can judge.
  const struct {
    const char* text;
    const char* expected;
  } kSearches[] = {{"会计", "会计"},     {"护士", "护"},
                   {"Java开发", "Java"}, {"机械工程师", "机械"},
                   {"平面设计", "设计"}, {"土建施工员", "施工"}};
  for (const auto& search : kSearches) {
    const Ran found = Shell(
        absl::StrCat("gradmatch match --text '", search.text, "' --top 5"));
    EXPECT_EQ(found.code, 0) << found.output;
    EXPECT_THAT(found.output, HasSubstr(search.expected)) << search.text;
  }
}

}  // namespace
}  // namespace gradmatch
