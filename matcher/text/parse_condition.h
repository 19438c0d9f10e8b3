#ifndef GRADMATCH_MATCHER_TEXT_PARSE_CONDITION_H_
#define GRADMATCH_MATCHER_TEXT_PARSE_CONDITION_H_

#include <string>
#include <string_view>
#include <vector>

#include "matcher/text/parse_major.h"

namespace gradmatch {

// What a condition is about; the numbers are those of the API
// (PostingCondition.Kind).
enum class ConditionKind : int {
  kUnread = 0,
  kPoliticalStatus = 1,
  kSex = 2,
  kAge = 3,
  kCertificate = 4,
  kService = 5,
  kGrassroots = 6,
  kEmployment = 7,
  kMajorDirection = 8,
  kBachelor = 9,
  kSchool = 10,
  kPerson = 11,
  kUndertaking = 12,
};

// One condition; the fields mean what those of PostingCondition mean.
struct ParsedCondition {
  ConditionKind kind = ConditionKind::kUnread;
  std::vector<std::string> any_of;  // codes of the system `condition`
  int min = 0;
  int max = 0;
  std::vector<int> levels;
  std::vector<MajorCode> majors;
  std::string raw;

  friend bool operator==(const ParsedCondition&,
                         const ParsedCondition&) = default;
};

// What a text asks for. Every one counts.
struct ParsedConditions {
  std::vector<ParsedCondition> conditions;
  std::vector<int> graduation_years;  // 2025届高校毕业生
  int experience_months = 0;          // 具有2年以上工作经历
  int pieces = 0;                     // entries of the text
  int unread = 0;                     // of them not understood
};

// The field of an official posting that holds conditions: "中共党员；男性；
// 具有会计专业技术资格（中级以上）". A piece is understood only when every word
// of it is: a condition that was misread would be a wrong answer, one that is
// kept as kUnread is a question. Such a piece stays whole, with its text.
ParsedConditions ParseConditions(std::string_view text);

// The clauses of a free text that are conditions beyond doubt. What is not
// understood is left out: a free text says other things too.
ParsedConditions FindConditionsInText(std::string_view text);

// Of the group a code belongs to; kUnread for an unknown one.
ConditionKind ConditionKindOf(std::string_view code);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_TEXT_PARSE_CONDITION_H_
