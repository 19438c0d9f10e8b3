#include "matcher/features.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "matcher/posting_keys.h"

namespace gradmatch {
namespace {

constexpr float kNeutral = 0.3f;  // nothing speaks for or against the major
// Unrelated texts lie near 0, a posting and its own kind near 0.5 and above.
constexpr float kFullSimilarity = 0.5f;
constexpr double kHalfLifeDays = 14;
constexpr size_t kSkillsCounted = 5;
constexpr int kManyOpenings = 50;

// The largest worth among the row's keys; `none` when no key is known.
float Best(const KeyValues& values, std::span<const uint64_t> keys,
           float none) {
  float best = none;
  for (uint64_t key : keys) {
    const auto it = std::lower_bound(
        values.begin(), values.end(), key,
        [](const auto& entry, uint64_t k) { return entry.first < k; });
    if (it != values.end() && it->first == key) {
      best = std::max(best, it->second);
    }
  }
  return best;
}

bool NamesNothing(std::span<const uint64_t> keys) {
  return keys.size() == 1 && keys[0] == kNotStatedKey;
}

float PayFit(int wanted, int min, int max) {
  if (min >= wanted) return 1;
  const float top = static_cast<float>(max > 0 ? max : min);
  const float w = static_cast<float>(wanted);
  if (top >= w) {
    return 0.6f + 0.4f * (top - w) / (top - static_cast<float>(min));
  }
  // Half of what is wanted is worth nothing; just below it is worth 0.6.
  return std::max(0.0f, 0.6f * (2 * top / w - 1));
}

float SkillsOverlap(std::span<const uint64_t> declared,
                    std::span<const uint64_t> asked) {
  size_t common = 0;
  for (uint64_t key : declared) {
    common += std::binary_search(asked.begin(), asked.end(), key) ? 1 : 0;
  }
  const size_t counted = std::min(asked.size(), kSkillsCounted);
  return std::min(1.0f, static_cast<float>(common) / counted);
}

void ComputeFunctions(const FeatureQuery& query, const RowAttributes& row,
                      Features& features) {
  const std::span<const uint64_t> keys = row.Set(kFunctionColumn);
  if (NamesNothing(keys)) {
    // The text is all there is to tell what the work is. Left out instead, a
    // posting that says nothing would pass those that name unrelated work.
    const float similarity = features[FeatureId::kSimilarity];
    features[FeatureId::kFunctionMatch] = similarity;
    features[FeatureId::kFunctionByMajor] = similarity;
    return;
  }
  if (!query.typical_functions.empty()) {
    features[FeatureId::kFunctionByMajor] =
        Best(query.typical_functions, keys, 0);
  }
  features[FeatureId::kFunctionMatch] =
      query.wanted_functions.empty() ? features[FeatureId::kFunctionByMajor]
                                     : Best(query.wanted_functions, keys, 0);
}

void ComputeWishes(const FeatureQuery& query, const RowAttributes& row,
                   Features& features) {
  const std::span<const uint64_t> places = row.Set(kPlaceColumn);
  if (!query.places.empty() && !NamesNothing(places)) {
    features[FeatureId::kPlaceMatch] = Best(query.places, places, 0);
  }
  const int min = row.Scalar(kMinPayColumn);
  const int max = row.Scalar(kMaxPayColumn);
  if (query.min_pay > 0 && (min > 0 || max > 0)) {
    features[FeatureId::kPayFit] = PayFit(query.min_pay, min, max);
  }
  const int employer = row.Scalar(kEmployerKindColumn);
  if (query.employer_kinds != 0 && employer != 0) {
    features[FeatureId::kEmployerKindMatch] =
        (query.employer_kinds >> employer) & 1 ? 1 : 0;
  }
  const int kind = row.Scalar(kKindColumn);
  if (query.flexible_work && kind == v1::POSTING_KIND_FLEXIBLE) {
    features[FeatureId::kPostingKindMatch] = 1;
  } else if (query.posting_kinds != 0) {
    features[FeatureId::kPostingKindMatch] =
        (query.posting_kinds >> kind) & 1 ? 1 : 0;
  }
  const int day = row.Scalar(kPublishDayColumn);
  if (day != 0) {
    const double age = std::max(0, query.today - day);
    features[FeatureId::kFreshness] =
        static_cast<float>(std::exp2(-age / kHalfLifeDays));
  }
}

void ComputeFit(const FeatureQuery& query, const RowAttributes& row,
                Features& features) {
  if (query.majors_known) {
    features[FeatureId::kMajorDepth] =
        Best(query.majors, row.Set(kMajorColumn), kNeutral);
  }
  const std::span<const uint64_t> skills = row.Set(kSkillColumn);
  if (!query.skills.empty() && !skills.empty()) {
    features[FeatureId::kSkillsOverlap] = SkillsOverlap(query.skills, skills);
  }
  const int min = row.Scalar(kMinLevelColumn);
  if (query.level > 0 && min > 0) {
    features[FeatureId::kDegreeFit] =
        query.level < min
            ? 0
            : std::max(0.25f,
                       1 - 0.25f * static_cast<float>(query.level - min));
  }
  const int months = row.Scalar(kExperienceColumn);
  features[FeatureId::kExperienceFit] =
      query.experience_months.value_or(0) >= months ? 1
      : query.experience_months.has_value()
          ? 0
          : 12.0f / (12.0f + static_cast<float>(months));
  const int openings = std::min(row.Scalar(kOpeningsColumn), kManyOpenings);
  static const float many = std::log2(1.0f + kManyOpenings);
  features[FeatureId::kOpenings] =
      std::log2(1.0f + static_cast<float>(openings)) / many;
}

}  // namespace

std::string_view FeatureName(FeatureId feature) {
  constexpr std::string_view kNames[kFeatureCount] = {
      "similarity",        "major_depth", "function_match",
      "function_by_major", "place_match", "pay_fit",
      "skills_overlap",    "degree_fit",  "experience_fit",
      "freshness",         "openings",    "employer_kind_match",
      "posting_kind_match"};
  return kNames[static_cast<size_t>(feature)];
}

Features ComputeFeatures(const FeatureQuery& query, const RowAttributes& row,
                         std::optional<float> similarity) {
  Features features;
  if (similarity.has_value()) {
    features[FeatureId::kSimilarity] =
        std::clamp(*similarity / kFullSimilarity, 0.0f, 1.0f);
  }
  ComputeFunctions(query, row, features);
  ComputeWishes(query, row, features);
  ComputeFit(query, row, features);
  return features;
}

}  // namespace gradmatch
