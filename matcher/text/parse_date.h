#ifndef GRADMATCH_MATCHER_TEXT_PARSE_DATE_H_
#define GRADMATCH_MATCHER_TEXT_PARSE_DATE_H_

#include <string_view>

#include "absl/time/time.h"
#include "matcher/text/parsed.h"

namespace gradmatch {

// China's time, UTC+8 all year, needing no zone data base.
absl::TimeZone ChinaTime();

// "2024-10-10", "2024-10-10 12:50:49", "2024/10/10 12:50", "20241010",
// "2024年10月10日", "2024-10-10T12:50:49.123+08:00", "...Z", and Unix seconds
// or milliseconds. Without a zone it is China's time; a date alone is its first
// second. A year before 1990 or after 2100 is uncertain: feeds write 1970 for
// "not known".
Parsed<absl::Time> ParseDate(std::string_view text);

// The same, but a date alone is its last second: for deadlines.
Parsed<absl::Time> ParseDeadline(std::string_view text);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_TEXT_PARSE_DATE_H_
