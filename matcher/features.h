#ifndef GRADMATCH_MATCHER_FEATURES_H_
#define GRADMATCH_MATCHER_FEATURES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "gradmatch/v1/graduate.pb.h"
#include "matcher/posting_schema.h"

namespace gradmatch {

// What the score is made of. Each value is in [0, 1] or not known; not known
// means that profile or posting does not say, and is never held against either.
// There is no feature of sex, ethnicity, hukou or school, and none can be made:
// FeatureQuery does not hold them.
enum class FeatureId : uint8_t {
  // Inner product of the embeddings, rescaled; not known when one is empty.
  kSimilarity,
  // Narrowest major accepted that covers the graduate's: 专业 1, 专业类 0.8,
  // 门类 0.4, any major 0.3, and as much while a condition about it is open.
  kMajorDepth,
  // Job functions wished for: at or below a wish 1, below the wish's group 0.5,
  // below its top group 0.2. Without a wish as kFunctionByMajor. Both are the
  // similarity where the posting names no function.
  kFunctionMatch,
  // Job functions that graduates of the major typically enter: first of all 1,
  // often 0.7, now and then 0.4; their neighbours in the same group 0.4 of it.
  kFunctionByMajor,
  // Place of work: as wished 1, only something wider named 0.6, the same city
  // 0.6, the same province 0.3.
  kPlaceMatch,
  // Pay against the least wanted: reached by the lowest pay 1, by the highest
  // 0.6 to 1, below it falling to 0 at half.
  kPayFit,
  // Share of the posting's skills (of at most five) that are declared.
  kSkillsOverlap,
  // Level against the least asked for: equal 1, each level above 0.25 less.
  kDegreeFit,
  // Experience asked for: none 1, enough 1; where the profile does not say,
  // 12 / (12 + months): such a posting looks for somebody else.
  kExperienceFit,
  // Halves every 14 days since publication.
  kFreshness,
  // Number of openings: 1 0.18, 5 0.46, 50 1 (logarithmic).
  kOpenings,
  // Kind of employer, and kind of posting, against those wished for: 1 or 0.
  // Flexible work is one more kind wished for; who names no other kind has
  // nothing against the others, so of them it is not known.
  kEmployerKindMatch,
  kPostingKindMatch,
};
inline constexpr size_t kFeatureCount = 13;

// Such as major_depth.
std::string_view FeatureName(FeatureId feature);

// Values below 0 are not known.
struct Features {
  static constexpr float kUnknown = -1.0f;
  Features() { values.fill(kUnknown); }
  float& operator[](FeatureId f) { return values[static_cast<size_t>(f)]; }
  float operator[](FeatureId f) const { return values[static_cast<size_t>(f)]; }
  bool Known(FeatureId f) const { return (*this)[f] >= 0; }
  std::array<float, kFeatureCount> values;
};

// Keys with what they are worth, sorted by key.
using KeyValues = std::vector<std::pair<uint64_t, float>>;

// A profile compiled for scoring: keys and numbers only. A value.
struct FeatureQuery {
  int32_t today = 0;  // ChinaDay
  int level = 0;
  std::optional<int> experience_months;
  int min_pay = 0;
  KeyValues majors;
  bool majors_known = false;
  KeyValues wanted_functions;
  KeyValues typical_functions;
  KeyValues places;
  std::vector<uint64_t> skills;  // sorted
  uint32_t employer_kinds = 0;   // bit of each kind wished for
  uint32_t posting_kinds = 0;
  bool flexible_work = false;  // wished for beside the kinds, not instead
};
FeatureQuery CompileFeatures(const v1::Profile& profile, absl::Time now);

// `similarity` is the inner product, nullopt when there is none. Reads columns
// only.
Features ComputeFeatures(const FeatureQuery& query, const RowAttributes& row,
                         std::optional<float> similarity);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_FEATURES_H_
