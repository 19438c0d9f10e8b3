// Eligibility of one row. Must agree with SelectEligible.
#include <algorithm>

#include "matcher/eligibility.h"
#include "matcher/posting_keys.h"

namespace gradmatch {
namespace {

constexpr Finding kMet = {Verdict::kMet, Condition::kNone};
constexpr Finding kFailed = {Verdict::kFailed, Condition::kNone};

Finding OpenBecause(Condition condition) { return {Verdict::kOpen, condition}; }

bool Has(std::span<const uint64_t> row, uint64_t key) {
  return std::binary_search(row.begin(), row.end(), key);
}

Finding CheckVisible(const EligibilityQuery& query, const RowAttributes& row) {
  const std::span<const uint64_t> keys = row.Set(kVisibilityColumn);
  if (SharesKey(keys, query.visible)) return kMet;
  if (!query.region_known && Has(keys, kProvincesNamedKey)) {
    return OpenBecause(Condition::kRegionUnknown);
  }
  if (!query.school_known && Has(keys, kSchoolsNamedKey)) {
    return OpenBecause(Condition::kSchoolUnknown);
  }
  return kFailed;
}

Finding CheckDegree(const EligibilityQuery& query, const RowAttributes& row) {
  const int min = row.Scalar(kMinLevelColumn);
  const int max = row.Scalar(kMaxLevelColumn);
  if (min == kLevelUnread) return OpenBecause(Condition::kDegreeTextUnread);
  if (query.level == 0) {
    return min == 0 && max == kNoMaxLevel
               ? kMet
               : OpenBecause(Condition::kDegreeUnknown);
  }
  return min <= query.level && query.level <= max ? kMet : kFailed;
}

Finding CheckMajor(const EligibilityQuery& query, const RowAttributes& row) {
  const std::span<const uint64_t> keys = row.Set(kMajorColumn);
  Finding best = kFailed;
  for (const CourseKeys& course : query.courses) {
    const bool lower = course.level != 0 && course.level < query.level;
    if (lower && row.Scalar(kMinLevelColumn) > course.level) continue;
    if (SharesKey(keys, course.accept)) return kMet;
    if (best.verdict == Verdict::kOpen) continue;
    for (const CourseKeys::Open& open : course.open) {
      if (SharesKey(keys, open.keys)) {
        best = OpenBecause(open.condition);
        break;
      }
    }
  }
  return best;
}

Finding CheckYear(const EligibilityQuery& query, const RowAttributes& row) {
  const std::span<const uint64_t> years = row.Set(kGraduationYearColumn);
  if (Has(years, kAnyKey)) return kMet;
  if (query.graduation_year == 0) {
    return OpenBecause(Condition::kGraduationYearUnknown);
  }
  return Has(years, static_cast<uint64_t>(query.graduation_year)) ? kMet
                                                                  : kFailed;
}

Finding CheckExperience(const EligibilityQuery& query,
                        const RowAttributes& row) {
  const int months = row.Scalar(kExperienceColumn);
  if (months <= query.experience_months.value_or(0)) return kMet;
  return query.experience_months.has_value()
             ? kFailed
             : OpenBecause(Condition::kExperienceUnknown);
}

Finding CheckAsked(const EligibilityQuery& query, const RowAttributes& row) {
  switch (CheckConditions(query, row.Set(kMajorColumn),
                          row.Scalar(kMinLevelColumn),
                          row.Set(kConditionColumn))) {
    case Verdict::kMet:
      return kMet;
    case Verdict::kOpen:
      return OpenBecause(Condition::kConditionOpen);
    default:
      return kFailed;
  }
}

Finding CheckWish(const TreeWish& wish, std::span<const uint64_t> keys,
                  Condition unknown, Condition not_exact) {
  if (wish.within.empty() || SharesKey(keys, wish.within)) return kMet;
  if (!SharesKey(keys, wish.above)) return kFailed;
  return OpenBecause(Has(keys, kNotStatedKey) ? unknown : not_exact);
}

Finding CheckPay(const EligibilityQuery& query, const RowAttributes& row) {
  const int max = row.Scalar(kMaxPayColumn);
  if (std::max(max, row.Scalar(kMinPayColumn)) >= query.min_pay) return kMet;
  return max == 0 ? OpenBecause(Condition::kPayUnknown) : kFailed;
}

Finding CheckKind(const std::vector<int>& wanted, int kind) {
  if (wanted.empty()) return kMet;
  if (std::find(wanted.begin(), wanted.end(), kind) != wanted.end()) {
    return kMet;
  }
  return kind == 0 ? OpenBecause(Condition::kEmployerKindUnknown) : kFailed;
}

}  // namespace

Findings CheckRow(const EligibilityQuery& query, const RowAttributes& row) {
  Findings findings;
  const auto set = [&](Requirement requirement, Finding finding) {
    findings[static_cast<size_t>(requirement)] = finding;
  };
  set(Requirement::kExpiry,
      row.Scalar(kExpireColumn) >= query.now_second ? kMet : kFailed);
  set(Requirement::kVisibility, CheckVisible(query, row));
  set(Requirement::kDegree, CheckDegree(query, row));
  set(Requirement::kMajor, CheckMajor(query, row));
  set(Requirement::kGraduationYear, CheckYear(query, row));
  set(Requirement::kExperience, CheckExperience(query, row));
  set(Requirement::kConditions, CheckAsked(query, row));
  set(Requirement::kPlace,
      CheckWish(query.places, row.Set(kPlaceColumn), Condition::kPlaceUnknown,
                Condition::kPlaceNotExact));
  set(Requirement::kFunction,
      CheckWish(query.functions, row.Set(kFunctionColumn),
                Condition::kFunctionUnknown, Condition::kFunctionNotExact));
  set(Requirement::kPay, CheckPay(query, row));
  set(Requirement::kEmployerKind,
      CheckKind(query.employer_kinds, row.Scalar(kEmployerKindColumn)));
  const std::vector<int>& muted = query.muted_posting_kinds;
  const int kind = row.Scalar(kKindColumn);
  set(Requirement::kPostingKind,
      std::find(muted.begin(), muted.end(), kind) == muted.end()
          ? CheckKind(query.posting_kinds, kind)
          : kFailed);
  const bool in_region = query.regions.within.empty() ||
                         SharesKey(row.Set(kPlaceColumn), query.regions.within);
  set(Requirement::kRegion, in_region ? kMet : kFailed);
  return findings;
}

Verdict Overall(const Findings& findings) {
  Verdict worst = Verdict::kMet;
  for (const Finding& finding : findings) {
    worst = std::max(worst, finding.verdict);
  }
  return worst;
}

}  // namespace gradmatch
