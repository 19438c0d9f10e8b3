// Eligibility over a snapshot: bitmap algebra. Must agree with CheckRow.
#include <algorithm>
#include <limits>

#include "matcher/eligibility.h"
#include "matcher/posting_keys.h"

namespace gradmatch {
namespace {

constexpr int32_t kMax = std::numeric_limits<int32_t>::max();

// Narrows the rows that pass, requirement by requirement. Row sets of a large
// snapshot are more than a processor keeps near it, so each step goes over as
// few of them as it can, and a few are used again and again.
class Selection {
 public:
  Selection(const Snapshot& snapshot, const EligibilityQuery& query)
      : snapshot_(snapshot),
        passed_(snapshot.live()),
        open_(snapshot.rows()),
        met_(snapshot.rows()),
        maybe_(snapshot.rows()) {
    const int32_t sandbox = query.sandbox ? 1 : 0;
    snapshot.NarrowToRange(kSandboxColumn, sandbox, sandbox, passed_);
    left_ = rows_.considered = passed_.Count();
  }

  // Only rows in the range meet the requirement.
  void RequireRange(Requirement requirement, PostingScalar column, int32_t lo,
                    int32_t hi) {
    snapshot_.NarrowToRange(column, lo, hi, passed_);
    CountFailed(requirement);
  }

  // Rows with one of `met` meet it, others with one of `maybe` are open.
  void RequireKeys(Requirement requirement, PostingSet column,
                   std::span<const uint64_t> met,
                   std::span<const uint64_t> maybe = {}) {
    Clear(met_);
    snapshot_.AddContainsAny(column, met, met_);
    if (maybe.empty()) {
      passed_.And(met_);
      CountFailed(requirement);
      return;
    }
    Clear(maybe_);
    snapshot_.AddContainsAny(column, maybe, maybe_);
    Require(requirement, met_, maybe_);
  }

  // Rows that meet the requirement, and rows that are open if they do not.
  void Require(Requirement requirement, const RowSet& met,
               const RowSet& maybe) {
    const auto passed = passed_.mutable_words();
    const auto open = open_.mutable_words();
    for (size_t w = 0; w < passed.size(); ++w) {
      open[w] |= maybe.words()[w] & ~met.words()[w];
      passed[w] &= maybe.words()[w] | met.words()[w];
    }
    CountFailed(requirement);
  }

  // Rows that do not meet it are open, none fails.
  void Open(const RowSet& met) {
    const auto open = open_.mutable_words();
    for (size_t w = 0; w < open.size(); ++w) {
      open[w] |= passed_.words()[w] & ~met.words()[w];
    }
  }

  // Rows of `failed` fail, rows of `open` are open; `check` decides on those
  // with conditions that are asked of some graduates only.
  template <typename Check>
  void Fail(Requirement requirement, std::span<const uint64_t> failed,
            std::span<const uint64_t> open, Check check) {
    Clear(met_);
    snapshot_.AddContainsAny(kConditionColumn, failed, met_);
    passed_.AndNot(met_);
    snapshot_.AddContainsAny(kConditionColumn, open, open_);
    Clear(met_);
    snapshot_.AddContainsAny(kConditionColumn, {{kScopedConditionsKey}}, met_);
    met_.And(passed_);
    for (RowId row : met_) {
      const Verdict verdict = check(RowAttributes(snapshot_, row));
      if (verdict == Verdict::kFailed) passed_.Clear(row);
      if (verdict == Verdict::kOpen) open_.Set(row);
    }
    CountFailed(requirement);
  }

  EligibleRows Finish() && {
    rows_.conditional = passed_;
    rows_.conditional.And(open_);
    rows_.eligible = std::move(passed_);
    rows_.eligible.AndNot(rows_.conditional);
    return std::move(rows_);
  }

  // Rows that still pass, as far as the range goes.
  RowSet PassedInRange(PostingScalar column, int32_t lo, int32_t hi) const {
    RowSet rows = passed_;
    snapshot_.NarrowToRange(column, lo, hi, rows);
    return rows;
  }
  void Narrow(PostingScalar column, int32_t lo, int32_t hi,
              RowSet& rows) const {
    snapshot_.NarrowToRange(column, lo, hi, rows);
  }
  void Add(PostingSet column, std::span<const uint64_t> keys,
           RowSet& rows) const {
    snapshot_.AddContainsAny(column, keys, rows);
  }
  std::vector<uint64_t> Keys(PostingSet column) const {
    return snapshot_.DistinctSetValues(column);
  }
  RowSet None() const { return RowSet(snapshot_.rows()); }

 private:
  static void Clear(RowSet& rows) {
    std::ranges::fill(rows.mutable_words(), 0);
  }

  void CountFailed(Requirement requirement) {
    const size_t now = passed_.Count();
    rows_.failed[static_cast<size_t>(requirement)] = left_ - now;
    left_ = now;
  }

  const Snapshot& snapshot_;
  RowSet passed_;
  RowSet open_;
  RowSet met_;    // of one step
  RowSet maybe_;  // of one step
  size_t left_ = 0;
  EligibleRows rows_;
};

void SelectVisible(const EligibilityQuery& query, Selection& rows) {
  std::vector<uint64_t> unknown;
  if (!query.region_known) unknown.push_back(kProvincesNamedKey);
  if (!query.school_known) unknown.push_back(kSchoolsNamedKey);
  rows.RequireKeys(Requirement::kVisibility, kVisibilityColumn, query.visible,
                   unknown);
}

void SelectDegree(const EligibilityQuery& query, Selection& rows) {
  RowSet met = rows.PassedInRange(kMinLevelColumn, 0, query.level);
  if (query.level == 0) {
    rows.Narrow(kMaxLevelColumn, kNoMaxLevel, kNoMaxLevel, met);
    rows.Open(met);
    return;
  }
  rows.Narrow(kMaxLevelColumn, query.level, kNoMaxLevel, met);
  rows.Require(Requirement::kDegree, met,
               rows.PassedInRange(kMinLevelColumn, kLevelUnread, kLevelUnread));
}

void SelectMajor(const EligibilityQuery& query, Selection& rows) {
  RowSet met = rows.None();
  RowSet maybe = rows.None();
  for (const CourseKeys& course : query.courses) {
    std::vector<uint64_t> keys;
    for (const CourseKeys::Open& open : course.open) {
      keys.insert(keys.end(), open.keys.begin(), open.keys.end());
    }
    if (course.level == 0 || course.level >= query.level) {
      rows.Add(kMajorColumn, course.accept, met);
      rows.Add(kMajorColumn, keys, maybe);
      continue;
    }
    // A lower course counts where no higher level is asked for.
    RowSet accepted = rows.None();
    RowSet open = rows.None();
    rows.Add(kMajorColumn, course.accept, accepted);
    rows.Add(kMajorColumn, keys, open);
    rows.Narrow(kMinLevelColumn, kLevelUnread, course.level, accepted);
    rows.Narrow(kMinLevelColumn, kLevelUnread, course.level, open);
    met.Or(accepted);
    maybe.Or(open);
  }
  rows.Require(Requirement::kMajor, met, maybe);
}

void SelectYearAndExperience(const EligibilityQuery& query, Selection& rows) {
  std::vector<uint64_t> years = {kAnyKey};
  if (query.graduation_year == 0) {
    RowSet any = rows.None();
    rows.Add(kGraduationYearColumn, years, any);
    rows.Open(any);
  } else {
    years.push_back(static_cast<uint64_t>(query.graduation_year));
    rows.RequireKeys(Requirement::kGraduationYear, kGraduationYearColumn,
                     years);
  }
  const int months = query.experience_months.value_or(0);
  if (query.experience_months.has_value()) {
    rows.RequireRange(Requirement::kExperience, kExperienceColumn, 0, months);
  } else {
    rows.Open(rows.PassedInRange(kExperienceColumn, 0, months));
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
  rows.Fail(Requirement::kConditions, failed, open,
            [&](const RowAttributes& r) {
              return CheckConditions(query, r.Set(kMajorColumn),
                                     r.Scalar(kMinLevelColumn),
                                     r.Set(kConditionColumn));
            });
}

void SelectWish(Requirement requirement, PostingSet column,
                const TreeWish& wish, Selection& rows) {
  if (wish.within.empty()) return;
  rows.RequireKeys(requirement, column, wish.within, wish.above);
}

void SelectKinds(Requirement requirement, PostingScalar column,
                 const std::vector<int>& kinds, Selection& rows) {
  if (kinds.empty()) return;
  RowSet met = rows.None();
  for (int kind : kinds) met.Or(rows.PassedInRange(column, kind, kind));
  rows.Require(requirement, met, rows.PassedInRange(column, 0, 0));
}

void SelectPostingKinds(const EligibilityQuery& query, Selection& rows) {
  if (query.muted_posting_kinds.empty()) {
    return SelectKinds(Requirement::kPostingKind, kKindColumn,
                       query.posting_kinds, rows);
  }
  RowSet met = rows.None();
  RowSet maybe = rows.None();
  if (query.posting_kinds.empty()) {
    met = rows.PassedInRange(kKindColumn, 0, kMax);
  } else {
    for (int kind : query.posting_kinds) {
      met.Or(rows.PassedInRange(kKindColumn, kind, kind));
    }
    maybe = rows.PassedInRange(kKindColumn, 0, 0);
  }
  for (int kind : query.muted_posting_kinds) {
    const RowSet muted = rows.PassedInRange(kKindColumn, kind, kind);
    met.AndNot(muted);
    maybe.AndNot(muted);
  }
  rows.Require(Requirement::kPostingKind, met, maybe);
}

void SelectIntents(const EligibilityQuery& query, Selection& rows) {
  SelectWish(Requirement::kPlace, kPlaceColumn, query.places, rows);
  SelectWish(Requirement::kFunction, kFunctionColumn, query.functions, rows);
  if (query.min_pay > 0) {
    RowSet met = rows.PassedInRange(kMaxPayColumn, query.min_pay, kMax);
    met.Or(rows.PassedInRange(kMinPayColumn, query.min_pay, kMax));
    rows.Require(Requirement::kPay, met,
                 rows.PassedInRange(kMaxPayColumn, 0, 0));
  }
  SelectKinds(Requirement::kEmployerKind, kEmployerKindColumn,
              query.employer_kinds, rows);
  SelectPostingKinds(query, rows);
  if (!query.regions.within.empty()) {
    rows.RequireKeys(Requirement::kRegion, kPlaceColumn, query.regions.within);
  }
}

}  // namespace

EligibleRows SelectEligible(const Snapshot& snapshot,
                            const EligibilityQuery& query) {
  Selection rows(snapshot, query);
  rows.RequireRange(Requirement::kExpiry, kExpireColumn, query.now_second,
                    kMax);
  SelectVisible(query, rows);
  SelectDegree(query, rows);
  SelectMajor(query, rows);
  SelectYearAndExperience(query, rows);
  SelectConditions(query, rows);
  SelectIntents(query, rows);
  return std::move(rows).Finish();
}

}  // namespace gradmatch
