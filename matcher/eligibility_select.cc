// Eligibility over a snapshot: bitmap algebra. Must agree with CheckRow.
#include <limits>

#include "matcher/eligibility.h"
#include "matcher/posting_keys.h"

namespace gradmatch {
namespace {

constexpr int32_t kMax = std::numeric_limits<int32_t>::max();

// Narrows the rows that pass, requirement by requirement.
class Selection {
 public:
  Selection(const Snapshot& snapshot, const EligibilityQuery& query)
      : snapshot_(snapshot), passed_(snapshot.live()), open_(snapshot.rows()) {
    const int32_t sandbox = query.sandbox ? 1 : 0;
    passed_.And(snapshot.ScalarInRange(kSandboxColumn, sandbox, sandbox));
    left_ = rows_.considered = passed_.Count();
  }

  // Rows that meet the requirement; all others fail it.
  void Require(Requirement requirement, const RowSet& met) {
    passed_.And(met);
    CountFailed(requirement);
  }

  // Rows of `maybe` that do not meet it are open.
  void Require(Requirement requirement, const RowSet& met, RowSet maybe) {
    maybe.AndNot(met);
    open_.Or(maybe);
    maybe.Or(met);
    passed_.And(maybe);
    CountFailed(requirement);
  }

  // Rows that do not meet it are open, none fails.
  void Open(const RowSet& met) {
    RowSet rest = passed_;
    rest.AndNot(met);
    open_.Or(rest);
  }

  // Rows of `failed` fail, rows of `open` are open; `check` decides on those
  // with conditions that are asked of some graduates only.
  template <typename Check>
  void Fail(Requirement requirement, RowSet failed, RowSet open, Check check) {
    RowSet some = Contains(kConditionColumn, {{kScopedConditionsKey}});
    some.And(passed_);
    some.AndNot(failed);
    for (RowId row : some) {
      const Verdict verdict = check(RowAttributes(snapshot_, row));
      if (verdict == Verdict::kFailed) failed.Set(row);
      if (verdict == Verdict::kOpen) open.Set(row);
    }
    open_.Or(open);
    passed_.AndNot(failed);
    CountFailed(requirement);
  }

  EligibleRows Finish() && {
    rows_.conditional = passed_;
    rows_.conditional.And(open_);
    rows_.eligible = std::move(passed_);
    rows_.eligible.AndNot(rows_.conditional);
    return std::move(rows_);
  }

  RowSet InRange(PostingScalar column, int32_t lo, int32_t hi) const {
    return snapshot_.ScalarInRange(column, lo, hi);
  }
  RowSet Contains(PostingSet column, std::span<const uint64_t> keys) const {
    return snapshot_.SetContainsAny(column, keys);
  }
  std::vector<uint64_t> Keys(PostingSet column) const {
    return snapshot_.DistinctSetValues(column);
  }
  RowSet None() const { return RowSet(snapshot_.rows()); }

 private:
  void CountFailed(Requirement requirement) {
    const size_t now = passed_.Count();
    rows_.failed[static_cast<size_t>(requirement)] = left_ - now;
    left_ = now;
  }

  const Snapshot& snapshot_;
  RowSet passed_;
  RowSet open_;
  size_t left_ = 0;
  EligibleRows rows_;
};

void SelectVisible(const EligibilityQuery& query, Selection& rows) {
  std::vector<uint64_t> unknown;
  if (!query.region_known) unknown.push_back(kProvincesNamedKey);
  if (!query.school_known) unknown.push_back(kSchoolsNamedKey);
  rows.Require(Requirement::kVisibility,
               rows.Contains(kVisibilityColumn, query.visible),
               rows.Contains(kVisibilityColumn, unknown));
}

void SelectDegree(const EligibilityQuery& query, Selection& rows) {
  const RowSet unread =
      rows.InRange(kMinLevelColumn, kLevelUnread, kLevelUnread);
  RowSet met = rows.InRange(kMinLevelColumn, 0, query.level);
  if (query.level == 0) {
    met.And(rows.InRange(kMaxLevelColumn, kNoMaxLevel, kNoMaxLevel));
    rows.Open(met);
    return;
  }
  met.And(rows.InRange(kMaxLevelColumn, query.level, kNoMaxLevel));
  rows.Require(Requirement::kDegree, met, unread);
}

void SelectMajor(const EligibilityQuery& query, Selection& rows) {
  RowSet met = rows.None();
  RowSet maybe = rows.None();
  for (const CourseKeys& course : query.courses) {
    RowSet accepted = rows.Contains(kMajorColumn, course.accept);
    std::vector<uint64_t> keys;
    for (const CourseKeys::Open& open : course.open) {
      keys.insert(keys.end(), open.keys.begin(), open.keys.end());
    }
    RowSet open = rows.Contains(kMajorColumn, keys);
    if (course.level != 0 && course.level < query.level) {
      const RowSet counts =
          rows.InRange(kMinLevelColumn, kLevelUnread, course.level);
      accepted.And(counts);
      open.And(counts);
    }
    met.Or(accepted);
    maybe.Or(open);
  }
  rows.Require(Requirement::kMajor, met, std::move(maybe));
}

void SelectYearAndExperience(const EligibilityQuery& query, Selection& rows) {
  std::vector<uint64_t> years = {kAnyKey};
  if (query.graduation_year == 0) {
    rows.Open(rows.Contains(kGraduationYearColumn, years));
  } else {
    years.push_back(static_cast<uint64_t>(query.graduation_year));
    rows.Require(Requirement::kGraduationYear,
                 rows.Contains(kGraduationYearColumn, years));
  }
  const RowSet enough =
      rows.InRange(kExperienceColumn, 0, query.experience_months.value_or(0));
  if (query.experience_months.has_value()) {
    rows.Require(Requirement::kExperience, enough);
  } else {
    rows.Open(enough);
  }
}

// A verdict for each clause that some row has, then the rows by clause. Rows
// whose clauses are asked of some graduates only are few, and are checked one
// by one when all else has let them pass.
void SelectConditions(const EligibilityQuery& query, Selection& rows) {
  std::vector<uint64_t> failed;
  std::vector<uint64_t> open;
  for (uint64_t key : rows.Keys(kConditionColumn)) {
    const ConditionKey read = ReadConditionKey(key);
    if (read.part != ConditionKey::Part::kClause || read.scope != 0) continue;
    const Verdict verdict = query.stated.Judge(read.payload);
    if (verdict == Verdict::kMet) continue;
    (verdict == Verdict::kOpen ? open : failed).push_back(key);
  }
  rows.Fail(Requirement::kConditions, rows.Contains(kConditionColumn, failed),
            rows.Contains(kConditionColumn, open), [&](const RowAttributes& r) {
              return CheckConditions(query, r.Set(kMajorColumn),
                                     r.Scalar(kMinLevelColumn),
                                     r.Set(kConditionColumn));
            });
}

void SelectWish(Requirement requirement, PostingSet column,
                const TreeWish& wish, Selection& rows) {
  if (wish.within.empty()) return;
  rows.Require(requirement, rows.Contains(column, wish.within),
               rows.Contains(column, wish.above));
}

void SelectKinds(Requirement requirement, PostingScalar column,
                 const std::vector<int>& kinds, Selection& rows) {
  if (kinds.empty()) return;
  RowSet met = rows.None();
  for (int kind : kinds) met.Or(rows.InRange(column, kind, kind));
  rows.Require(requirement, met, rows.InRange(column, 0, 0));
}

void SelectPostingKinds(const EligibilityQuery& query, Selection& rows) {
  if (query.muted_posting_kinds.empty()) {
    return SelectKinds(Requirement::kPostingKind, kKindColumn,
                       query.posting_kinds, rows);
  }
  RowSet met = rows.None();
  RowSet maybe = rows.None();
  if (query.posting_kinds.empty()) {
    met = rows.InRange(kKindColumn, 0, kMax);
  } else {
    for (int kind : query.posting_kinds) {
      met.Or(rows.InRange(kKindColumn, kind, kind));
    }
    maybe = rows.InRange(kKindColumn, 0, 0);
  }
  for (int kind : query.muted_posting_kinds) {
    const RowSet muted = rows.InRange(kKindColumn, kind, kind);
    met.AndNot(muted);
    maybe.AndNot(muted);
  }
  rows.Require(Requirement::kPostingKind, met, std::move(maybe));
}

void SelectIntents(const EligibilityQuery& query, Selection& rows) {
  SelectWish(Requirement::kPlace, kPlaceColumn, query.places, rows);
  SelectWish(Requirement::kFunction, kFunctionColumn, query.functions, rows);
  if (query.min_pay > 0) {
    RowSet met = rows.InRange(kMaxPayColumn, query.min_pay, kMax);
    met.Or(rows.InRange(kMinPayColumn, query.min_pay, kMax));
    rows.Require(Requirement::kPay, met, rows.InRange(kMaxPayColumn, 0, 0));
  }
  SelectKinds(Requirement::kEmployerKind, kEmployerKindColumn,
              query.employer_kinds, rows);
  SelectPostingKinds(query, rows);
  if (!query.regions.within.empty()) {
    rows.Require(Requirement::kRegion,
                 rows.Contains(kPlaceColumn, query.regions.within));
  }
}

}  // namespace

EligibleRows SelectEligible(const Snapshot& snapshot,
                            const EligibilityQuery& query) {
  Selection rows(snapshot, query);
  rows.Require(Requirement::kExpiry,
               rows.InRange(kExpireColumn, query.now_second, kMax));
  SelectVisible(query, rows);
  SelectDegree(query, rows);
  SelectMajor(query, rows);
  SelectYearAndExperience(query, rows);
  SelectConditions(query, rows);
  SelectIntents(query, rows);
  return std::move(rows).Finish();
}

}  // namespace gradmatch
