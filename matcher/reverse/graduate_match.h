#ifndef GRADMATCH_MATCHER_REVERSE_GRADUATE_MATCH_H_
#define GRADMATCH_MATCHER_REVERSE_GRADUATE_MATCH_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gradmatch/v1/match_service.pb.h"
#include "matcher/ranking.h"
#include "matcher/reverse/graduate_finder.h"

namespace gradmatch {

// Of a graduate, what readers are told: name, scores, and reasons that say that
// something fits and never what. Codes come from a list of those that may be
// told; parameters and texts made of the profile are left out.

std::vector<v1::Reason> ReasonsForReaders(
    const std::vector<v1::Reason>& reasons);
v1::Eligibility EligibilityForReaders(const v1::Eligibility& eligibility);

// All of `match` but rank and pushed. `graduate` is as read now.
absl::StatusOr<v1::GraduateMatch> DescribeGraduate(
    const Encoder& encoder, const v1::Posting& posting,
    const v1::Graduate& graduate, const Score& score, absl::Time now,
    const RankerWeights& weights = DefaultWeights());

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_REVERSE_GRADUATE_MATCH_H_
