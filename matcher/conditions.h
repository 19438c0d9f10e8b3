#ifndef GRADMATCH_MATCHER_CONDITIONS_H_
#define GRADMATCH_MATCHER_CONDITIONS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "gradmatch/v1/common.pb.h"
#include "gradmatch/v1/graduate.pb.h"

namespace gradmatch {

// Conditions of a posting as keys of kConditionColumn, and what a profile
// states as verdicts over them. A key says one of these:
//
//   a clause   what is asked: codes of which one is enough, an age, months at
//              the grassroots, or something nobody can judge (open)
//   a scope    of whom clause number i is asked: levels, or majors below a code
//
// A clause without a number is asked of everybody. Keys are pure functions of
// the condition, the same in every process, never stored.

enum class Verdict : uint8_t { kMet, kOpen, kFailed };

// The row has a clause that is not asked of everybody.
inline constexpr uint64_t kScopedConditionsKey = 1;

// Keys of all conditions; neither sorted nor unique. What does not fit a key
// (more than five alternatives, more than fifteen clauses with a scope) becomes
// an open clause.
void AddConditionKeys(
    const google::protobuf::RepeatedPtrField<v1::PostingCondition>& conditions,
    std::vector<uint64_t>& keys);

// A key taken apart.
struct ConditionKey {
  enum class Part : uint8_t { kClause, kLevels, kMajor, kMark };
  Part part = Part::kMark;
  int scope = 0;  // number of the clause; 0: asked of everybody
  uint64_t payload = 0;

  // kLevels: bit l is set for level l.
  bool HasLevel(int level) const { return payload >> level & 1; }
};
ConditionKey ReadConditionKey(uint64_t key);
// The same number for a code of a major and for those above it that a posting
// names; `system` is MajorSystem. 0 unless there are 2, 4 or 6 digits.
uint64_t ConditionMajor(int system, std::string_view digits);

// What a profile states, compiled: every code that follows from a statement is
// in it. A value.
class StatedConditions {
 public:
  StatedConditions() = default;
  // `now` makes an age of the day of birth, in China.
  StatedConditions(const v1::Declarations& declarations, absl::Time now,
                   int graduation_year);

  // Of the payload of a clause.
  Verdict Judge(uint64_t clause) const;

 private:
  enum class State : uint8_t { kUnknown, kHolds, kDenied };
  State StateOf(uint32_t id) const;
  Verdict JudgeCode(uint32_t id, int fresh_year) const;

  std::vector<State> states_;  // by id; empty: nothing is stated
  std::optional<int> age_;
  std::optional<int> grassroots_months_;
  int graduation_year_ = 0;
};

// Two statements that cannot both hold, as codes; nullopt when all can.
// Statements of unknown codes say nothing.
std::optional<std::pair<std::string, std::string>> FindContradiction(
    const v1::Declarations& declarations);

// A condition as people read it: "中共党员", "35 周岁以下", else its text.
std::string ConditionWords(const v1::PostingCondition& condition);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_CONDITIONS_H_
