#ifndef GRADMATCH_MATCHER_TEXT_PARSE_COUNT_H_
#define GRADMATCH_MATCHER_TEXT_PARSE_COUNT_H_

#include <string_view>

#include "matcher/text/parsed.h"

namespace gradmatch {

// Openings: "3人", "招5名", "若干" (1, uncertain), "2-3人" (the least,
// uncertain), "十人". 1 to 100,000.
Parsed<int> ParseHeadcount(std::string_view text);

// Graduation years, both ends included.
struct GraduationYears {
  int min = 0;
  int max = 0;
  friend bool operator==(const GraduationYears&,
                         const GraduationYears&) = default;
};

// "2026届", "2025-2026届", "26届", "2025届、2026届", "2026年毕业生",
// "2024年9月至2025年8月毕业" (the years named).
Parsed<GraduationYears> ParseGraduationYears(std::string_view text);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_TEXT_PARSE_COUNT_H_
