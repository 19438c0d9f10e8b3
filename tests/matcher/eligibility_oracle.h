#ifndef GRADMATCH_TESTS_MATCHER_ELIGIBILITY_ORACLE_H_
#define GRADMATCH_TESTS_MATCHER_ELIGIBILITY_ORACLE_H_

#include <optional>

#include "absl/time/time.h"
#include "gradmatch/v1/graduate.pb.h"
#include "gradmatch/v1/posting.pb.h"
#include "matcher/eligibility.h"

namespace gradmatch {

// The rules of eligibility read off the messages, word by word and slowly: no
// keys, no columns, no bitmaps. What both fast ways are held against.
struct OracleAnswer {
  Verdict verdict = Verdict::kMet;
  std::optional<Requirement> first_failed;
};
OracleAnswer JudgeSlowly(const v1::Profile& profile, const v1::Posting& posting,
                         absl::Time now);

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_MATCHER_ELIGIBILITY_ORACLE_H_
