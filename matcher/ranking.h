#ifndef GRADMATCH_MATCHER_RANKING_H_
#define GRADMATCH_MATCHER_RANKING_H_

#include <array>
#include <string_view>
#include <vector>

#include "gradmatch/v1/match_service.pb.h"
#include "matcher/features.h"

namespace gradmatch {

// The two linear sub-scores. Weights of features that are not known are left
// out and the others scaled up, so that a sub-score is the weighted mean of
// what is known (0.5 when nothing is).
struct RankerWeights {
  std::string_view version;
  std::array<float, kFeatureCount> wants{};
  std::array<float, kFeatureCount> fits{};
};

// Version "linear-1": weights by judgement, until there is feedback to learn
// from. See ranking.cc for the table.
const RankerWeights& DefaultWeights();

struct Score {
  float score = 0;  // wants * fits
  float wants = 0;  // would the graduate want it
  float fits = 0;   // would it take the graduate
};
Score ComputeScore(const RankerWeights& weights, const Features& features);

// What a feature adds to the sub-scores it belongs to; 0 when not known.
float Contribution(const RankerWeights& weights, const Features& features,
                   FeatureId feature);

// Features with value and contribution, the known ones of each sub-score in the
// order of FeatureId.
std::vector<v1::Feature> DescribeFeatures(const RankerWeights& weights,
                                          const Features& features);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_RANKING_H_
