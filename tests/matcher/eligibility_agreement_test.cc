// Three ways to decide eligibility give one answer: bitmaps over a snapshot,
// the check of one pair, and the slow oracle, on random profiles and postings.
#include <array>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/matcher/builders.h"
#include "tests/matcher/eligibility_oracle.h"

namespace gradmatch {
namespace {

class RandomWorld {
 public:
  explicit RandomWorld(uint32_t seed) : rng_(seed) {}

  v1::Posting Posting(int number) {
    v1::Posting posting = OpenPosting(absl::StrCat("p", number));
    if (Chance(3)) {
      posting.mutable_expire_time()->set_seconds(
          absl::ToUnixSeconds(TestNow()) + Below(3) - 1);
    }
    Visibility(posting);
    Education(posting);
    Majors(posting);
    for (int i = Below(3); i > 0 && Chance(3); --i) {
      posting.add_graduation_years(2025 + Below(3));
    }
    if (Chance(4)) posting.set_experience_months(12 * Below(3));
    for (int i = Below(3); i > 0; --i) {
      v1::Location& location = *posting.add_locations();
      if (!Chance(6)) *location.mutable_region() = Region();
    }
    for (int i = Below(3); i > 0; --i) *posting.add_functions() = Function();
    const int least = Pay();
    posting.mutable_salary()->set_min_monthly(least);
    if (Chance(2)) posting.mutable_salary()->set_max_monthly(least + 3'000);
    posting.mutable_employer()->set_kind(
        static_cast<v1::EmployerKind>(Below(4)));
    posting.set_kind(Chance(4) ? v1::POSTING_KIND_FLEXIBLE
                               : static_cast<v1::PostingKind>(Below(3)));
    return posting;
  }

  v1::Profile Profile() {
    v1::Profile profile;
    for (int i = Below(4); i > 0; --i) {
      v1::Education& education = *profile.add_educations();
      if (!Chance(6)) education.set_level(Level());
      for (int m = Below(3); m > 0; --m) *education.add_majors() = Major();
      if (!Chance(3)) {
        education.mutable_graduation_time()->set_seconds(
            1'750'000'000 + int64_t{31'536'000} * Below(3));
      }
      if (Chance(2)) {
        *education.mutable_school() = MakeCode("school", School());
      }
    }
    if (Chance(2)) profile.set_experience_months(12 * Below(3) - 1);
    if (Chance(2)) *profile.mutable_region() = Region();
    Intent(*profile.mutable_intent());
    return profile;
  }

 private:
  bool Chance(int one_in) { return Below(one_in) == 0; }
  int Below(int n) {
    return std::uniform_int_distribution<int>(0, n - 1)(rng_);
  }
  template <size_t N>
  const char* Pick(const char* const (&values)[N]) {
    return values[Below(N)];
  }
  v1::EducationLevel Level() {
    return static_cast<v1::EducationLevel>(2 + Below(5));
  }
  const char* School() {
    return Pick({"4111010001", "4111010002", "4111010003"});
  }
  int Pay() {
    constexpr int kPay[] = {0, 5'000, 9'000};
    return kPay[Below(3)];
  }
  v1::Code Region() {
    return MakeCode("region", Pick({"440000", "440300", "440305", "440304",
                                    "420100", "420111", "110108", "110000"}));
  }
  v1::Code Function() {
    return MakeCode("function", Pick({"01", "0101", "010101", "010102",
                                      "070304", "0703", "07"}));
  }
  v1::Code Major() {
    switch (Below(7)) {
      case 0:
        return MakeCode("gd2025-A", Pick({"A0812", "A08", "A020201"}));
      case 1:
        return MakeCode("gd2025-B", Pick({"B080901", "B0809", "B020101"}));
      case 2:
        return MakeCode("gd2025-C", Pick({"C020101", "C0201", "C0820"}));
      case 3:
        return MakeCode("postgraduate",
                        Pick({"0812", "08", "085404", "0835", "020201"}));
      case 4:
        return MakeCode("vocational",
                        Pick({"5102", "510204", "310204", "51", "5301"}));
      default:
        return MakeCode("undergraduate", Pick({"080901", "080902", "0809", "08",
                                               "020101", "010101"}));
    }
  }

  void Visibility(v1::Posting& posting) {
    if (Chance(4)) {
      posting.mutable_visibility()->add_provinces(Pick({"44", "42"}));
    }
    if (Chance(5)) posting.mutable_visibility()->add_schools(School());
  }

  void Education(v1::Posting& posting) {
    v1::EducationRequirement& education = *posting.mutable_education();
    if (Chance(2)) education.set_min_level(Level());
    if (Chance(5)) {
      education.set_max_level(static_cast<v1::EducationLevel>(
          std::max<int>(education.min_level(), Level())));
    }
    if (education.min_level() == 0 && Chance(5)) {
      education.set_min_level(v1::EDUCATION_LEVEL_PRIMARY);
    }
    if (education.min_level() == 0 && Chance(8)) education.set_raw("学历面谈");
  }

  void Majors(v1::Posting& posting) {
    v1::MajorRequirement& majors = *posting.mutable_majors();
    for (int i = Below(3); i > 0; --i) {
      v1::MajorRequirement::Group& group = *majors.add_groups();
      for (int l = Below(3); l > 0; --l) group.add_levels(Level());
      for (int c = Below(4); c > 0; --c) *group.add_codes() = Major();
      if (Chance(6)) group.set_any_major(true);
    }
    if (Chance(8)) majors.set_raw("相关专业");
  }

  v1::IntentStrength Strength() {
    return static_cast<v1::IntentStrength>(Below(3));
  }
  void Intent(v1::Intent& intent) {
    for (int i = Below(3); i > 0; --i) *intent.add_places() = Region();
    intent.set_places_strength(Strength());
    for (int i = Below(2); i > 0; --i) *intent.add_functions() = Function();
    intent.set_functions_strength(Strength());
    if (Chance(3)) intent.set_min_monthly_pay(9'000);
    intent.set_pay_strength(Strength());
    if (Chance(4)) {
      intent.add_employer_kinds(static_cast<v1::EmployerKind>(1 + Below(3)));
    }
    intent.set_employer_kinds_strength(Strength());
    if (Chance(4)) {
      intent.add_posting_kinds(static_cast<v1::PostingKind>(1 + Below(2)));
    }
    intent.set_posting_kinds_strength(Strength());
    intent.set_flexible_work(Chance(2));
  }

  std::mt19937 rng_;
};

// How often each requirement decided, so that the test is known to test.
using Seen = std::array<int, kRequirementCount>;

void CheckProfile(const v1::Profile& profile,
                  const std::vector<v1::Posting>& postings,
                  const Snapshot& snapshot, Seen& seen) {
  const EligibilityQuery query = CompileEligibility(profile, TestNow());
  const EligibleRows rows = SelectEligible(snapshot, query);
  std::array<size_t, kRequirementCount> failed{};
  for (const v1::Posting& posting : postings) {
    SCOPED_TRACE(posting.name());
    const OracleAnswer want = JudgeSlowly(profile, posting, TestNow());
    const RowId row = *snapshot.Find(posting.name());
    ASSERT_EQ(rows.eligible.Test(row), want.verdict == Verdict::kMet);
    ASSERT_EQ(rows.conditional.Test(row), want.verdict == Verdict::kOpen);
    const Findings findings = CheckRow(query, RowAttributes(snapshot, row));
    ASSERT_EQ(Overall(findings), want.verdict);
    const v1::Eligibility answer = CheckEligibility(query, posting);
    ASSERT_EQ(answer.outcome(), static_cast<int>(want.verdict) + 1);
    if (want.first_failed.has_value()) {
      const size_t first = static_cast<size_t>(*want.first_failed);
      ASSERT_EQ(answer.reasons(0).code(), RequirementCode(*want.first_failed));
      ++failed[first];
      ++seen[first];
    }
  }
  ASSERT_EQ(rows.failed, failed);
  ASSERT_EQ(rows.considered, postings.size());
}

TEST(EligibilityAgreementTest, BitmapsPairAndOracleAgree) {
  Seen seen{};
  for (uint32_t seed : {1u, 2u, 3u, 4u}) {
    SCOPED_TRACE(absl::StrCat("seed=", seed));
    RandomWorld world(seed);
    std::vector<v1::Posting> postings;
    for (int i = 0; i < 300; ++i) postings.push_back(world.Posting(i));
    const auto snapshot = SnapshotOf(postings, /*segment_rows=*/130);
    for (int i = 0; i < 60; ++i) {
      SCOPED_TRACE(absl::StrCat("profile ", i));
      CheckProfile(world.Profile(), postings, *snapshot, seen);
      if (HasFatalFailure()) return;
    }
  }
  for (Requirement r :
       {Requirement::kExpiry, Requirement::kVisibility, Requirement::kDegree,
        Requirement::kMajor, Requirement::kGraduationYear,
        Requirement::kExperience, Requirement::kPlace, Requirement::kFunction,
        Requirement::kPay, Requirement::kEmployerKind,
        Requirement::kPostingKind}) {
    EXPECT_GT(seen[static_cast<size_t>(r)], 20) << RequirementCode(r);
  }
}

TEST(EligibilityAgreementTest, SandboxPostingsAreApart) {
  const std::vector<v1::Posting> postings = {OpenPosting("p1")};
  const auto snapshot = SnapshotOf(postings, 10, /*sandbox=*/true);
  EligibilityQuery query = CompileEligibility(Bachelor(), TestNow());
  EXPECT_EQ(SelectEligible(*snapshot, query).considered, 0);
  query.sandbox = true;
  EXPECT_EQ(SelectEligible(*snapshot, query).considered, 1);
}

}  // namespace
}  // namespace gradmatch
