// A profile as keys: EligibilityQuery.
#include <algorithm>

#include "matcher/eligibility.h"
#include "matcher/major_codes.h"
#include "matcher/posting_keys.h"
#include "matcher/proto_time.h"

namespace gradmatch {
namespace {

using Keys = std::vector<uint64_t>;

constexpr int kMaxLevel = 6;

void SortUnique(Keys& keys) {
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
}

// The lists of one course, filled level by level.
class CourseBuilder {
 public:
  explicit CourseBuilder(int level) { course_.level = level; }

  void AddCourseWithoutMajor() {
    course_.majors.emplace_back();
    Accept(AnyMajorKey(0));
    if (course_.level != 0) Accept(AnyMajorKey(course_.level));
    ForOpenLevels([&](int level) {
      Open(Condition::kMajorUnknown, MajorLevelKey(level));
    });
  }

  void AddMajor(const v1::Code& major) {
    course_.majors.emplace_back().own_system =
        static_cast<uint32_t>(MajorSystemOf(major.system()));
    Accept(AnyMajorKey(0));
    ForCloserLevels([&](int level) { return AnyMajorKey(level); });
    for (MajorSystem system : MajorSystems()) {
      const std::vector<std::string> codes = MajorInSystem(major, system);
      // A crossing that ends at a group says no more about what is below it
      // than a catalogue without the name does.
      const Condition inexact = MajorSystemOf(major.system()) == system
                                    ? Condition::kMajorNotExact
                                    : Condition::kMajorOtherCatalogue;
      for (const std::string& digits : codes) {
        AddDigits(system, digits, inexact);
      }
      if (codes.empty()) {
        ForOpenLevels([&](int level) {
          Open(Condition::kMajorOtherCatalogue, MajorSystemKey(level, system));
        });
      }
    }
  }

  CourseKeys Build() && {
    Open(Condition::kMajorTextUnread, kMajorTextKey);
    ForOpenLevels([&](int level) {
      Open(Condition::kMajorTextUnread, MajorTextKey(level));
    });
    SortUnique(course_.accept);
    for (CourseKeys::Major& major : course_.majors) SortUnique(major.accept);
    std::sort(
        course_.open.begin(), course_.open.end(),
        [](const auto& a, const auto& b) { return a.condition < b.condition; });
    for (CourseKeys::Open& open : course_.open) SortUnique(open.keys);
    return std::move(course_);
  }

 private:
  void AddDigits(MajorSystem system, std::string_view digits,
                 Condition inexact) {
    CourseKeys::Major& major = course_.majors.back();
    const int number = static_cast<int>(system);
    major.systems |= 1u << number;
    major.narrowest.push_back(ConditionMajor(number, digits));
    for (std::string_view prefix : Prefixes(digits)) {
      major.codes.push_back(ConditionMajor(number, prefix));
    }
    for (std::string_view prefix : Prefixes(digits)) {
      Accept(MajorKey(0, system, prefix));
      ForCloserLevels(
          [&](int level) { return MajorKey(level, system, prefix); });
    }
    if (digits.size() == 6) return;
    ForOpenLevels([&](int level) {
      Open(inexact, MajorBelowKey(level, system, digits));
    });
  }

  // What is accepted at the course's own level; when that is not said, what is
  // accepted at some level is open.
  template <typename F>
  void ForCloserLevels(F key_of) {
    if (course_.level != 0) {
      Accept(key_of(course_.level));
      return;
    }
    for (int level = 1; level <= kMaxLevel; ++level) {
      Open(Condition::kMajorLevelUnknown, key_of(level));
    }
  }

  // Groups that may speak for the course.
  template <typename F>
  void ForOpenLevels(F f) {
    f(0);
    for (int level = 1; level <= kMaxLevel; ++level) {
      if (course_.level == 0 || course_.level == level) f(level);
    }
  }

  void Accept(uint64_t key) {
    course_.accept.push_back(key);
    course_.majors.back().accept.push_back(key);
  }
  void Open(Condition condition, uint64_t key) {
    for (CourseKeys::Open& open : course_.open) {
      if (open.condition == condition) {
        open.keys.push_back(key);
        return;
      }
    }
    course_.open.push_back({condition, {key}});
  }

  CourseKeys course_;
};

CourseKeys CompileCourse(const v1::Education& education) {
  CourseBuilder builder(education.level());
  bool any = false;
  for (const v1::Code& major : education.majors()) {
    if (major.code().empty() && major.display().empty()) continue;
    any = true;
    builder.AddMajor(major);
  }
  if (!any) builder.AddCourseWithoutMajor();
  return std::move(builder).Build();
}

void AddWish(std::string_view digits, TreeWish& wish) {
  if (digits.empty()) return;
  if (wish.within.empty()) wish.above.push_back(kNotStatedKey);
  wish.within.push_back(WithinKey(digits));
  for (std::string_view prefix : Prefixes(digits)) {
    if (prefix.size() < digits.size()) wish.above.push_back(AtKey(prefix));
  }
}

bool Hard(v1::IntentStrength strength) {
  return strength == v1::INTENT_STRENGTH_HARD;
}

void CompileIntent(const v1::Intent& intent, EligibilityQuery& query) {
  if (Hard(intent.places_strength())) {
    for (const v1::Code& place : intent.places()) {
      AddWish(RegionDigits(place.code()), query.places);
    }
  }
  if (Hard(intent.functions_strength())) {
    for (const v1::Code& function : intent.functions()) {
      AddWish(FunctionDigits(function.code()), query.functions);
    }
  }
  if (Hard(intent.pay_strength())) {
    query.min_pay = std::max(0, intent.min_monthly_pay());
  }
  if (Hard(intent.employer_kinds_strength())) {
    for (int kind : intent.employer_kinds()) {
      if (kind != 0) query.employer_kinds.push_back(kind);
    }
  }
  if (Hard(intent.posting_kinds_strength())) {
    for (int kind : intent.posting_kinds()) {
      if (kind != 0) query.posting_kinds.push_back(kind);
    }
    // Wanted too: a condition on the kinds does not shut it out.
    if (!query.posting_kinds.empty() && intent.flexible_work()) {
      query.posting_kinds.push_back(v1::POSTING_KIND_FLEXIBLE);
    }
  }
}

void CompileEducations(const v1::Profile& profile, EligibilityQuery& query) {
  query.school_known = !profile.educations().empty();
  for (const v1::Education& education : profile.educations()) {
    query.level = std::max<int>(query.level, education.level());
    if (education.has_graduation_time()) {
      const absl::Time day = TimeOf(education.graduation_time());
      query.graduation_year = std::max(query.graduation_year, ChinaYear(day));
    }
    if (education.school().code().empty()) {
      query.school_known = false;
    } else {
      query.visible.push_back(SchoolKey(education.school().code()));
    }
    for (const v1::Code& major : education.majors()) {
      query.major_names.push_back(CodeName(major));
    }
    query.courses.push_back(CompileCourse(education));
  }
  if (query.courses.empty()) query.courses.push_back(CompileCourse({}));
}

}  // namespace

EligibilityQuery CompileEligibility(const v1::Profile& profile, absl::Time now,
                                    std::span<const std::string> regions) {
  EligibilityQuery query;
  query.now_second = SchemaSecond(now);
  CompileEducations(profile, query);
  if (profile.has_experience_months() && profile.experience_months() >= 0) {
    query.experience_months = profile.experience_months();
  }
  query.stated =
      StatedConditions(profile.declarations(), now, query.graduation_year);
  const std::string home = RegionDigits(profile.region().code());
  query.region_known = !home.empty();
  if (query.region_known) {
    query.visible.push_back(ProvinceKey(std::string_view(home).substr(0, 2)));
  }
  query.visible.push_back(kAnyKey);
  SortUnique(query.visible);
  CompileIntent(profile.intent(), query);
  for (const std::string& region : regions) {
    AddWish(RegionDigits(region), query.regions);
  }
  for (TreeWish* wish : {&query.places, &query.functions, &query.regions}) {
    SortUnique(wish->within);
    SortUnique(wish->above);
  }
  return query;
}

}  // namespace gradmatch
