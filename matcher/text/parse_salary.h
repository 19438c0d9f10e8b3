#ifndef GRADMATCH_MATCHER_TEXT_PARSE_SALARY_H_
#define GRADMATCH_MATCHER_TEXT_PARSE_SALARY_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "matcher/text/parsed.h"

namespace gradmatch {

enum class SalaryPeriod { kMonth, kYear, kDay, kHour, kWeek };

// Pay in yuan a month before tax. Stated by the year: divided by `months`; by
// the day: 21.75 days a month; by the hour: 8 hours a day; by the week: 52
// weeks a year.
struct Salary {
  std::optional<int64_t> min;  // unset: "以下"
  std::optional<int64_t> max;  // unset: "以上"
  int months = 12;             // monthly pays a year
  SalaryPeriod stated = SalaryPeriod::kMonth;
  bool negotiable = false;  // 面议; min and max are then unset

  friend bool operator==(const Salary&, const Salary&) = default;
};

// "9K-16K·14薪", "25-50K", "1-1.5万", "8千-1万", "200元/天", "面议",
// "15-20万/年", "8000-10000元/月", "1万以上", "12000".
Parsed<Salary> ParseSalary(std::string_view text);

// Two numbers and the number of pays, as feeds give them. Below 1,000 yuan a
// month a number cannot be a monthly pay: 10 to 99 is read by the hour, 100 to
// 999 by the day, both uncertain. Above 500,000 a year's pay, uncertain.
// Swapped ends are put right, uncertain. Zero is "not stated"; negative, or
// below 10: not understood.
Parsed<Salary> SalaryFromNumbers(std::optional<double> min,
                                 std::optional<double> max,
                                 std::optional<int> months);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_TEXT_PARSE_SALARY_H_
