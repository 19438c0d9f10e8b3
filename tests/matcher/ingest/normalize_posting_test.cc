#include "matcher/ingest/normalize_posting.h"

#include <functional>
#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "matcher/proto_time.h"

namespace gradmatch {
namespace {

using testing::HasSubstr;

const absl::Time kReceipt = absl::FromUnixSeconds(1'763'800'000);

v1::Posting Normal(const std::function<void(v1::Posting&)>& change) {
  v1::Posting posting;
  posting.set_source_posting_id("1");
  posting.set_title("会计");
  posting.mutable_employer()->set_name("公司");
  posting.set_openings(1);
  posting.mutable_expire_time()->set_seconds(1'800'000'000);
  change(posting);
  NormalizePosting(kReceipt, absl::Hours(90 * 24), posting);
  return posting;
}

// "CODE field" of each issue.
std::set<std::string> Issues(const v1::Posting& posting) {
  std::set<std::string> out;
  for (const v1::Issue& issue : posting.issues()) {
    out.insert(issue.code() + " " + issue.field());
    EXPECT_FALSE(issue.message().empty());
  }
  return out;
}

struct NormalCase {
  std::string name;
  std::function<void(v1::Posting&)> change;
  std::string want;   // a part of the posting's text form
  std::string issue;  // "CODE field"; empty: not looked at
};
class NormalTest : public testing::TestWithParam<NormalCase> {};
TEST_P(NormalTest, CleansReadsAndFlags) {
  const v1::Posting posting = Normal(GetParam().change);
  EXPECT_THAT(posting.ShortDebugString(), HasSubstr(GetParam().want));
  if (!GetParam().issue.empty()) {
    EXPECT_THAT(Issues(posting), testing::Contains(GetParam().issue));
  }
}
using P = v1::Posting;
INSTANTIATE_TEST_SUITE_P(
    Fields, NormalTest,
    testing::ValuesIn<NormalCase>({
        {"Html",
         [](P& p) { p.set_description("one<br />two&nbsp;three_x000d_"); },
         "description: \"one\\ntwo three\"", ""},
        {"TitleOneLine", [](P& p) { p.set_title(" tax \n clerk "); },
         "title: \"tax clerk\"", ""},
        {"Words",
         [](P& p) {
           p.add_skills(" SQL ");
           p.add_skills("");
           p.add_skills("SQL");
           p.add_skills("Excel");
         },
         "skills: \"SQL\" skills: \"Excel\" ", ""},
        {"ShortRegion",
         [](P& p) { p.add_locations()->mutable_region()->set_code("4403"); },
         "system: \"region\" code: \"440300\"", ""},
        {"RegionFromName",
         [](P& p) {
           p.add_locations()->mutable_region()->set_display("深圳市");
         },
         "code: \"440300\"", "DERIVED_FROM_TEXT locations[0].region"},
        {"RegionFromAddress",
         [](P& p) { p.add_locations()->set_address("深圳·南山区·科技园"); },
         "code: \"440305\"", "DERIVED_FROM_TEXT locations[0].region"},
        {"RegionUnread", [](P& p) { p.add_locations()->set_address("某处"); },
         "locations { address: ", "TEXT_NOT_UNDERSTOOD locations[0].region"},
        {"Pay", [](P& p) { p.mutable_salary()->set_raw("9K-16K·14薪"); },
         "min_monthly: 9000 max_monthly: 16000 months_per_year: 14",
         "DERIVED_FROM_TEXT salary"},
        {"PayUnread", [](P& p) { p.mutable_salary()->set_raw("看心情"); },
         "salary { raw: ", "TEXT_NOT_UNDERSTOOD salary"},
        {"Degree", [](P& p) { p.mutable_education()->set_raw("本科及以上"); },
         "min_level: EDUCATION_LEVEL_BACHELOR", "DERIVED_FROM_TEXT education"},
        {"DegreeUnread", [](P& p) { p.mutable_education()->set_raw("看着办"); },
         "education { raw: ", "TEXT_NOT_UNDERSTOOD education"},
        {"Majors", [](P& p) { p.mutable_majors()->set_raw("会计学"); },
         "majors { groups { codes { system: \"undergraduate\"",
         "DERIVED_FROM_TEXT majors"},
        {"AnyMajor", [](P& p) { p.mutable_majors()->set_raw("专业不限"); },
         "any_major: true", "DERIVED_FROM_TEXT majors"},
        {"MajorsUnread", [](P& p) { p.mutable_majors()->set_raw("面谈"); },
         "majors { raw: ", "TEXT_NOT_UNDERSTOOD majors"},
        {"MajorsOfDescription",
         [](P& p) {
           p.set_requirements("会计学、财务管理等相关专业本科及以上学历");
         },
         "majors { groups { codes {", "DERIVED_FROM_TEXT majors"},
        {"FunctionOfTitle", [](P& p) { p.set_title("Java开发工程师"); },
         "functions { system: \"function\"", "DERIVED_FROM_TEXT functions"},
        {"NoFunction", [](P& p) { p.set_title("甲乙丙丁"); }, "title",
         "TEXT_NOT_UNDERSTOOD functions"},
        {"YearOfTitle", [](P& p) { p.set_title("2026届校招会计"); },
         "graduation_years: 2026", "DERIVED_FROM_TEXT graduation_years"},
        {"Internship", [](P& p) { p.set_title("会计实习生"); },
         "kind: POSTING_KIND_INTERNSHIP", "DERIVED_FROM_TEXT kind"},
        {"NoOpenings", [](P& p) { p.clear_openings(); }, "title",
         "OPENINGS_MISSING openings"},
        {"Uscc", [](P& p) { p.mutable_employer()->set_uscc("abc"); },
         "uscc: \"ABC\"", "USCC_INVALID employer.uscc"},
        {"Url", [](P& p) { p.set_apply_url("www.example.com"); }, "apply_url",
         "URL_INVALID apply_url"},
        {"Version",
         [](P& p) {
           v1::Code& code = *p.add_locations()->mutable_region();
           code.set_code("440300");
           code.set_version("1999");
         },
         "440300", "CODE_VERSION_OTHER locations[0].region"},
        {"Industry",
         [](P& p) {
           p.mutable_employer()->mutable_industry()->set_display("什么都做");
         },
         "industry", "CODE_MISSING employer.industry"},
    }),
    [](const auto& info) { return info.param.name; });

TEST(NormalizePostingTest, AMissingExpiryIsNinetyDaysFromReceipt) {
  const v1::Posting posting = Normal([](P& p) { p.clear_expire_time(); });
  EXPECT_EQ(TimeOf(posting.expire_time()), kReceipt + absl::Hours(90 * 24));
  EXPECT_THAT(Issues(posting), testing::Contains("EXPIRY_MISSING expire_time"));
  EXPECT_EQ(posting.state(), v1::Posting::STATE_OPEN);
}

TEST(NormalizePostingTest, WhatIsGivenIsNotReadAgain) {
  const v1::Posting posting = Normal([](P& p) {
    p.set_title("Java开发工程师2026届");
    p.add_functions()->set_code("010102");
    p.add_graduation_years(2027);
    p.mutable_salary()->set_min_monthly(5000);
    p.mutable_salary()->set_raw("9K-16K");
  });
  EXPECT_EQ(posting.functions_size(), 1);
  EXPECT_EQ(posting.graduation_years_size(), 1);
  EXPECT_EQ(posting.salary().min_monthly(), 5000);
  EXPECT_EQ(posting.salary().max_monthly(), 0);
}

TEST(NormalizePostingTest, TwiceIsOnce) {
  v1::Posting once = Normal([](P& p) {
    p.set_title("2026届 会计&amp;出纳");
    p.add_locations()->set_address("北京、上海");
    p.mutable_majors()->set_raw("会计学、某某学");
  });
  v1::Posting twice = once;
  NormalizePosting(kReceipt, absl::Hours(90 * 24), twice);
  once.clear_issues();
  twice.clear_issues();
  EXPECT_EQ(once.ShortDebugString(), twice.ShortDebugString());
}

}  // namespace
}  // namespace gradmatch
