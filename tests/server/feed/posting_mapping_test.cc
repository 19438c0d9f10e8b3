#include "server/feed/posting_mapping.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "matcher/proto_time.h"
#include "server/feed/redate.h"

namespace gradmatch {
namespace {

using testing::HasSubstr;

constexpr char kRequired[] = R"(fields:
  - target: source_posting_id
    from: id
  - target: title
    from: [title, name]
  - target: employer.name
    from: employer
)";

FeedRow Row(const std::vector<std::pair<std::string, std::string>>& cells) {
  FeedRow row{.line = 7};
  for (const auto& [column, value] : cells) {
    row.cells.push_back({column, {value}});
  }
  return row;
}

// The posting made of one text by one rule.
MappedPosting MapOne(const std::string& rule, const std::string& text) {
  auto mapping = PostingMapping::Parse(
      std::string(kRequired) + "  - " + rule + "\n    from: x\n", "m.yaml");
  EXPECT_TRUE(mapping.ok()) << mapping.status();
  return mapping->Map(Row({{"id", "1"}, {"x", text}}));
}

TEST(PostingMappingTest, TheFirstColumnWithTextIsTaken) {
  auto mapping = PostingMapping::Parse(kRequired, "m.yaml");
  ASSERT_TRUE(mapping.ok()) << mapping.status();
  const MappedPosting mapped = mapping->Map(
      Row({{"id", " A-1 "}, {"name", "会计"}, {"employer", "某公司"}}));
  EXPECT_EQ(mapped.posting.source_posting_id(), "A-1");
  EXPECT_EQ(mapped.posting.title(), "会计");
  EXPECT_EQ(mapped.posting.employer().name(), "某公司");
  EXPECT_TRUE(mapped.issues.empty());
}

struct ValueCase {
  std::string name;
  std::string rule;
  std::string text;
  FieldReading reading;
  std::string want;  // a part of the posting's text form
};
class ValueTest : public testing::TestWithParam<ValueCase> {};
TEST_P(ValueTest, ReadsOrKeepsRaw) {
  const ValueCase& c = GetParam();
  const MappedPosting mapped = MapOne(c.rule, c.text);
  EXPECT_EQ(mapped.readings.back(), c.reading);
  EXPECT_THAT(mapped.posting.ShortDebugString(), HasSubstr(c.want));
  EXPECT_EQ(c.reading == FieldReading::kRaw, !mapped.issues.empty());
}
INSTANTIATE_TEST_SUITE_P(
    Values, ValueTest,
    testing::ValuesIn<ValueCase>({
        {"Salary", "target: salary", "8000-12000元/月",
         FieldReading::kUnderstood, "min_monthly: 8000 max_monthly: 12000"},
        {"SalaryRaw", "target: salary", "看心情", FieldReading::kRaw,
         "salary { raw: "},
        {"SalaryAbsent", "target: salary", "", FieldReading::kAbsent, ""},
        {"Degree", "target: education", "本科", FieldReading::kUnderstood,
         "min_level: EDUCATION_LEVEL_BACHELOR"},
        {"DegreeRaw", "target: education", "看着办", FieldReading::kRaw,
         "education { raw: "},
        {"Place", "target: locations", "深圳·南山区", FieldReading::kUnderstood,
         "code: \"440305\""},
        {"PlaceRaw", "target: locations", "火星基地", FieldReading::kRaw,
         "address: "},
        {"Experience", "target: experience_months", "3",
         FieldReading::kUnderstood, "experience_months: 36"},
        {"ExperienceRaw", "target: experience_months", "很多",
         FieldReading::kRaw, ""},
        {"Date", "target: publish_time", "2026-03-01 09:00:00",
         FieldReading::kUnderstood, "publish_time { seconds: 1772326800 }"},
        {"DateUnknown", "target: publish_time", "1970-01-01 08:01:08",
         FieldReading::kRaw, ""},
        {"DateFormat", "target: publish_time\n    format: \"%d.%m.%Y\"",
         "01.03.2026", FieldReading::kUnderstood, "seconds: 1772294400"},
        {"Headcount", "target: openings", "3人", FieldReading::kUnderstood,
         "openings: 3"},
        {"Skills", "target: skills", "3年及以上,本科,Python、SQL",
         FieldReading::kUnderstood, "skills: \"Python\" skills: \"SQL\""},
        {"SkillsChinese", "target: skills", "弹性工作，好人、张三；李",
         FieldReading::kUnderstood,
         "skills: "
         "\"\\345\\274\\271\\346\\200\\247\\345\\267\\245\\344\\275\\234\" "
         "skills: "},
        {"Benefits", "target: benefits", "五险一金,带薪年假",
         FieldReading::kUnderstood, "benefits: "},
        {"Majors", "target: majors", "会计学", FieldReading::kUnderstood,
         "majors { raw: "},
        {"Kind", "target: kind", "实习", FieldReading::kUnderstood,
         "kind: POSTING_KIND_INTERNSHIP"},
        {"KindName", "target: kind", "MILITARY", FieldReading::kUnderstood,
         "kind: POSTING_KIND_MILITARY"},
        {"Employer", "target: employer.kind", "国有企业",
         FieldReading::kUnderstood, "EMPLOYER_KIND_STATE_OWNED"},
        {"Provinces", "target: visibility.provinces", "湖北省，44",
         FieldReading::kUnderstood, "provinces: \"42\" provinces: \"44\""},
        {"Revision", "target: revision", "17", FieldReading::kUnderstood,
         "revision: 17"},
        {"Years", "target: graduation_years", "2025-2026届",
         FieldReading::kUnderstood, "graduation_years: 2026"},
    }),
    [](const auto& info) { return info.param.name; });

TEST(PostingMappingTest, AClassThatIsWelcomeIsNoCondition) {
  const MappedPosting mapped = MapOne("target: graduation_years", "可接受24届");
  EXPECT_EQ(mapped.posting.graduation_years_size(), 0);
  EXPECT_FALSE(mapped.issues.empty()) << "said, not silent";
}

TEST(PostingMappingTest, AnAddressNarrowsThePlaceItAgreesWith) {
  auto mapping = PostingMapping::Parse(std::string(kRequired) +
                                           "  - target: locations\n"
                                           "    from: [city, address]\n",
                                       "m.yaml");
  ASSERT_TRUE(mapping.ok()) << mapping.status();
  const auto code = [&](const std::string& city, const std::string& address) {
    const MappedPosting m =
        mapping->Map(Row({{"city", city}, {"address", address}}));
    return m.posting.locations_size() == 0
               ? ""
               : m.posting.locations(0).region().code();
  };
  EXPECT_EQ(code("深圳", "深圳南山区同方信息港C栋"), "440305");
  EXPECT_EQ(code("深圳", "南山区同方信息港"), "440305");
  EXPECT_EQ(code("深圳", "广州市天河区"), "440300");
  EXPECT_EQ(code("深圳", "C栋10楼"), "440300");
  EXPECT_EQ(code("", "深圳市福田区"), "440304");
}

struct BadMappingCase {
  std::string name;
  std::string yaml;
  std::vector<std::string> says;
};
class BadMappingTest : public testing::TestWithParam<BadMappingCase> {};
TEST_P(BadMappingTest, NamesLineWordAndNearest) {
  const auto mapping = PostingMapping::Parse(GetParam().yaml, "m.yaml");
  ASSERT_FALSE(mapping.ok());
  EXPECT_EQ(mapping.status().code(), absl::StatusCode::kInvalidArgument);
  for (const std::string& part : GetParam().says) {
    EXPECT_THAT(std::string(mapping.status().message()), HasSubstr(part));
  }
}
INSTANTIATE_TEST_SUITE_P(
    Mappings, BadMappingTest,
    testing::ValuesIn<BadMappingCase>({
        {"Key",
         "fields:\n  - targte: title\n    from: a\n",
         {"m.yaml", "第 2 行", "targte", "最接近：target"}},
        {"Target",
         "fields:\n  - target: titel\n    from: a\n",
         {"第 2 行", "titel", "最接近：title"}},
        {"Kind",
         "fields:\n  - target: salary\n    kind: pay\n    from: a\n",
         {"pay", "salary_numbers"}},
        {"NoFrom", "fields:\n  - target: title\n", {"title 缺少 from"}},
        {"TopKey", "felds:\n  - target: title\n", {"felds", "最接近：fields"}},
        {"Format", "format: json\n", {"json", "proto_json"}},
        {"Required",
         "fields:\n  - target: title\n    from: a\n",
         {"source_posting_id"}},
        {"Twice",
         "fields:\n  - target: title\n    from: a\n  - target: title\n"
         "    from: b\n",
         {"第 4 行", "第 2 行"}},
        {"Constant",
         "fields:\n  - target: kind\n    kind: constant\n    from: a\n",
         {"constant 需要 value"}},
        {"NoYaml", "fields: [", {"m.yaml"}},
        {"Empty", "", {"fields"}},
    }),
    [](const auto& info) { return info.param.name; });

TEST(PostingMappingTest, AHeaderWithoutTheColumnsIsRefused) {
  auto mapping = PostingMapping::Parse(kRequired, "m.yaml");
  ASSERT_TRUE(mapping.ok());
  EXPECT_TRUE(mapping->CheckColumns({}).ok());
  EXPECT_TRUE(mapping->CheckColumns({"id", "name", "employer"}).ok());
  const absl::Status status = mapping->CheckColumns({"id", "titles", "em"});
  EXPECT_THAT(std::string(status.message()), HasSubstr("最接近：titles"));
}

TEST(PostingMappingTest, AHeaderNeedsAMapping) {
  const PostingMapping mapping = PostingMapping::ProtoJson();
  EXPECT_TRUE(mapping.CheckColumns({}).ok());
  EXPECT_THAT(std::string(mapping.CheckColumns({"id"}).message()),
              HasSubstr("--mapping"));
}

TEST(ProtoJsonTest, ARowIsAPosting) {
  FeedRow row;
  row.raw = R"({"sourcePostingId":"1","title":"会计","openings":2,)"
            R"("publishTime":"2026-03-01T00:00:00Z"})";
  const MappedPosting mapped = PostingMapping::ProtoJson().Map(row);
  EXPECT_FALSE(mapped.error.has_value());
  EXPECT_EQ(mapped.posting.title(), "会计");
  EXPECT_EQ(mapped.posting.openings(), 2);
}

TEST(ProtoJsonTest, AnUnknownFieldIsAnErrorOfTheRow) {
  FeedRow row;
  row.raw = R"({"titel":"会计"})";
  const MappedPosting mapped = PostingMapping::ProtoJson().Map(row);
  ASSERT_TRUE(mapped.error.has_value());
  EXPECT_THAT(mapped.error->value(), HasSubstr("titel"));
}

TEST(ProtoJsonTest, AGraduatesRowIsNeverQuoted) {
  FeedRow row;
  row.raw = R"({"name":"graduates/1","phone":"13800000000"})";
  const MappedGraduate mapped = MapGraduate(row);
  ASSERT_TRUE(mapped.error.has_value());
  EXPECT_EQ(mapped.error->ShortDebugString().find("phone"), std::string::npos);
  row.raw = R"({"name":"graduates/1","profile":{"skills":["SQL"]}})";
  EXPECT_FALSE(MapGraduate(row).error.has_value());
}

TEST(RedateTest, TheNewestBecomesTodayAndExpiryGoes) {
  const absl::Time now =
      absl::FromCivil(absl::CivilSecond(2026, 11, 22, 13, 0, 0), ChinaTime());
  const absl::Time newest =
      absl::FromCivil(absl::CivilSecond(2025, 7, 1, 9, 30, 0), ChinaTime());
  const Redating redating = MakeRedating(newest, now);
  const auto moved = [&](absl::Time time) {
    v1::Posting posting;
    posting.mutable_publish_time()->set_seconds(absl::ToUnixSeconds(time));
    posting.mutable_expire_time()->set_seconds(1);
    Redate(redating, posting);
    EXPECT_FALSE(posting.has_expire_time());
    return TimeOf(posting.publish_time());
  };
  EXPECT_EQ(
      moved(newest),
      absl::FromCivil(absl::CivilSecond(2026, 11, 22, 9, 30, 0), ChinaTime()));
  EXPECT_EQ(
      moved(newest - absl::Hours(48)),
      absl::FromCivil(absl::CivilSecond(2026, 11, 20, 9, 30, 0), ChinaTime()));
  // Later on the same day than now, and very old.
  EXPECT_EQ(moved(newest + absl::Hours(8)), now);
  EXPECT_EQ(moved(newest - absl::Hours(24 * 300)), now - absl::Hours(24 * 60));

  v1::Posting without;
  Redate(redating, without);
  EXPECT_FALSE(without.has_publish_time());
}

}  // namespace
}  // namespace gradmatch
