// Random nested audiences against an oracle that walks the message, compares
// strings and shares nothing with the evaluator but the code tables.
#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "index/codes/code_table.h"
#include "matcher/audience.h"
#include "tests/matcher/builders.h"

namespace gradmatch {
namespace {

enum Three { kNo, kMaybe, kYes };
Verdict VerdictOf(Three three) {
  if (three == kYes) return Verdict::kMet;
  return three == kNo ? Verdict::kFailed : Verdict::kOpen;
}

class Oracle {
 public:
  explicit Oracle(const v1::Profile& profile) : profile_(profile) {}

  Three Fits(const v1::Audience& a) const {
    Three all = kYes;
    const auto also = [&](Three one) { all = std::min(all, one); };
    if (a.regions_size() > 0) also(Region(a));
    if (a.levels_size() > 0) {
      also(Among(a.levels(), Latest().level(), Latest().level() != 0));
    }
    if (a.majors_size() > 0) also(Majors(a));
    if (a.graduation_years_size() > 0) {
      const bool said = Latest().has_graduation_time();
      also(Among(a.graduation_years(), Year(), said));
    }
    if (a.schools_size() > 0) {
      const std::string& school = Latest().school().code();
      also(Among(a.schools(), school, !school.empty()));
    }
    if (a.flexible_work()) also(profile_.intent().flexible_work() ? kYes : kNo);
    if (a.starting_business()) {
      also(profile_.intent().starting_business() ? kYes : kNo);
    }
    if (a.posting_kinds_size() > 0) also(Kinds(a));
    if (a.any_of_size() > 0) {
      Three best = kNo;
      for (const auto& child : a.any_of()) best = std::max(best, Fits(child));
      also(best);
    }
    for (const auto& child : a.none_of()) {
      also(static_cast<Three>(kYes - Fits(child)));
    }
    return all;
  }

 private:
  const v1::Education& Latest() const {
    return profile_.educations_size() > 0 ? profile_.educations(0)
                                          : v1::Education::default_instance();
  }
  int Year() const {
    return static_cast<int>(
        1970 + (Latest().graduation_time().seconds() + 43'200) / 31'556'952);
  }

  template <typename List, typename Value>
  static Three Among(const List& list, const Value& value, bool said) {
    if (!said) return kMaybe;
    return std::find(list.begin(), list.end(), value) != list.end() ? kYes
                                                                    : kNo;
  }

  static bool Covers(std::string broad, const std::string& narrow) {
    while (broad.ends_with("00")) broad.resize(broad.size() - 2);
    return narrow.starts_with(broad);
  }
  Three Region(const v1::Audience& a) const {
    const std::string& home = profile_.region().code();
    if (home.empty()) return kMaybe;
    Three best = kNo;
    for (const std::string& asked : a.regions()) {
      if (Covers(asked, home)) return kYes;
      if (Covers(home, asked)) best = kMaybe;
    }
    return best;
  }

  Three Majors(const v1::Audience& a) const {
    if (Latest().majors_size() == 0) return kMaybe;
    const v1::Code& major = Latest().majors(0);
    const CodeEntry* entry = CodeTable::Get(major.system())->Find(major.code());
    bool wider = false, own = false, missed = false;
    for (const v1::Code& asked : a.majors()) {
      std::vector<std::string> codes;
      if (asked.system() == major.system()) {
        own = true;
        codes = {major.code()};
      } else {
        for (const CodeEntry* there :
             CrossByName(*entry, *CodeTable::Get(asked.system()))) {
          codes.emplace_back(there->code);
        }
        missed |= codes.empty();
      }
      for (const std::string& code : codes) {
        if (code.starts_with(asked.code())) return kYes;
        wider |= asked.code().starts_with(code);
      }
    }
    if (wider) return kMaybe;
    return own || !missed ? kNo : kMaybe;
  }

  Three Kinds(const v1::Audience& a) const {
    std::vector<int> asked(profile_.intent().posting_kinds().begin(),
                           profile_.intent().posting_kinds().end());
    if (profile_.intent().flexible_work()) {
      asked.push_back(v1::POSTING_KIND_FLEXIBLE);
    }
    if (asked.empty()) return kMaybe;
    for (const int kind : asked) {
      if (Among(a.posting_kinds(), kind, true) == kYes) return kYes;
    }
    return kNo;
  }

  const v1::Profile& profile_;
};

class RandomAudiences {
 public:
  explicit RandomAudiences(uint32_t seed) : rng_(seed) {}

  v1::Audience Audience(int depth = 0) {
    v1::Audience audience;
    if (Chance(3)) {
      for (int i = Below(2); i >= 0; --i) {
        audience.add_regions(Pick({"440000", "440300", "440305", "110000"}));
      }
    }
    if (Chance(5)) {
      audience.add_levels(static_cast<v1::EducationLevel>(3 + Below(3)));
    }
    if (Chance(4)) {
      for (int i = Below(2); i >= 0; --i) *audience.add_majors() = Major(true);
    }
    if (Chance(5)) audience.add_graduation_years(2025 + Below(3));
    if (Chance(7)) audience.add_schools(Pick({"s1", "s2"}));
    if (Chance(9)) audience.set_flexible_work(true);
    if (Chance(9)) audience.set_starting_business(true);
    if (Chance(7)) {
      audience.add_posting_kinds(Chance(2) ? v1::POSTING_KIND_FLEXIBLE
                                           : v1::POSTING_KIND_INTERNSHIP);
    }
    if (depth == kMaxAudienceDepth) return audience;
    // At most 2 + 4 + 8 + 16 nested ones: below the limit.
    for (int i = 0; i < 2; ++i) {
      if (!Chance(2)) continue;
      *(Chance(2) ? audience.add_any_of() : audience.add_none_of()) =
          Audience(depth + 1);
    }
    return audience;
  }

  v1::Profile Profile() {
    v1::Profile profile;
    if (!Chance(8)) {
      AddEducation(profile, Chance(6) ? 0 : 3 + Below(3), "", "",
                   Chance(6) ? 0 : 2025 + Below(3));
      v1::Education& education = *profile.mutable_educations(0);
      if (!Chance(6)) *education.add_majors() = Major(false);
      if (!Chance(4)) education.mutable_school()->set_code(Pick({"s1", "s2"}));
    }
    if (!Chance(5)) {
      profile.mutable_region()->set_code(
          Pick({"440000", "440300", "440305", "110105"}));
    }
    v1::Intent& intent = *profile.mutable_intent();
    intent.set_flexible_work(Chance(3));
    intent.set_starting_business(Chance(3));
    if (Chance(3)) {
      intent.add_posting_kinds(Chance(2) ? v1::POSTING_KIND_INTERNSHIP
                                         : v1::POSTING_KIND_REGULAR);
    }
    return profile;
  }

 private:
  int Below(int n) { return static_cast<int>(rng_() % n); }
  bool Chance(int in) { return Below(in) == 0; }
  std::string Pick(std::vector<std::string> from) {
    return from[Below(static_cast<int>(from.size()))];
  }
  v1::Code Major(bool any_catalogue) {
    if (any_catalogue && Chance(3)) {
      return MakeCode("gd2025-B", Pick({"B0809", "B080902", "B0301"}));
    }
    return MakeCode("undergraduate",
                    Pick({"0809", "080901", "080902", "0301", "030101"}));
  }

  std::mt19937 rng_;
};

TEST(AudienceOracleTest, RandomNestedExpressionsAgree) {
  for (uint32_t seed : {1u, 2u, 3u, 4u}) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    RandomAudiences random(seed);
    int count[3] = {};
    for (int i = 0; i < 5'000; ++i) {
      const v1::Audience audience = random.Audience();
      const v1::Profile profile = random.Profile();
      const Three want = Oracle(profile).Fits(audience);
      const Verdict got = CheckAudience(audience, FactsOf(profile)).verdict;
      ASSERT_EQ(got, VerdictOf(want))
          << "round " << i << "\n"
          << audience.DebugString() << profile.DebugString();
      ++count[want];
    }
    // The test says something of every outcome.
    for (const int n : count) EXPECT_GT(n, 300);
  }
}

}  // namespace
}  // namespace gradmatch
