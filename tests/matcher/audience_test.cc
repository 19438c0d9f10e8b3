// The evaluator of audiences: tables of cases.
#include "matcher/audience.h"

#include <functional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/matcher/builders.h"

namespace gradmatch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A bachelor of 软件工程 at school 1, of 2026, at home in 深圳南山, who wants
// internships and to start a business.
v1::Profile AProfile() {
  v1::Profile profile;
  AddEducation(profile, 4, "undergraduate", "080902", 2026);
  *profile.mutable_educations(0)->mutable_school() = MakeCode("school", "s1");
  AddEducation(profile, 3, "gd2025-C", "", 2023);
  *profile.mutable_region() = MakeCode("region", "440305");
  profile.mutable_intent()->add_posting_kinds(v1::POSTING_KIND_INTERNSHIP);
  profile.mutable_intent()->set_starting_business(true);
  return profile;
}

struct Case {
  std::string name;
  std::function<void(v1::Audience&)> audience;
  std::function<void(v1::Profile&)> profile;
  Verdict want;
  AudienceGap gap = AudienceGap::kNone;
};
class AudienceTest : public testing::TestWithParam<Case> {};

TEST_P(AudienceTest, Decides) {
  v1::Audience audience;
  GetParam().audience(audience);
  v1::Profile profile = AProfile();
  GetParam().profile(profile);
  const AudienceFinding finding = CheckAudience(audience, FactsOf(profile));
  EXPECT_EQ(finding.verdict, GetParam().want);
  EXPECT_EQ(finding.gap, GetParam().gap);
}

void Major(v1::Audience& audience, const char* system, const char* code) {
  *audience.add_majors() = MakeCode(system, code);
}
void Same(v1::Profile&) {}

constexpr Verdict kMet = Verdict::kMet;
constexpr Verdict kOpen = Verdict::kOpen;
constexpr Verdict kFailed = Verdict::kFailed;

INSTANTIATE_TEST_SUITE_P(
    Lists, AudienceTest,
    testing::ValuesIn<Case>({
        {"Everybody", [](auto&) {}, Same, kMet},
        {"Province", [](auto& a) { a.add_regions("440000"); }, Same, kMet},
        {"County", [](auto& a) { a.add_regions("440305"); }, Same, kMet},
        {"NextCounty", [](auto& a) { a.add_regions("440306"); }, Same, kFailed},
        {"OneOfTwoRegions",
         [](auto& a) {
           a.add_regions("110000");
           a.add_regions("440300");
         },
         Same, kMet},
        {"RegionNotSaid", [](auto& a) { a.add_regions("440000"); },
         [](auto& p) { p.clear_region(); }, kOpen, AudienceGap::kRegion},
        {"HomeIsWider", [](auto& a) { a.add_regions("440305"); },
         [](auto& p) { p.mutable_region()->set_code("440300"); }, kOpen,
         AudienceGap::kRegion},
        {"HomeIsWiderElsewhere", [](auto& a) { a.add_regions("110105"); },
         [](auto& p) { p.mutable_region()->set_code("440300"); }, kFailed},
        {"Level", [](auto& a) { a.add_levels(v1::EDUCATION_LEVEL_BACHELOR); },
         Same, kMet},
        {"EarlierLevel",
         [](auto& a) { a.add_levels(v1::EDUCATION_LEVEL_VOCATIONAL); }, Same,
         kFailed},
        {"LevelNotSaid",
         [](auto& a) { a.add_levels(v1::EDUCATION_LEVEL_BACHELOR); },
         [](auto& p) { p.mutable_educations(0)->clear_level(); }, kOpen,
         AudienceGap::kLevel},
        {"MajorGroup", [](auto& a) { Major(a, "undergraduate", "0809"); }, Same,
         kMet},
        {"OtherMajor", [](auto& a) { Major(a, "undergraduate", "080901"); },
         Same, kFailed},
        {"SpecialMajorMark",
         [](auto& a) { Major(a, "undergraduate", "080902K"); }, Same, kMet},
        {"OtherCatalogueByName",
         [](auto& a) { Major(a, "gd2025-B", "B080902"); }, Same, kMet},
        {"SameDigitsOtherCatalogue",
         [](auto& a) { Major(a, "gd2025-B", "B081201"); },
         [](auto& p) {
           p.mutable_educations(0)->mutable_majors(0)->set_code("081201");
         },
         kFailed},
        {"NoCounterpart", [](auto& a) { Major(a, "gd2025-C", "C0201"); }, Same,
         kOpen, AudienceGap::kMajorSystem},
        {"OwnCatalogueAnswers",
         [](auto& a) {
           Major(a, "gd2025-C", "C0201");
           Major(a, "undergraduate", "0301");
         },
         Same, kFailed},
        {"MajorNotSaid", [](auto& a) { Major(a, "undergraduate", "0809"); },
         [](auto& p) { p.mutable_educations(0)->clear_majors(); }, kOpen,
         AudienceGap::kMajor},
        {"OnlyAGroupSaid", [](auto& a) { Major(a, "undergraduate", "080902"); },
         [](auto& p) {
           p.mutable_educations(0)->mutable_majors(0)->set_code("0809");
         },
         kOpen, AudienceGap::kMajor},
        {"Year", [](auto& a) { a.add_graduation_years(2026); }, Same, kMet},
        {"OtherYear", [](auto& a) { a.add_graduation_years(2023); }, Same,
         kFailed},
        {"YearNotSaid", [](auto& a) { a.add_graduation_years(1970); },
         [](auto& p) { p.mutable_educations(0)->clear_graduation_time(); },
         kOpen, AudienceGap::kYear},
        {"School", [](auto& a) { a.add_schools("s1"); }, Same, kMet},
        {"OtherSchool", [](auto& a) { a.add_schools("s2"); }, Same, kFailed},
        {"SchoolNotSaid", [](auto& a) { a.add_schools("s1"); },
         [](auto& p) { p.clear_educations(); }, kOpen, AudienceGap::kSchool},
        {"Founders", [](auto& a) { a.set_starting_business(true); }, Same,
         kMet},
        {"FlexibleWorkNotWanted", [](auto& a) { a.set_flexible_work(true); },
         Same, kFailed},
        {"FlexibleWorkWanted", [](auto& a) { a.set_flexible_work(true); },
         [](auto& p) { p.mutable_intent()->set_flexible_work(true); }, kMet},
        {"KindAskedFor",
         [](auto& a) {
           a.add_posting_kinds(v1::POSTING_KIND_MILITARY);
           a.add_posting_kinds(v1::POSTING_KIND_INTERNSHIP);
         },
         Same, kMet},
        {"KindNotAskedFor",
         [](auto& a) { a.add_posting_kinds(v1::POSTING_KIND_MILITARY); }, Same,
         kFailed},
        {"NoKindNamed",
         [](auto& a) { a.add_posting_kinds(v1::POSTING_KIND_MILITARY); },
         [](auto& p) { p.mutable_intent()->clear_posting_kinds(); }, kOpen,
         AudienceGap::kPostingKinds},
        {"FlexibleWorkIsAKind",
         [](auto& a) { a.add_posting_kinds(v1::POSTING_KIND_FLEXIBLE); },
         [](auto& p) { p.mutable_intent()->set_flexible_work(true); }, kMet},
        {"EveryListMustFit",
         [](auto& a) {
           a.add_regions("440000");
           a.add_graduation_years(2027);
         },
         Same, kFailed},
        {"AFailedListBeatsAnOpenOne",
         [](auto& a) {
           a.add_regions("440000");
           a.add_graduation_years(2027);
         },
         [](auto& p) { p.clear_region(); }, kFailed},
    }),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Nesting, AudienceTest,
    testing::ValuesIn<Case>({
        {"OneAlternativeFits",
         [](auto& a) {
           a.add_any_of()->add_graduation_years(2027);
           a.add_any_of()->add_regions("440000");
         },
         Same, kMet},
        {"NoAlternativeFits",
         [](auto& a) {
           a.add_any_of()->add_graduation_years(2027);
           a.add_any_of()->add_regions("110000");
         },
         Same, kFailed},
        {"AnAlternativeIsOpen",
         [](auto& a) {
           a.add_any_of()->add_graduation_years(2027);
           a.add_any_of()->add_regions("440000");
         },
         [](auto& p) { p.clear_region(); }, kOpen, AudienceGap::kRegion},
        {"AlternativesJoinTheLists",
         [](auto& a) {
           a.add_graduation_years(2027);
           a.add_any_of()->add_regions("440000");
         },
         Same, kFailed},
        {"AnExceptionFits",
         [](auto& a) { a.add_none_of()->add_regions("440300"); }, Same,
         kFailed},
        {"NoExceptionFits",
         [](auto& a) { a.add_none_of()->add_regions("110000"); }, Same, kMet},
        {"AnExceptionIsOpen",
         [](auto& a) { a.add_none_of()->add_regions("110000"); },
         [](auto& p) { p.clear_region(); }, kOpen, AudienceGap::kRegion},
        {"OneExceptionIsEnough",
         [](auto& a) {
           a.add_none_of()->add_regions("110000");
           a.add_none_of()->add_graduation_years(2026);
         },
         [](auto& p) { p.clear_region(); }, kFailed},
        {"AnExceptionOfAnException",
         [](auto& a) {
           v1::Audience& exception = *a.add_none_of();
           exception.add_regions("440000");
           exception.add_none_of()->add_graduation_years(2026);
         },
         Same, kMet},
        {"FourDeep",
         [](auto& a) {
           a.add_any_of()
               ->add_none_of()
               ->add_any_of()
               ->add_none_of()
               ->add_graduation_years(2026);
         },
         Same, kMet},
    }),
    [](const auto& info) { return info.param.name; });

TEST(AudienceFactsTest, MutedKindsAreRefused) {
  v1::Audience audience;
  audience.add_posting_kinds(v1::POSTING_KIND_INTERNSHIP);
  v1::Preferences preferences;
  preferences.add_muted_posting_kinds(v1::POSTING_KIND_INTERNSHIP);
  AudienceFacts facts = FactsOf(AProfile());
  EXPECT_EQ(CheckAudience(audience, facts).verdict, kMet);
  MuteKinds(preferences, facts);
  EXPECT_EQ(CheckAudience(audience, facts).verdict, kFailed);
}

TEST(AudienceFactsTest, WithoutPersonalisationOnlyTheRegionDecides) {
  const AudienceFacts facts = PlaceFactsOf(AProfile());
  v1::Audience audience;
  audience.add_regions("440000");
  EXPECT_EQ(CheckAudience(audience, facts).verdict, kMet);
  audience.add_graduation_years(2027);
  audience.set_flexible_work(true);
  audience.add_schools("s2");
  EXPECT_EQ(CheckAudience(audience, facts).verdict, kOpen);
  audience.clear_regions();
  audience.add_regions("110000");
  EXPECT_EQ(CheckAudience(audience, facts).verdict, kFailed);
}

TEST(AudienceTest, NarrowerIsMoreSpecific) {
  const AudienceFacts facts = FactsOf(AProfile());
  v1::Audience all, year, major, school;
  year.add_graduation_years(2026);
  Major(major, "undergraduate", "080902");
  school = major;
  school.add_schools("s1");
  int last = -1;
  for (const v1::Audience& audience : {all, year, major, school}) {
    const AudienceFinding finding = CheckAudience(audience, facts);
    EXPECT_EQ(finding.verdict, kMet);
    EXPECT_GT(finding.specificity, last);
    last = finding.specificity;
  }
}

TEST(AudienceTest, MoreNodesThanThereMayBeFitNobody) {
  const AudienceFacts facts = FactsOf(AProfile());
  v1::Audience audience;
  for (int i = 0; i < kMaxAudienceNodes; ++i) {
    audience.add_any_of()->add_graduation_years(2026);
  }
  EXPECT_EQ(CheckAudience(audience, facts).verdict, kMet);
  audience.add_any_of()->add_graduation_years(2026);
  EXPECT_EQ(CheckAudience(audience, facts).verdict, kFailed);
}

TEST(AudienceWordsTest, NameWhatTheGraduateFits) {
  const AudienceFacts facts = FactsOf(AProfile());
  v1::Audience audience;
  EXPECT_THAT(AudienceWords(audience, facts), IsEmpty());
  audience.add_regions("420000");
  audience.add_regions("440000");
  audience.add_graduation_years(2025);
  audience.add_graduation_years(2026);
  Major(audience, "undergraduate", "0809");
  audience.add_any_of()->set_starting_business(true);
  EXPECT_THAT(AudienceWords(audience, facts),
              ElementsAre("2026届", "广东", "计算机类", "有创业意向"));
}

}  // namespace
}  // namespace gradmatch
