// A profile as keys and numbers: FeatureQuery.
#include <algorithm>

#include "index/base/clock.h"
#include "matcher/features.h"
#include "matcher/major_codes.h"
#include "matcher/posting_keys.h"
#include "matcher/text/parse_major.h"

namespace gradmatch {
namespace {

constexpr float kAnyMajorWorth = 0.3f;

// Sorted by key, of equal keys the largest worth.
void Finish(KeyValues& values) {
  std::sort(values.begin(), values.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : a.second > b.second;
  });
  values.erase(std::unique(values.begin(), values.end(),
                           [](const auto& a, const auto& b) {
                             return a.first == b.first;
                           }),
               values.end());
}

float DepthWorth(size_t digits) {
  return digits == 6 ? 1.0f : digits == 4 ? 0.8f : 0.4f;
}

void AddMajor(const v1::Code& major, int level, KeyValues& values) {
  for (MajorSystem system : MajorSystems()) {
    for (const std::string& digits : MajorInSystem(major, system)) {
      for (std::string_view prefix : Prefixes(digits)) {
        const float worth = DepthWorth(prefix.size());
        values.emplace_back(MajorKey(0, system, prefix), worth);
        values.emplace_back(MajorKey(level, system, prefix), worth);
      }
    }
  }
  values.emplace_back(AnyMajorKey(0), kAnyMajorWorth);
  values.emplace_back(AnyMajorKey(level), kAnyMajorWorth);
}

// What a graduate's major leads to; a second major counts a little less.
void AddTypical(const v1::Code& major, float share, KeyValues& values) {
  constexpr float kWorth[] = {0, 0.4f, 0.7f, 1.0f};
  for (const TypicalFunction& typical :
       TypicalFunctions(major.system(), major.code())) {
    const std::string digits = FunctionDigits(typical.function);
    if (digits.empty()) continue;
    const float worth = share * kWorth[std::clamp(typical.weight, 0, 3)];
    values.emplace_back(WithinKey(digits), worth);
    if (digits.size() == 6) {
      values.emplace_back(WithinKey(std::string_view(digits).substr(0, 4)),
                          0.4f * worth);
    }
  }
}

void CompileMajors(const v1::Profile& profile, FeatureQuery& query) {
  bool first = true;
  for (const v1::Education& education : profile.educations()) {
    query.level = std::max<int>(query.level, education.level());
    for (const v1::Code& major : education.majors()) {
      if (major.code().empty() && major.display().empty()) continue;
      query.majors_known = true;
      AddMajor(major, education.level(), query.majors);
      AddTypical(major, first ? 1.0f : 0.8f, query.typical_functions);
      first = false;
    }
  }
  Finish(query.majors);
  Finish(query.typical_functions);
}

void CompileFunctions(const v1::Intent& intent, FeatureQuery& query) {
  for (const v1::Code& function : intent.functions()) {
    const std::string digits = FunctionDigits(function.code());
    if (digits.empty()) continue;
    const size_t n = digits.size();
    for (std::string_view prefix : Prefixes(digits)) {
      const float worth = prefix.size() == n                 ? 1.0f
                          : prefix.size() == n - 2 && n == 6 ? 0.5f
                                                             : 0.2f;
      query.wanted_functions.emplace_back(WithinKey(prefix), worth);
      if (prefix.size() < n) {
        query.wanted_functions.emplace_back(AtKey(prefix), 0.6f);
      }
    }
  }
  Finish(query.wanted_functions);
}

void CompilePlaces(const v1::Intent& intent, FeatureQuery& query) {
  for (const v1::Code& place : intent.places()) {
    const std::string digits = RegionDigits(place.code());
    if (digits.empty()) continue;
    for (std::string_view prefix : Prefixes(digits)) {
      const float worth = prefix.size() == digits.size() ? 1.0f
                          : prefix.size() == 4           ? 0.6f
                                                         : 0.3f;
      query.places.emplace_back(WithinKey(prefix), worth);
      if (prefix.size() < digits.size()) {
        query.places.emplace_back(AtKey(prefix), 0.6f);
      }
    }
  }
  Finish(query.places);
}

}  // namespace

FeatureQuery CompileFeatures(const v1::Profile& profile, absl::Time now) {
  FeatureQuery query;
  query.today = ChinaDay(now);
  CompileMajors(profile, query);
  if (profile.has_experience_months() && profile.experience_months() >= 0) {
    query.experience_months = profile.experience_months();
  }
  const v1::Intent& intent = profile.intent();
  CompileFunctions(intent, query);
  CompilePlaces(intent, query);
  query.min_pay = std::max(0, intent.min_monthly_pay());
  for (int kind : intent.employer_kinds()) {
    if (kind > 0 && kind < 32) query.employer_kinds |= 1u << kind;
  }
  for (int kind : intent.posting_kinds()) {
    if (kind > 0 && kind < 32) query.posting_kinds |= 1u << kind;
  }
  query.flexible_work = intent.flexible_work();
  for (const std::string& skill : profile.skills()) {
    query.skills.push_back(SkillKey(skill));
  }
  std::sort(query.skills.begin(), query.skills.end());
  query.skills.erase(std::unique(query.skills.begin(), query.skills.end()),
                     query.skills.end());
  return query;
}

}  // namespace gradmatch
