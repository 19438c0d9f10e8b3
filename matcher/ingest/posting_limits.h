#ifndef GRADMATCH_MATCHER_INGEST_POSTING_LIMITS_H_
#define GRADMATCH_MATCHER_INGEST_POSTING_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace gradmatch {

// What a posting may hold. Texts in Unicode characters, lists in entries.
struct PostingLimits {
  size_t source_posting_id = 200;
  size_t title = 200;
  size_t employer_name = 200;
  size_t short_text = 200;  // employer size, a skill, a benefit
  size_t address = 500;
  size_t raw = 5'000;           // salary, education, majors as text
  size_t description = 20'000;  // requirements as well
  size_t url = 2'000;

  int64_t locations = 100;
  int64_t functions = 20;
  int64_t words = 200;  // skills, benefits
  int64_t major_groups = 50;
  int64_t major_codes = 1'000;  // of one group
  int64_t graduation_years = 20;
  int64_t conditions = 100;
  int64_t condition_codes = 100;  // of one condition
  int64_t provinces = 40;
  int64_t schools = 3'000;

  int64_t openings = 100'000;
  int64_t monthly_pay = 10'000'000;
  int64_t experience_months = 600;
  int64_t first_year = 1950;  // of graduation
  int64_t last_year = 2100;

  size_t record_bytes = 1 << 20;  // serialised
  size_t raw_row_bytes = 64 << 10;
};
inline constexpr PostingLimits kPostingLimits;

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_INGEST_POSTING_LIMITS_H_
