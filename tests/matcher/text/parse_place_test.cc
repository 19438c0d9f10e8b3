#include "matcher/text/parse_place.h"

#include <gtest/gtest.h>

#include "matcher/text/normalize.h"

namespace gradmatch {
namespace {

struct PlaceCase {
  std::string_view name;
  std::string_view text;
  Places want;
  bool certain = true;
};

class ParsePlacesTest : public testing::TestWithParam<PlaceCase> {};

TEST_P(ParsePlacesTest, GivesCodes) {
  const PlaceCase& c = GetParam();
  const auto got = ParsePlaces(c.text);
  ASSERT_TRUE(got.understood());
  EXPECT_EQ(got.value->codes, c.want.codes);
  EXPECT_EQ(got.value->nationwide, c.want.nationwide);
  EXPECT_EQ(got.value->remote, c.want.remote);
  EXPECT_EQ(got.value->detail, c.want.detail);
  EXPECT_EQ(got.certain, c.certain) << got.note;
  EXPECT_EQ(got.note.empty(), c.certain);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, ParsePlacesTest,
    testing::ValuesIn<PlaceCase>({
        {"City", "深圳", {{"440300"}}},
        {"Points", "深圳·南山区·科技园", {{"440305"}, false, false, "科技园"}},
        {"Hyphen", "昆明-盘龙区", {{"530103"}}},
        {"FullAddress",
         "广东省广州市黄埔区永和街道",
         {{"440112"}, false, false, "永和街道"}},
        {"EmptyParts", "济南··", {{"370100"}}},
        {"Municipality",
         "北京·朝阳区·望京",
         {{"110105"}, false, false, "望京"}},
        {"CityItself", "北京", {{"110000"}}},
        {"SameCountyName", "长春·朝阳区", {{"220104"}}},
        {"Several",
         "北京、上海/广州，深圳",
         {{"110000", "310000", "440100", "440300"}}},
        {"Or", "杭州或南京", {{"330100", "320100"}}},
        {"HyphenBetweenCities", "北京-上海", {{"110000", "310000"}}},
        {"Levels", "广东省/广州市/天河区", {{"440106"}}},
        {"Twice", "广州、广州", {{"440100"}}},
        {"SaidTwice", "北京·北京市·海淀区", {{"110108"}}},
        {"ShortNames", "广东深圳南山", {{"440305"}}},
        {"ProvinceOrCity", "吉林", {{"220000"}}},
        {"ProvinceAndCity", "吉林省吉林市", {{"220200"}}},
        {"Zone", "广东省肇庆市高新区", {{"441200"}, false, false, "高新区"}},
        {"AutonomousPrefecture", "大理州-祥云县", {{"532923"}}},
        {"AutonomousRegion", "内蒙古呼和浩特", {{"150100"}}},
        {"CountyCityAlone", "昆山", {{"320583"}}},
        {"CityOfOneLevel", "东莞", {{"441900"}}},
        {"DirectlyUnderProvince", "仙桃", {{"429004"}}},
        {"Street", "济南·历下区·中山路", {{"370102"}, false, false, "中山路"}},
        {"Code", "440305", {{"440305"}}},
        {"Codes", "440300,110000", {{"440300", "110000"}}},
        {"Nationwide", "全国", {{}, true}},
        {"Remote", "远程", {{}, false, true}},
        {"RemoteOrCity", "上海/远程", {{"310000"}, false, true}},
        {"FullWidth", "深圳（南山区）", {{"440305"}}},
        {"HongKong", "香港", {{"810000"}}},
        {"PartUnknown", "华东、北京", {{"110000"}}, false},
    }),
    [](const auto& info) { return std::string(info.param.name); });

TEST(ParsePlacesErrorTest, SaysWhenItDoesNotUnderstand) {
  const std::string long_text(1 << 20, 'a');
  for (std::string_view text :
       {std::string_view(""), std::string_view("海外"),
        std::string_view("朝阳区"), std::string_view("999999"),
        std::string_view("科技园"), std::string_view("\xFF"),
        std::string_view(long_text)}) {
    EXPECT_FALSE(ParsePlaces(text).understood()) << CutUtf8(text, 30);
  }
}

}  // namespace
}  // namespace gradmatch
