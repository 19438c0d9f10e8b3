#ifndef GRADMATCH_MATCHER_TEXT_PARSE_EXPERIENCE_H_
#define GRADMATCH_MATCHER_TEXT_PARSE_EXPERIENCE_H_

#include <optional>
#include <string_view>

#include "matcher/text/parsed.h"

namespace gradmatch {

// Work experience asked for, in months.
struct Experience {
  int min_months = 0;             // 0: none is asked for
  std::optional<int> max_months;  // unset: no upper end
  bool fresh_graduates = false;   // 应届, 在校: named as the ones wanted

  friend bool operator==(const Experience&, const Experience&) = default;
};

// "1-3年", "3年及以上", "经验不限", "应届毕业生", "在校/应届", "1年以下",
// "6个月", "一年以上", and an integer as years.
Parsed<Experience> ParseExperience(std::string_view text);

// 0 to 50 years; otherwise not understood.
Parsed<Experience> ExperienceFromYears(double years);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_TEXT_PARSE_EXPERIENCE_H_
