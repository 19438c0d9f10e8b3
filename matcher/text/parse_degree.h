#ifndef GRADMATCH_MATCHER_TEXT_PARSE_DEGREE_H_
#define GRADMATCH_MATCHER_TEXT_PARSE_DEGREE_H_

#include <string_view>

#include "matcher/text/parsed.h"

namespace gradmatch {

// Ordered: a higher level includes what a lower one asks for. The numbers are
// those of the API.
enum class EducationLevel : int {
  kNone = 1,        // 初中及以下, or no requirement
  kSecondary = 2,   // 高中, 中专, 中技, 职高
  kVocational = 3,  // 大专, 高职
  kBachelor = 4,    // 本科
  kMaster = 5,      // 硕士
  kDoctor = 6,      // 博士
};

// "本科", "大专", ...: the name of a level in Chinese.
std::string_view Name(EducationLevel level);

// Levels a posting accepts, both ends included. A level named alone is the
// least one ("本科" is 本科及以上), as on every board.
struct DegreeRange {
  EducationLevel min = EducationLevel::kNone;
  EducationLevel max = EducationLevel::kDoctor;
  bool full_time = false;  // 统招, 全日制 is asked for

  friend bool operator==(const DegreeRange&, const DegreeRange&) = default;
};

// "学历不限", "统招本科", "本科及以上", "大专/本科", "硕士研究生",
// "本科以下", "仅限本科".
Parsed<DegreeRange> ParseDegree(std::string_view text);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_TEXT_PARSE_DEGREE_H_
