#include "matcher/push/selection.h"

#include <functional>
#include <set>
#include <string>

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace gradmatch {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'795'000'000);

v1::Graduate AGraduate() {
  v1::Graduate graduate;
  graduate.set_name("graduates/g1");
  graduate.set_lifecycle(v1::Graduate::LIFECYCLE_ACTIVE);
  v1::Education& latest = *graduate.mutable_profile()->add_educations();
  latest.set_level(v1::EDUCATION_LEVEL_BACHELOR);
  latest.mutable_school()->set_code("10486");
  v1::Code& major = *latest.add_majors();
  major.set_system("undergraduate");
  major.set_code("081201");
  // 2026-07-01 00:00 in China is still June 30 in Greenwich.
  latest.mutable_graduation_time()->set_seconds(1'782'835'200);
  v1::Education& before = *graduate.mutable_profile()->add_educations();
  before.set_level(v1::EDUCATION_LEVEL_VOCATIONAL);
  graduate.mutable_profile()->mutable_region()->set_code("440305");
  return graduate;
}

struct SelectionCase {
  std::string name;
  std::function<void(v1::Graduate&)> change;
  Suppression want;
};
class SelectionTest : public testing::TestWithParam<SelectionCase> {};

TEST_P(SelectionTest, Decides) {
  v1::Graduate graduate = AGraduate();
  GetParam().change(graduate);
  EXPECT_EQ(SelectForPush(graduate, v1::Audience(), kNow), GetParam().want);
}

void Pause(v1::Graduate& graduate, absl::Duration from_now) {
  graduate.mutable_preferences()->mutable_pause_end_time()->set_seconds(
      absl::ToUnixSeconds(kNow + from_now));
}

INSTANTIATE_TEST_SUITE_P(
    States, SelectionTest,
    testing::ValuesIn<SelectionCase>({
        {"Active", [](auto&) {}, Suppression::kNone},
        {"LifecycleNotSet", [](auto& g) { g.clear_lifecycle(); },
         Suppression::kNone},
        {"Placed",
         [](auto& g) { g.set_lifecycle(v1::Graduate::LIFECYCLE_PLACED); },
         Suppression::kPlaced},
        {"OptedOut",
         [](auto& g) { g.set_lifecycle(v1::Graduate::LIFECYCLE_OPTED_OUT); },
         Suppression::kOptedOut},
        {"Frozen",
         [](auto& g) { g.set_lifecycle(v1::Graduate::LIFECYCLE_FROZEN); },
         Suppression::kFrozen},
        {"Erased",
         [](auto& g) { g.set_lifecycle(v1::Graduate::LIFECYCLE_ERASED); },
         Suppression::kErased},
        {"PushOff", [](auto& g) { g.mutable_preferences()->set_push(false); },
         Suppression::kPushOff},
        {"PushOn", [](auto& g) { g.mutable_preferences()->set_push(true); },
         Suppression::kNone},
        {"PausedUntilLater", [](auto& g) { Pause(g, absl::Seconds(1)); },
         Suppression::kPaused},
        {"PauseJustOver", [](auto& g) { Pause(g, absl::ZeroDuration()); },
         Suppression::kNone},
        {"PersonalisationOff",
         [](auto& g) { g.mutable_preferences()->set_personalisation(false); },
         Suppression::kPersonalisationOff},
        {"FirstReasonCounts",
         [](auto& g) {
           g.set_lifecycle(v1::Graduate::LIFECYCLE_PLACED);
           g.mutable_preferences()->set_push(false);
         },
         Suppression::kPlaced},
    }),
    [](const auto& info) { return info.param.name; });

struct AudienceCase {
  std::string name;
  std::function<void(v1::Audience&)> audience;
  bool want;
};
class AudienceTest : public testing::TestWithParam<AudienceCase> {};

TEST_P(AudienceTest, FitsEveryListThatIsNotEmpty) {
  v1::Audience audience;
  GetParam().audience(audience);
  EXPECT_EQ(InAudience(AGraduate().profile(), audience), GetParam().want);
  const Suppression want =
      GetParam().want ? Suppression::kNone : Suppression::kNotInAudience;
  EXPECT_EQ(SelectForPush(AGraduate(), audience, kNow), want);
}

void AddMajor(v1::Audience& audience, const char* system, const char* code) {
  v1::Code& major = *audience.add_majors();
  major.set_system(system);
  major.set_code(code);
}

INSTANTIATE_TEST_SUITE_P(
    Lists, AudienceTest,
    testing::ValuesIn<AudienceCase>({
        {"Everybody", [](auto&) {}, true},
        {"Province", [](auto& a) { a.add_regions("440000"); }, true},
        {"ProvinceShort", [](auto& a) { a.add_regions("44"); }, true},
        {"City", [](auto& a) { a.add_regions("440300"); }, true},
        {"County", [](auto& a) { a.add_regions("440305"); }, true},
        {"OtherCounty", [](auto& a) { a.add_regions("440306"); }, false},
        {"OtherProvince", [](auto& a) { a.add_regions("420000"); }, false},
        {"OneOfTwo",
         [](auto& a) {
           a.add_regions("420000");
           a.add_regions("440000");
         },
         true},
        {"Level", [](auto& a) { a.add_levels(v1::EDUCATION_LEVEL_BACHELOR); },
         true},
        {"EarlierLevelDoesNotCount",
         [](auto& a) { a.add_levels(v1::EDUCATION_LEVEL_VOCATIONAL); }, false},
        {"MajorGroup", [](auto& a) { AddMajor(a, "undergraduate", "0812"); },
         true},
        {"OtherMajor", [](auto& a) { AddMajor(a, "undergraduate", "0809"); },
         false},
        {"SameCodeOtherSystem",
         [](auto& a) { AddMajor(a, "gd2025-B", "081201"); }, false},
        {"YearInChina", [](auto& a) { a.add_graduation_years(2026); }, true},
        {"OtherYear", [](auto& a) { a.add_graduation_years(2027); }, false},
        {"School", [](auto& a) { a.add_schools("10486"); }, true},
        {"OtherSchool", [](auto& a) { a.add_schools("10001"); }, false},
        {"EveryListMustFit",
         [](auto& a) {
           a.add_regions("44");
           a.add_graduation_years(2027);
         },
         false},
    }),
    [](const auto& info) { return info.param.name; });

TEST(AudienceTest, MutedKindsAreNotMeant) {
  v1::Graduate graduate = AGraduate();
  graduate.mutable_profile()->mutable_intent()->add_posting_kinds(
      v1::POSTING_KIND_INTERNSHIP);
  v1::Audience audience;
  audience.add_posting_kinds(v1::POSTING_KIND_INTERNSHIP);
  EXPECT_EQ(SelectForPush(graduate, audience, kNow), Suppression::kNone);
  graduate.mutable_preferences()->add_muted_posting_kinds(
      v1::POSTING_KIND_INTERNSHIP);
  EXPECT_EQ(SelectForPush(graduate, audience, kNow),
            Suppression::kNotInAudience);
}

TEST(AudienceTest, ExceptionsTakeGraduatesOut) {
  v1::Audience audience;
  audience.add_regions("44");
  audience.add_none_of()->add_schools("10486");
  EXPECT_FALSE(InAudience(AGraduate().profile(), audience));
  audience.mutable_none_of(0)->set_schools(0, "10001");
  EXPECT_TRUE(InAudience(AGraduate().profile(), audience));
}

TEST(AudienceTest, WhatAProfileDoesNotSayDoesNotFit) {
  v1::Audience audience;
  audience.add_regions("44");
  EXPECT_FALSE(InAudience(v1::Profile(), audience));
  audience.Clear();
  audience.add_schools("");
  EXPECT_FALSE(InAudience(v1::Profile(), audience));
  audience.Clear();
  audience.add_graduation_years(1970);
  EXPECT_FALSE(InAudience(v1::Profile(), audience));
}

TEST(SuppressionTest, EveryCodeHasItsOwnWords) {
  std::set<std::string_view> codes;
  std::set<std::string_view> texts;
  for (int i = 1; i < kSuppressionCount; ++i) {
    const auto suppression = static_cast<Suppression>(i);
    EXPECT_TRUE(codes.insert(SuppressionCode(suppression)).second);
    EXPECT_TRUE(texts.insert(SuppressionText(suppression)).second);
    EXPECT_FALSE(SuppressionCode(suppression).empty());
  }
  EXPECT_TRUE(codes.contains("CAPS_EXHAUSTED"));
}

}  // namespace
}  // namespace gradmatch
