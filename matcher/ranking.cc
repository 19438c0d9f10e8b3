#include "matcher/ranking.h"

#include <string>

namespace gradmatch {
namespace {

struct Line {
  FeatureId feature;
  float wants;
  float fits;
};

// The columns add up to 1 each. Place and function are what graduates change
// jobs for, so they lead "wants". Experience leads "fits": a posting for people
// with years of it takes no graduate, whatever else agrees; the major follows,
// because it is what employers filter on first.
constexpr Line kLinear1[] = {
    {FeatureId::kSimilarity, 0.15f, 0.10f},
    {FeatureId::kMajorDepth, 0, 0.25f},
    {FeatureId::kFunctionMatch, 0.27f, 0},
    {FeatureId::kFunctionByMajor, 0, 0.19f},
    {FeatureId::kPlaceMatch, 0.28f, 0},
    {FeatureId::kPayFit, 0.12f, 0},
    {FeatureId::kSkillsOverlap, 0, 0.09f},
    {FeatureId::kDegreeFit, 0, 0.07f},
    {FeatureId::kExperienceFit, 0, 0.27f},
    {FeatureId::kFreshness, 0.08f, 0},
    {FeatureId::kOpenings, 0, 0.03f},
    {FeatureId::kEmployerKindMatch, 0.06f, 0},
    {FeatureId::kPostingKindMatch, 0.04f, 0},
};

constexpr float kNothingKnown = 0.5f;

// Sum of the weights of known features.
float KnownWeight(const std::array<float, kFeatureCount>& weights,
                  const Features& features) {
  float sum = 0;
  for (size_t i = 0; i < kFeatureCount; ++i) {
    if (features.values[i] >= 0) sum += weights[i];
  }
  return sum;
}

float SubScore(const std::array<float, kFeatureCount>& weights,
               const Features& features) {
  const float known = KnownWeight(weights, features);
  if (known <= 0) return kNothingKnown;
  float sum = 0;
  for (size_t i = 0; i < kFeatureCount; ++i) {
    if (features.values[i] >= 0) sum += weights[i] * features.values[i];
  }
  return sum / known;
}

void Describe(const std::array<float, kFeatureCount>& weights,
              const Features& features, std::string_view sub_score,
              std::vector<v1::Feature>& described) {
  const float known = KnownWeight(weights, features);
  for (size_t i = 0; i < kFeatureCount; ++i) {
    if (features.values[i] < 0 || weights[i] <= 0) continue;
    v1::Feature& feature = described.emplace_back();
    feature.set_name(std::string(FeatureName(static_cast<FeatureId>(i))));
    feature.set_value(features.values[i]);
    feature.set_contribution(weights[i] * features.values[i] / known);
    feature.set_sub_score(std::string(sub_score));
  }
}

}  // namespace

const RankerWeights& DefaultWeights() {
  static const RankerWeights& weights = *[] {
    auto* w = new RankerWeights{.version = "linear-1"};
    for (const Line& line : kLinear1) {
      w->wants[static_cast<size_t>(line.feature)] = line.wants;
      w->fits[static_cast<size_t>(line.feature)] = line.fits;
    }
    return w;
  }();
  return weights;
}

Score ComputeScore(const RankerWeights& weights, const Features& features) {
  Score score;
  score.wants = SubScore(weights.wants, features);
  score.fits = SubScore(weights.fits, features);
  score.score = score.wants * score.fits;
  return score;
}

std::vector<v1::Feature> DescribeFeatures(const RankerWeights& weights,
                                          const Features& features) {
  std::vector<v1::Feature> described;
  Describe(weights.wants, features, "wants", described);
  Describe(weights.fits, features, "fits", described);
  return described;
}

float Contribution(const RankerWeights& weights, const Features& features,
                   FeatureId feature) {
  if (!features.Known(feature)) return 0;
  const size_t i = static_cast<size_t>(feature);
  float sum = 0;
  for (const auto* side : {&weights.wants, &weights.fits}) {
    if ((*side)[i] <= 0) continue;
    sum += (*side)[i] * features.values[i] / KnownWeight(*side, features);
  }
  return sum;
}

}  // namespace gradmatch
