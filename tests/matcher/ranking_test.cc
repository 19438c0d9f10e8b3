// Features, scores, plan and rerank.
#include "matcher/ranking.h"

#include <functional>
#include <numeric>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "matcher/rerank.h"
#include "matcher/retrieval_plan.h"
#include "tests/matcher/builders.h"

namespace gradmatch {
namespace {

constexpr float kUnknown = Features::kUnknown;

struct FeatureCase {
  std::string name;
  FeatureId feature;
  std::function<void(v1::Profile&)> profile;
  std::function<void(v1::Posting&)> posting;
  float want;
};
void PrintTo(const FeatureCase& c, std::ostream* out) { *out << c.name; }

void Nothing(v1::Profile&) {}
void Nobody(v1::Profile& p) { p.Clear(); }

std::function<void(v1::Profile&)> WantsPlace(std::string code) {
  return [=](v1::Profile& p) {
    *p.mutable_intent()->add_places() = MakeCode("region", code);
  };
}
std::function<void(v1::Profile&)> WantsFunction(std::string code) {
  return [=](v1::Profile& p) {
    *p.mutable_intent()->add_functions() = MakeCode("function", code);
  };
}
std::function<void(v1::Profile&)> WantsPay(int pay) {
  return [=](v1::Profile& p) { p.mutable_intent()->set_min_monthly_pay(pay); };
}
std::function<void(v1::Posting&)> In(std::string code) {
  return [=](v1::Posting& p) {
    *p.add_locations()->mutable_region() = MakeCode("region", code);
  };
}
std::function<void(v1::Posting&)> Does(std::string code) {
  return
      [=](v1::Posting& p) { *p.add_functions() = MakeCode("function", code); };
}
std::function<void(v1::Posting&)> Asks(std::string code) {
  return [=](v1::Posting& p) {
    *p.mutable_majors() = PostingForMajors("undergraduate", {code}).majors();
  };
}
std::function<void(v1::Posting&)> Pays(int min, int max) {
  return [=](v1::Posting& p) {
    p.mutable_salary()->set_min_monthly(min);
    p.mutable_salary()->set_max_monthly(max);
  };
}
std::function<void(v1::Posting&)> Published(int days_ago) {
  return [=](v1::Posting& p) {
    p.mutable_publish_time()->set_seconds(
        absl::ToUnixSeconds(TestNow() - absl::Hours(24) * days_ago));
  };
}
std::function<void(v1::Posting&)> Kind(v1::PostingKind kind) {
  return [=](v1::Posting& p) { p.set_kind(kind); };
}
void WantsFlexibleWork(v1::Profile& p) {
  p.mutable_intent()->set_flexible_work(true);
}
void AnyPosting(v1::Posting&) {}

class FeatureTest : public testing::TestWithParam<FeatureCase> {};

TEST_P(FeatureTest, HasValue) {
  v1::Profile profile = Bachelor();
  v1::Posting posting = OpenPosting();
  GetParam().profile(profile);
  GetParam().posting(posting);
  const AttributeRow row = PostingAttributes(posting, false);
  const Features features = ComputeFeatures(CompileFeatures(profile, TestNow()),
                                            RowAttributes(row), std::nullopt);
  EXPECT_NEAR(features[GetParam().feature], GetParam().want, 0.005);
}

INSTANTIATE_TEST_SUITE_P(
    Values, FeatureTest,
    testing::ValuesIn<FeatureCase>({
        {"NoEmbedding", FeatureId::kSimilarity, Nothing, AnyPosting, kUnknown},
        {"MajorItself", FeatureId::kMajorDepth, Nothing, Asks("080901"), 1},
        {"MajorGroup", FeatureId::kMajorDepth, Nothing, Asks("0809"), 0.8f},
        {"MajorDiscipline", FeatureId::kMajorDepth, Nothing, Asks("08"), 0.4f},
        {"AnyMajor", FeatureId::kMajorDepth, Nothing, AnyPosting, 0.3f},
        {"MajorNotSaid", FeatureId::kMajorDepth, Nobody, Asks("08"), kUnknown},
        {"FunctionWanted", FeatureId::kFunctionMatch, WantsFunction("010101"),
         Does("010101"), 1},
        {"FunctionBelowTheWish", FeatureId::kFunctionMatch,
         WantsFunction("0101"), Does("010101"), 1},
        {"FunctionBesideTheWish", FeatureId::kFunctionMatch,
         WantsFunction("010101"), Does("010102"), 0.5f},
        {"FunctionFarFromTheWish", FeatureId::kFunctionMatch,
         WantsFunction("010101"), Does("0102"), 0.2f},
        {"FunctionOnlyNamedBroadly", FeatureId::kFunctionMatch,
         WantsFunction("010101"), Does("0101"), 0.6f},
        {"FunctionUnwanted", FeatureId::kFunctionMatch, WantsFunction("010101"),
         Does("070304"), 0},
        {"FunctionNotSaid", FeatureId::kFunctionMatch, WantsFunction("010101"),
         AnyPosting, kUnknown},
        {"FunctionOfNobody", FeatureId::kFunctionByMajor, Nobody,
         Does("010101"), kUnknown},
        {"FunctionUntypical", FeatureId::kFunctionByMajor, Nothing,
         Does("0d0110"), 0},
        {"PlaceAsWished", FeatureId::kPlaceMatch, WantsPlace("420100"),
         In("420111"), 1},
        {"PlaceSameCity", FeatureId::kPlaceMatch, WantsPlace("420111"),
         In("420106"), 0.6f},
        {"PlaceOnlyTheCity", FeatureId::kPlaceMatch, WantsPlace("420111"),
         In("420100"), 0.6f},
        {"PlaceSameProvince", FeatureId::kPlaceMatch, WantsPlace("420100"),
         In("420500"), 0.3f},
        {"PlaceElsewhere", FeatureId::kPlaceMatch, WantsPlace("420100"),
         In("440300"), 0},
        {"PlaceNoWish", FeatureId::kPlaceMatch, Nothing, In("440300"),
         kUnknown},
        {"PlaceNotSaid", FeatureId::kPlaceMatch, WantsPlace("420100"),
         AnyPosting, kUnknown},
        {"PayReached", FeatureId::kPayFit, WantsPay(8000), Pays(8000, 9000), 1},
        {"PayBarelyReached", FeatureId::kPayFit, WantsPay(8000),
         Pays(6000, 8000), 0.6f},
        {"PayInTheMiddle", FeatureId::kPayFit, WantsPay(8000),
         Pays(6000, 10000), 0.8f},
        {"PayHalf", FeatureId::kPayFit, WantsPay(8000), Pays(3000, 4000), 0},
        {"PayNotSaid", FeatureId::kPayFit, WantsPay(8000), AnyPosting,
         kUnknown},
        {"DegreeEqual", FeatureId::kDegreeFit, Nothing,
         [](v1::Posting& p) {
           p.mutable_education()->set_min_level(v1::EDUCATION_LEVEL_BACHELOR);
         },
         1},
        {"DegreeSurplus", FeatureId::kDegreeFit, Nothing,
         [](v1::Posting& p) {
           p.mutable_education()->set_min_level(v1::EDUCATION_LEVEL_SECONDARY);
         },
         0.5f},
        {"DegreeAny", FeatureId::kDegreeFit, Nothing, AnyPosting, kUnknown},
        {"ExperienceNone", FeatureId::kExperienceFit, Nothing, AnyPosting, 1},
        {"ExperienceNotSaid", FeatureId::kExperienceFit, Nothing,
         [](v1::Posting& p) { p.set_experience_months(36); }, 0.25f},
        {"ExperienceEnough", FeatureId::kExperienceFit,
         [](v1::Profile& p) { p.set_experience_months(40); },
         [](v1::Posting& p) { p.set_experience_months(36); }, 1},
        {"FreshToday", FeatureId::kFreshness, Nothing, Published(0), 1},
        {"FreshHalf", FeatureId::kFreshness, Nothing, Published(14), 0.5f},
        {"FreshNotSaid", FeatureId::kFreshness, Nothing, AnyPosting, kUnknown},
        {"OpeningsMany", FeatureId::kOpenings, Nothing,
         [](v1::Posting& p) { p.set_openings(500); }, 1},
        {"SkillsTwoOfFive", FeatureId::kSkillsOverlap,
         [](v1::Profile& p) {
           p.add_skills("python");
           p.add_skills("SQL");
           p.add_skills("焊接");
         },
         [](v1::Posting& p) {
           for (const char* s : {"Python", "SQL", "Go", "Rust", "C++"}) {
             p.add_skills(s);
           }
         },
         0.4f},
        {"SkillsNotSaid", FeatureId::kSkillsOverlap, Nothing,
         [](v1::Posting& p) { p.add_skills("Python"); }, kUnknown},
        {"FlexibleWorkWanted", FeatureId::kPostingKindMatch, WantsFlexibleWork,
         Kind(v1::POSTING_KIND_FLEXIBLE), 1},
        {"FlexibleWorkIsWantedBesideOthers", FeatureId::kPostingKindMatch,
         WantsFlexibleWork, Kind(v1::POSTING_KIND_REGULAR), kUnknown},
        {"FlexibleWorkNotAskedFor", FeatureId::kPostingKindMatch, Nothing,
         Kind(v1::POSTING_KIND_FLEXIBLE), kUnknown},
        {"FlexibleWorkBesideAKind", FeatureId::kPostingKindMatch,
         [](v1::Profile& p) {
           WantsFlexibleWork(p);
           p.mutable_intent()->add_posting_kinds(v1::POSTING_KIND_INTERNSHIP);
         },
         Kind(v1::POSTING_KIND_REGULAR), 0},
    }),
    [](const auto& info) { return info.param.name; });

TEST(FeatureTest, SimilarityIsRescaledAndClamped) {
  const AttributeRow row = PostingAttributes(OpenPosting(), false);
  const FeatureQuery query = CompileFeatures(Bachelor(), TestNow());
  for (const auto& [similarity, want] : std::vector<std::pair<float, float>>{
           {-0.2f, 0}, {0, 0}, {0.25f, 0.5f}, {0.5f, 1}, {0.9f, 1}}) {
    EXPECT_FLOAT_EQ(ComputeFeatures(query, RowAttributes(row),
                                    similarity)[FeatureId::kSimilarity],
                    want);
  }
}

TEST(FeatureTest, WorkThatIsNotNamedIsJudgedByTheText) {
  v1::Posting posting = OpenPosting();
  const FeatureQuery query = CompileFeatures(Bachelor(), TestNow());
  const auto by_major = [&] {
    const AttributeRow row = PostingAttributes(posting, false);
    return ComputeFeatures(query, RowAttributes(row),
                           0.1f)[FeatureId::kFunctionByMajor];
  };
  EXPECT_FLOAT_EQ(by_major(), 0.2f);
  *posting.add_functions() = MakeCode("function", "0d0110");
  EXPECT_FLOAT_EQ(by_major(), 0);
}

TEST(RankerWeightsTest, ColumnsAddUpToOne) {
  for (const auto* side : {&DefaultWeights().wants, &DefaultWeights().fits}) {
    EXPECT_NEAR(std::accumulate(side->begin(), side->end(), 0.0f), 1, 1e-5);
  }
}

TEST(RankerWeightsTest, WhatIsNotKnownIsNeutral) {
  Features few;
  few[FeatureId::kPlaceMatch] = 0.5f;
  Features more = few;
  more[FeatureId::kPayFit] = 0.5f;
  EXPECT_FLOAT_EQ(ComputeScore(DefaultWeights(), few).wants, 0.5f);
  EXPECT_FLOAT_EQ(ComputeScore(DefaultWeights(), more).wants, 0.5f);
  EXPECT_FLOAT_EQ(ComputeScore(DefaultWeights(), few).fits, 0.5f);
}

TEST(RankerWeightsTest, ContributionsAddUpToTheSubScores) {
  std::mt19937 rng(5);
  std::uniform_real_distribution<float> value(-0.5f, 1.0f);
  for (int round = 0; round < 200; ++round) {
    Features features;
    for (float& v : features.values) v = std::max(value(rng), kUnknown);
    for (float& v : features.values) v = v < 0 ? kUnknown : v;
    const Score score = ComputeScore(DefaultWeights(), features);
    double wants = 0, fits = 0;
    for (const v1::Feature& f : DescribeFeatures(DefaultWeights(), features)) {
      (f.sub_score() == "wants" ? wants : fits) += f.contribution();
    }
    // With nothing known a sub-score is 0.5 and nothing contributes to it.
    if (wants > 0) {
      EXPECT_NEAR(wants, score.wants, 1e-5);
    }
    if (fits > 0) {
      EXPECT_NEAR(fits, score.fits, 1e-5);
    }
    EXPECT_FLOAT_EQ(score.score, score.wants * score.fits);
    EXPECT_GE(score.score, 0);
    EXPECT_LE(score.score, 1.00001f);
  }
}

struct PlanCase {
  std::string name;
  PlanInput input;
  SearchPlan want;
};
void PrintTo(const PlanCase& c, std::ostream* out) { *out << c.name; }
class ChoosePlanTest : public testing::TestWithParam<PlanCase> {};
TEST_P(ChoosePlanTest, PicksPlan) {
  EXPECT_EQ(ChoosePlan(GetParam().input, {.flat_min_share = 0.5}),
            GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(
    Selectivity, ChoosePlanTest,
    testing::ValuesIn<PlanCase>({{"Empty", {0, 0}, SearchPlan::kExactScan},
                                 {"None", {1000, 0}, SearchPlan::kExactScan},
                                 {"Few", {1000, 499}, SearchPlan::kExactScan},
                                 {"Some", {1100, 500}, SearchPlan::kCodedScan},
                                 {"Half", {1000, 500}, SearchPlan::kFlat},
                                 {"All", {1000, 1000}, SearchPlan::kFlat}}),
    [](const auto& info) { return info.param.name; });

std::vector<RankedRow> Rows(
    const std::vector<std::pair<uint64_t, uint64_t>>& employer_and_group) {
  std::vector<RankedRow> rows;
  for (const auto& [employer, group] : employer_and_group) {
    RankedRow& row = rows.emplace_back();
    row.row = static_cast<RowId>(rows.size() - 1);
    row.employer = employer;
    row.canonical = group;
  }
  return rows;
}
std::vector<uint32_t> Order(const std::vector<RankedRow>& rows) {
  std::vector<uint32_t> order;
  for (const RankedRow& row : rows) order.push_back(Index(row.row));
  return order;
}

TEST(RerankTest, KeepsTheFirstOfADuplicateGroup) {
  std::vector<RankedRow> rows = Rows({{1, 7}, {2, 8}, {3, 7}, {4, 9}});
  Rerank({}, rows);
  EXPECT_THAT(Order(rows), testing::ElementsAre(0, 1, 3));
}

TEST(RerankTest, SpreadsEmployersOverPages) {
  std::vector<RankedRow> rows =
      Rows({{1, 1}, {1, 2}, {1, 3}, {1, 4}, {2, 5}, {3, 6}, {4, 7}, {5, 8}});
  Rerank({.max_per_employer = 2, .page = 3}, rows);
  EXPECT_THAT(Order(rows), testing::ElementsAre(0, 1, 4, 2, 3, 5, 6, 7));
}

TEST(RerankTest, YieldsWhenNothingElseIsLeft) {
  std::vector<RankedRow> rows = Rows({{1, 1}, {1, 2}, {1, 3}, {2, 4}});
  Rerank({.max_per_employer = 1, .page = 10}, rows);
  EXPECT_THAT(Order(rows), testing::ElementsAre(0, 3, 1, 2));
}

TEST(RerankTest, LosesAndInventsNothing) {
  std::mt19937 rng(11);
  for (int round = 0; round < 100; ++round) {
    std::vector<std::pair<uint64_t, uint64_t>> pairs;
    for (uint64_t i = 0; i < 57; ++i) pairs.emplace_back(rng() % 5, i + 1);
    std::vector<RankedRow> rows = Rows(pairs);
    Rerank({}, rows);
    std::vector<uint32_t> order = Order(rows);
    std::sort(order.begin(), order.end());
    std::vector<uint32_t> all(57);
    std::iota(all.begin(), all.end(), 0);
    ASSERT_EQ(order, all);
  }
}

}  // namespace
}  // namespace gradmatch
