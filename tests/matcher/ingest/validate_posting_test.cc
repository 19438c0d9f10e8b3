#include "matcher/ingest/validate_posting.h"

#include <functional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "index/base/error_reasons.h"
#include "matcher/ingest/resource_id.h"
#include "matcher/ingest/uscc.h"

namespace gradmatch {
namespace {

v1::Posting Good() {
  v1::Posting p;
  p.set_source_posting_id("1");
  p.set_title("会计");
  p.mutable_employer()->set_name("公司");
  return p;
}

struct BadCase {
  std::string name;
  std::function<void(v1::Posting&)> spoil;
  std::string reason;
  std::string field;
  std::string nearest;  // a part of it
};
class BadPostingTest : public testing::TestWithParam<BadCase> {};
TEST_P(BadPostingTest, IsNamedByReasonAndField) {
  v1::Posting posting = Good();
  ASSERT_TRUE(ValidatePosting(posting).empty());
  GetParam().spoil(posting);
  const auto errors = ValidatePosting(posting);
  ASSERT_FALSE(errors.empty());
  EXPECT_EQ(errors[0].reason(), GetParam().reason);
  EXPECT_EQ(errors[0].field(), GetParam().field);
  EXPECT_THAT(errors[0].nearest(), testing::HasSubstr(GetParam().nearest));
  EXPECT_THAT(errors[0].message(), testing::HasSubstr(errors[0].field()));
  EXPECT_LE(errors[0].value().size(), 400);
}
using P = v1::Posting;
INSTANTIATE_TEST_SUITE_P(
    Fields, BadPostingTest,
    testing::ValuesIn<BadCase>({
        {"NoId", [](P& p) { p.clear_source_posting_id(); }, kFieldMissing,
         "source_posting_id"},
        {"NoTitle", [](P& p) { p.set_title(" \n"); }, kFieldMissing, "title"},
        {"NoEmployer", [](P& p) { p.clear_employer(); }, kFieldMissing,
         "employer.name"},
        {"LongTitle", [](P& p) { p.set_title(std::string(201, 'x')); },
         kFieldTooLong, "title"},
        {"LongDescription",
         [](P& p) {
           std::string text;
           for (int i = 0; i < 20'001; ++i) text += "好";
           p.set_description(text);
         },
         kFieldTooLong, "description"},
        {"Megabyte", [](P& p) { p.set_description(std::string(1 << 20, 'x')); },
         kFieldTooLong, ""},
        {"BadUtf8", [](P& p) { p.set_title("会\xff计"); }, kEncodingInvalid,
         "title"},
        {"BadUtf8Deep",
         [](P& p) { p.add_locations()->set_address("\xc0\x80"); },
         kEncodingInvalid, "locations[0].address"},
        {"BadUtf8List", [](P& p) { p.add_skills("\xed\xa0\x80"); },
         kEncodingInvalid, "skills[0]"},
        {"NegativeOpenings", [](P& p) { p.set_openings(-1); }, kFieldOutOfRange,
         "openings", "0"},
        {"NegativeExperience", [](P& p) { p.set_experience_months(-12); },
         kFieldOutOfRange, "experience_months", "0"},
        {"NegativeRevision", [](P& p) { p.set_revision(-1); }, kFieldOutOfRange,
         "revision", "0"},
        {"PayUpsideDown",
         [](P& p) {
           p.mutable_salary()->set_min_monthly(9000);
           p.mutable_salary()->set_max_monthly(5000);
         },
         kFieldOutOfRange, "salary.min_monthly", "5000"},
        {"NegativePay", [](P& p) { p.mutable_salary()->set_max_monthly(-5); },
         kFieldOutOfRange, "salary.max_monthly", "0"},
        {"Months", [](P& p) { p.mutable_salary()->set_months_per_year(3); },
         kFieldOutOfRange, "salary.months_per_year", "12"},
        {"LevelsUpsideDown",
         [](P& p) {
           p.mutable_education()->set_min_level(v1::EDUCATION_LEVEL_MASTER);
           p.mutable_education()->set_max_level(v1::EDUCATION_LEVEL_BACHELOR);
         },
         kFieldOutOfRange, "education.min_level", "BACHELOR"},
        {"UnknownLevel",
         [](P& p) {
           p.mutable_education()->set_min_level(
               static_cast<v1::EducationLevel>(9));
         },
         kFieldInvalid, "education.min_level"},
        {"DatesOutOfOrder",
         [](P& p) {
           p.mutable_publish_time()->set_seconds(1'760'000'000);
           p.mutable_expire_time()->set_seconds(1'750'000'000);
         },
         kDatesOutOfOrder, "expire_time"},
        {"Year1970", [](P& p) { p.mutable_publish_time()->set_seconds(60); },
         kFieldOutOfRange, "publish_time"},
        {"Year9999",
         [](P& p) { p.mutable_expire_time()->set_seconds(253'402'300'799); },
         kFieldOutOfRange, "expire_time"},
        {"Nanos",
         [](P& p) {
           p.mutable_publish_time()->set_seconds(1'760'000'000);
           p.mutable_publish_time()->set_nanos(-1);
         },
         kFieldInvalid, "publish_time"},
        {"RegionUnknown",
         [](P& p) {
           v1::Code& code = *p.add_locations()->mutable_region();
           code.set_code("440399");
         },
         kCodeUnknown, "locations[0].region.code", "44"},
        {"SystemUnknown",
         [](P& p) {
           v1::Code& code = *p.add_functions();
           code.set_system("jobs");
           code.set_code("010102");
         },
         kCodeSystemUnknown, "functions[0].system", "function"},
        {"MajorNeedsSystem",
         [](P& p) {
           p.mutable_majors()->add_groups()->add_codes()->set_code("080901");
         },
         kCodeSystemUnknown, "majors.groups[0].codes[0].system",
         "undergraduate"},
        {"MajorUnknown",
         [](P& p) {
           v1::Code& code = *p.mutable_majors()->add_groups()->add_codes();
           code.set_system("undergraduate");
           code.set_code("990101");
           code.set_display("会计学");
         },
         kCodeUnknown, "majors.groups[0].codes[0].code", "会计学"},
        {"EmptyGroup", [](P& p) { p.mutable_majors()->add_groups(); },
         kFieldMissing, "majors.groups[0]"},
        {"GraduationYear", [](P& p) { p.add_graduation_years(26); },
         kFieldOutOfRange, "graduation_years[0]", "1950"},
        {"Province", [](P& p) { p.mutable_visibility()->add_provinces("99"); },
         kCodeUnknown, "visibility.provinces[0]"},
        {"Kind", [](P& p) { p.set_kind(static_cast<v1::PostingKind>(77)); },
         kFieldInvalid, "kind"},
        {"ManySkills",
         [](P& p) {
           for (int i = 0; i < 201; ++i) p.add_skills("x");
         },
         kFieldTooLong, "skills"},
    }),
    [](const auto& info) { return info.param.name; });

TEST(ValidatePostingTest, NamesEveryWrongField) {
  v1::Posting posting = Good();
  posting.clear_title();
  posting.set_openings(-1);
  EXPECT_EQ(ValidatePosting(posting).size(), 2);
  for (int i = 0; i < 50; ++i) posting.add_graduation_years(1);
  EXPECT_LE(ValidatePosting(posting).size(), 10);
}

TEST(ValidatePostingTest, TakesWhatIsMerelyDoubtful) {
  v1::Posting posting = Good();
  posting.mutable_employer()->set_uscc("123");
  posting.set_apply_url("not a url");
  posting.mutable_salary()->set_raw("看心情");
  posting.add_functions()->set_display("没有这个类别");
  EXPECT_TRUE(ValidatePosting(posting).empty());
}

TEST(UsccTest, ChecksTheLastCharacter) {
  EXPECT_TRUE(IsValidUscc("91350100M000100Y43"));
  EXPECT_FALSE(IsValidUscc("91350100M000100Y44"));
  EXPECT_FALSE(IsValidUscc("91350100M000100Y4"));
  EXPECT_FALSE(IsValidUscc("9135010OM000100Y43"));
  EXPECT_FALSE(IsValidUscc(""));
}

struct IdCase {
  std::string name;
  std::string raw;
  bool kept;
};
class PostingIdTest : public testing::TestWithParam<IdCase> {};
TEST_P(PostingIdTest, IsKeptOrHashed) {
  const std::string id = PostingIdFor(GetParam().raw);
  if (GetParam().kept) {
    EXPECT_EQ(id, GetParam().raw);
  } else {
    EXPECT_EQ(id.size(), 18);
    EXPECT_EQ(id.substr(0, 2), "h-");
  }
  EXPECT_EQ(PostingIdFor(GetParam().raw), id);
}
INSTANTIATE_TEST_SUITE_P(Ids, PostingIdTest,
                         testing::ValuesIn<IdCase>({
                             {"Plain", "BOSS_50d07a73530c33ca1HJ-3969E1ZX",
                              true},
                             {"Longest", std::string(64, 'a'), true},
                             {"TooLong", std::string(65, 'a'), false},
                             {"Chinese", "岗位1", false},
                             {"Slash", "a/b", false},
                             {"Blank", "a b", false},
                             {"LooksHashed", "h-0123456789abcdef", false},
                             {"ShortHash", "h-0123", true},
                         }),
                         [](const auto& info) { return info.param.name; });

TEST(NamesTest, OfPostingsAndGraduates) {
  EXPECT_EQ(PostingNameOfKey("a/b"), "sources/a/postings/b");
  EXPECT_EQ(PostingNameOfKey("a"), "");
  EXPECT_EQ(GraduateIdOfName("graduates/x.1"), "x.1");
  EXPECT_FALSE(GraduateIdOfName("graduates/-x").has_value());
  EXPECT_FALSE(GraduateIdOfName("graduates/").has_value());
  EXPECT_FALSE(GraduateIdOfName("graduates/a/b").has_value());
  EXPECT_FALSE(GraduateIdOfName("people/a").has_value());
}

}  // namespace
}  // namespace gradmatch
