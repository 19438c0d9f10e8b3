#ifndef GRADMATCH_MATCHER_ELIGIBILITY_H_
#define GRADMATCH_MATCHER_ELIGIBILITY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "gradmatch/v1/common.pb.h"
#include "gradmatch/v1/graduate.pb.h"
#include "gradmatch/v1/posting.pb.h"
#include "matcher/conditions.h"
#include "matcher/posting_keys.h"
#include "matcher/posting_schema.h"

namespace gradmatch {

// The hard requirements, in the fixed order in which they are checked and
// counted: first the posting's own, then what the graduate made a condition,
// then what a search was limited to.
enum class Requirement : uint8_t {
  kState,           // OPEN
  kExpiry,          // now is not past the last second to apply
  kVisibility,      // one of the provinces or schools, if any are named
  kDegree,          // the highest level is within [min, max]
  kMajor,           // see below
  kGraduationYear,  // the latest graduation is in one of the years
  kExperience,      // months
  kConditions,      // party, certificates, service, ...: see below
  kPlace,           // hard intents, each with its own code
  kFunction,
  kPay,  // the highest pay stated reaches the least wanted
  kEmployerKind,
  kPostingKind,
  kRegion,  // regions of a search; a posting without a place is not in them
};
inline constexpr size_t kRequirementCount = 14;

// Majors. A course of study fits when a group speaks for its level (or for
// every level) and accepts one of its majors: the code itself or one above it,
// in the group's own system. A course below the least degree asked for does not
// count: a master's posting is not met by the major of a bachelor. Between
// systems majors compare by equal name, through the code tables; when the other
// system has no such name the answer is open, not no. It is open as well when
// the course names no major, names only a group that is broader than what is
// accepted, or the posting has text that was not turned into codes.
//
// Conditions. Every one counts; one that the profile says nothing of is open.
// One that is asked of some levels or majors only is asked of a graduate whom
// the posting takes in no way without it: a way is a course that counts with
// one of its majors that is accepted. Codes of a list that is made for one
// level say nothing of courses at another. Where the profile does not tell
// whether it is asked, a condition that is not met is open.
//
// Places and functions. A wish is met by a posting at or below it: 广东 finds
// 深圳. A posting that names only something above the wish (a posting in 深圳,
// a wish for 深圳南山) is open, as is one that names nothing.

// What is not known, when a requirement is open.
enum class Condition : uint8_t {
  kNone,
  kRegionUnknown,        // the profile names no home region
  kSchoolUnknown,        // the profile names no school
  kDegreeUnknown,        // the profile names no level
  kDegreeTextUnread,     // the posting's words were not understood
  kMajorUnknown,         // the profile names no major
  kMajorOtherCatalogue,  // the major has no counterpart in the catalogue asked
  kMajorNotExact,        // the profile names only a group of majors
  kMajorLevelUnknown,    // accepted at some levels, and the level is not said
  kMajorTextUnread,      // the posting's words were not understood
  kGraduationYearUnknown,  // the profile names no day of graduation
  kExperienceUnknown,      // the profile does not say
  kConditionOpen,          // not stated, or nothing a profile states
  kPlaceUnknown,           // the posting names no place
  kPlaceNotExact,          // the posting names only a wider place
  kFunctionUnknown,
  kFunctionNotExact,
  kPayUnknown,           // the posting names no (highest) pay
  kEmployerKindUnknown,  // the posting does not say
};

struct Finding {
  Verdict verdict = Verdict::kMet;
  Condition condition = Condition::kNone;
};
using Findings = std::array<Finding, kRequirementCount>;

// All met, some open, or one failed at least.
Verdict Overall(const Findings& findings);

// Stable codes: of a failed requirement, such as DEGREE_NOT_MET, and of a
// condition, such as DEGREE_UNKNOWN.
std::string_view RequirementCode(Requirement requirement);
std::string_view ConditionCode(Condition condition);
// A few Chinese characters for counts: 学历不符.
std::string_view RequirementLabel(Requirement requirement);

// A wish in a tree of codes, as keys. Both empty: no wish.
struct TreeWish {
  std::vector<uint64_t> within;  // a row with one of these meets it
  std::vector<uint64_t> above;   // a row with one of these may meet it
};

// One course of study, as keys of kMajorColumn; each list is sorted.
struct CourseKeys {
  int level = 0;                 // 0 not said
  std::vector<uint64_t> accept;  // a row with one of these fits
  struct Open {
    Condition condition;
    std::vector<uint64_t> keys;  // a row with one of these may fit
  };
  std::vector<Open> open;  // in order of Condition

  // One of its majors, for conditions asked of some majors only.
  struct Major {
    std::vector<uint64_t> accept;  // as above, by this major alone; sorted
    // ConditionMajor of the major and what is above it, in every system that
    // has it.
    std::vector<uint64_t> codes;
    std::vector<uint64_t> narrowest;  // of `codes`, the major itself
    uint32_t systems = 0;             // bit s: system s has it
    uint32_t own_system = 0;          // MajorSystem of the code as stated
  };
  std::vector<Major> majors;  // at least one
};

// A profile compiled for checking. A value; not tied to a snapshot.
struct EligibilityQuery {
  int32_t now_second = 0;  // SchemaSecond
  int level = 0;           // highest stated; 0 not said
  int graduation_year = 0;
  std::optional<int> experience_months;
  bool region_known = false;
  bool school_known = false;
  std::vector<uint64_t> visible;    // provinces and schools of the profile
  std::vector<CourseKeys> courses;  // at least one
  StatedConditions stated;
  TreeWish places;  // hard ones only, as all below
  TreeWish functions;
  int min_pay = 0;
  std::vector<int> employer_kinds;
  std::vector<int> posting_kinds;
  std::vector<int> muted_posting_kinds;  // not wanted, whatever else is
  TreeWish regions;
  bool sandbox = false;  // look at sandbox postings instead of real ones

  // For texts.
  std::vector<std::string> major_names;
};

// `regions`: codes a search is limited to. `profile` is what the graduate
// allows to be used.
EligibilityQuery CompileEligibility(const v1::Profile& profile, absl::Time now,
                                    std::span<const std::string> regions = {});

// Conditions alone, from the keys of kMajorColumn and kConditionColumn and the
// least level asked for.
Verdict CheckConditions(const EligibilityQuery& query,
                        std::span<const uint64_t> majors, int min_level,
                        std::span<const uint64_t> conditions);

// --- On a snapshot ---

struct EligibleRows {
  RowSet eligible;     // every requirement met
  RowSet conditional;  // none failed, some open; disjoint from `eligible`
  size_t considered = 0;
  // Rows that failed this requirement first.
  std::array<size_t, kRequirementCount> failed{};
};
EligibleRows SelectEligible(const Snapshot& snapshot,
                            const EligibilityQuery& query);

// --- On one posting; agrees with SelectEligible on every row ---

// `row` says nothing of the state: the caller knows the row is live.
Findings CheckRow(const EligibilityQuery& query, const RowAttributes& row);

// The whole answer with codes, parameters and Chinese texts. What it says of
// conditions follows from the profile's declarations: it is for the graduate,
// and nothing an employer may read.
v1::Eligibility CheckEligibility(const EligibilityQuery& query,
                                 const v1::Posting& posting);
inline v1::Eligibility CheckEligibility(const v1::Profile& profile,
                                        const v1::Posting& posting,
                                        absl::Time now) {
  return CheckEligibility(CompileEligibility(profile, now), posting);
}
// The texts for findings that are known.
v1::Eligibility DescribeFindings(const EligibilityQuery& query,
                                 const Findings& findings,
                                 const v1::Posting& posting);

// Counts above zero, in the order of requirements.
std::vector<v1::FilteredCount> DescribeFiltered(const EligibleRows& rows);
// "0 / 1204：学历不符 1150，已截止 54", largest first.
std::string SummariseFiltered(const EligibleRows& rows);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_ELIGIBILITY_H_
