#include "matcher/push/push_plan.h"

#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include "gtest/gtest.h"
#include "index/base/error.h"

namespace gradmatch {
namespace {

struct IdCase {
  std::string name;
  std::string id;
  bool valid;
};
class PushIdTest : public testing::TestWithParam<IdCase> {};

TEST_P(PushIdTest, IsChecked) {
  EXPECT_EQ(IsValidPushId(GetParam().id, kMaxRunIdLength), GetParam().valid);
}
INSTANTIATE_TEST_SUITE_P(
    Ids, PushIdTest,
    testing::ValuesIn<IdCase>({{"Nightly", "2026-11-22-nightly", true},
                               {"OneLetter", "a", true},
                               {"Empty", "", false},
                               {"UpperCase", "Nightly", false},
                               {"Underscore", "a_b", false},
                               {"LeadingHyphen", "-a", false},
                               {"TrailingHyphen", "a-", false},
                               {"Slash", "a/b", false},
                               {"Chinese", "夜间", false},
                               {"Longest", std::string(59, 'a'), true},
                               {"TooLong", std::string(60, 'a'), false}}),
    [](const auto& info) { return info.param.name; });

struct PlanCase {
  std::string name;
  std::function<void(v1::PushPlan&)> change;
  std::string bad_field;  // empty: the plan is fine
};
class ValidatePlanTest : public testing::TestWithParam<PlanCase> {};

TEST_P(ValidatePlanTest, NamesTheField) {
  v1::PushPlan plan;
  GetParam().change(plan);
  const absl::Status status = ValidatePlan(plan);
  EXPECT_EQ(FieldErrorOf(status).field, GetParam().bad_field) << status;
  EXPECT_EQ(status.ok(), GetParam().bad_field.empty());
}
INSTANTIATE_TEST_SUITE_P(
    Fields, ValidatePlanTest,
    testing::ValuesIn<PlanCase>({
        {"Empty", [](auto&) {}, ""},
        {"Largest",
         [](auto& p) {
           p.set_slots(100);
           p.set_applicants_per_opening(1000);
           p.set_candidates(1000);
           p.set_min_score(1);
         },
         ""},
        {"SlotsTooMany", [](auto& p) { p.set_slots(101); }, "push_plan.slots"},
        {"SlotsNegative", [](auto& p) { p.set_slots(-1); }, "push_plan.slots"},
        {"Applicants", [](auto& p) { p.set_applicants_per_opening(1001); },
         "push_plan.applicants_per_opening"},
        {"Candidates", [](auto& p) { p.set_candidates(1001); },
         "push_plan.candidates"},
        {"PerEmployer", [](auto& p) { p.set_max_per_employer(-3); },
         "push_plan.max_per_employer"},
        {"Ttl", [](auto& p) { p.set_item_ttl_days(366); },
         "push_plan.item_ttl_days"},
        {"FloorNegative", [](auto& p) { p.set_priority_floor(-1); },
         "push_plan.priority_floor"},
        {"FloorOfDefaultSlots", [](auto& p) { p.set_priority_floor(5); }, ""},
        {"FloorAboveDefaultSlots", [](auto& p) { p.set_priority_floor(6); },
         "push_plan.priority_floor"},
        {"FloorAboveSlots",
         [](auto& p) {
           p.set_slots(2);
           p.set_priority_floor(3);
         },
         "push_plan.priority_floor"},
        {"ScoreAboveOne", [](auto& p) { p.set_min_score(1.01); },
         "push_plan.min_score"},
        {"ScoreNaN", [](auto& p) { p.set_min_score(std::nan("")); },
         "push_plan.min_score"},
        {"ScoreInfinite",
         [](auto& p) {
           p.set_min_score(std::numeric_limits<double>::infinity());
         },
         "push_plan.min_score"},
        {"Postings",
         [](auto& p) { p.add_content_kinds(v1::CONTENT_KIND_POSTING); }, ""},
        {"Policies",
         [](auto& p) { p.add_content_kinds(v1::CONTENT_KIND_POLICY); },
         "push_plan.content_kinds"},
        {"Region", [](auto& p) { p.mutable_audience()->add_regions("44"); },
         ""},
        {"RegionWord",
         [](auto& p) { p.mutable_audience()->add_regions("广东"); },
         "push_plan.audience.regions[0]"},
        {"RegionLength",
         [](auto& p) { p.mutable_audience()->add_regions("440"); },
         "push_plan.audience.regions[0]"},
        {"MajorWithoutSystem",
         [](auto& p) { p.mutable_audience()->add_majors()->set_code("0809"); },
         "push_plan.audience.majors[0]"},
        {"NestedEmpty", [](auto& p) { p.mutable_audience()->add_any_of(); },
         "push_plan.audience.any_of[0]"},
    }),
    [](const auto& info) { return info.param.name; });

TEST(WithDefaultsTest, FillsZerosOnly) {
  v1::PushPlan plan;
  plan.set_slots(7);
  const v1::PushPlan full = WithDefaults(plan);
  EXPECT_EQ(full.slots(), 7);
  EXPECT_EQ(full.applicants_per_opening(), 30);
  EXPECT_EQ(full.candidates(), 100);
  EXPECT_EQ(full.max_per_employer(), 2);
  EXPECT_EQ(full.item_ttl_days(), 14);
  EXPECT_EQ(full.content_kinds_size(), 1);
  EXPECT_TRUE(ValidatePlan(full).ok());
}

TEST(PlanHashTest, SeesWhatChangesTheRun) {
  v1::PushPlan plan;
  plan.set_name("pushPlans/a");
  const uint64_t hash = PlanHash(plan);

  v1::PushPlan same = plan;
  same.set_slots(5);  // the default
  same.set_etag("e");
  same.set_display_name("夜间");
  same.mutable_update_time()->set_seconds(7);
  EXPECT_EQ(PlanHash(same), hash);

  v1::PushPlan other = plan;
  other.set_slots(6);
  EXPECT_NE(PlanHash(other), hash);
  other = plan;
  other.mutable_audience()->add_regions("44");
  EXPECT_NE(PlanHash(other), hash);
  other = plan;
  other.set_name("pushPlans/b");
  EXPECT_NE(PlanHash(other), hash);
}

}  // namespace
}  // namespace gradmatch
