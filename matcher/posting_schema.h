#ifndef GRADMATCH_MATCHER_POSTING_SCHEMA_H_
#define GRADMATCH_MATCHER_POSTING_SCHEMA_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "gradmatch/v1/posting.pb.h"
#include "index/attributes.h"
#include "index/snapshot.h"

namespace gradmatch {

// What matching keeps of a posting in memory: scalars and sets of keys (see
// posting_keys.h). Filters and scores read these alone; the record is read only
// for the postings that are shown. The id of a posting's row, Change::id and
// Snapshot::Id, is its resource name: sources/{source}/postings/{posting}.
//
// A change of the columns or of what they hold needs no migration: they are
// made again from the records at every start.

// Columns of numbers, in the schema's order.
enum PostingScalar : size_t {
  kMinLevelColumn,      // EducationLevel; 0 any, -1 stated but not understood
  kMaxLevelColumn,      // EducationLevel; 7 no upper end
  kExpireColumn,        // last second to apply, as SchemaSecond; max: none
  kExperienceColumn,    // months asked for; 0 none
  kMinPayColumn,        // yuan a month; 0 not stated
  kMaxPayColumn,        // yuan a month; 0 not stated or no upper end
  kOpeningsColumn,      // at least 1
  kPublishDayColumn,    // ChinaDay; 0 not stated
  kKindColumn,          // PostingKind, never unspecified: that is REGULAR
  kEmployerKindColumn,  // EmployerKind; 0 not stated
  kSandboxColumn,       // 1 for postings of a sandbox source
  kPostingScalarCount,
};

// Columns of sets of keys. Filters never meet an empty set: "none stated" is a
// key of its own.
enum PostingSet : size_t {
  kMajorColumn,           // what is accepted, by level
  kPlaceColumn,           // places at province, city and county depth
  kGraduationYearColumn,  // years, or kAnyKey
  kFunctionColumn,        // functions at all levels above and including
  kVisibilityColumn,      // provinces and schools, or kAnyKey
  kSkillColumn,           // SkillKey of each skill; may be empty
  kCanonicalColumn,       // one: hash of the name that stands for the group
  kEmployerColumn,        // one: hash of the employer
  kConditionColumn,       // what else is asked for; may be empty
  kPostingSetCount,
};

inline constexpr int32_t kLevelUnread = -1;
inline constexpr int32_t kNoMaxLevel = 7;

// The schema for CatalogOptions::schemas.
const ColumnSchema& PostingSchema();

// Whether a posting has a row at all: state OPEN. An expired one keeps its row
// until its state changes; the filter takes it out to the second.
bool IsSearchable(const v1::Posting& posting);

// The columns of a posting that ingest has validated. `sandbox`: its source is
// one. Unknown codes are kept by their digits; codes without digits count as
// text that was not understood.
AttributeRow PostingAttributes(const v1::Posting& posting, bool sandbox);

// The same, but for what eligibility does not read: skills, group and employer
// stay empty.
AttributeRow EligibilityAttributes(const v1::Posting& posting, bool sandbox);

// Seconds since 2000-01-01 UTC, the unit of kExpireColumn, clamped to int32.
int32_t SchemaSecond(absl::Time time);

// The store's key of a posting's resource name; nullopt for any other text.
std::optional<std::string> PostingKeyOfName(std::string_view name);

// Reads the columns of one row, of a snapshot or of a posting not yet in one.
class RowAttributes {
 public:
  // Both are borrowed. `attributes` must have its sets sorted, as
  // PostingAttributes gives them.
  RowAttributes(const Snapshot& snapshot, RowId row)
      : snapshot_(&snapshot), row_(row) {}
  explicit RowAttributes(const AttributeRow& attributes)
      : attributes_(&attributes) {}

  int32_t Scalar(PostingScalar column) const {
    return snapshot_ != nullptr ? snapshot_->Scalar(column, row_)
                                : attributes_->scalars[column];
  }
  std::span<const uint64_t> Set(PostingSet column) const {
    return snapshot_ != nullptr
               ? snapshot_->SetValues(column, row_)
               : std::span<const uint64_t>(attributes_->sets[column]);
  }

 private:
  const Snapshot* snapshot_ = nullptr;
  RowId row_{};
  const AttributeRow* attributes_ = nullptr;
};

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_POSTING_SCHEMA_H_
