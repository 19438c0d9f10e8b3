#ifndef GRADMATCH_MATCHER_REASONS_H_
#define GRADMATCH_MATCHER_REASONS_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "gradmatch/v1/common.pb.h"
#include "gradmatch/v1/graduate.pb.h"
#include "gradmatch/v1/posting.pb.h"
#include "matcher/ranking.h"

namespace gradmatch {

inline constexpr int kMaxReasons = 4;

// Why this posting, for a graduate to read: at most kMaxReasons, the largest
// contributions to the score first. Only what is true of profile and posting:
// a feature without a fact behind it gives no reason. Codes: MAJOR_MATCH,
// MAJOR_GROUP_MATCH, ANY_MAJOR, FUNCTION_WANTED, FUNCTION_MATCH, PLACE_WANTED,
// PAY, SKILLS, DEGREE, EXPERIENCE, FRESH, OPENINGS, EMPLOYER_KIND,
// POSTING_KIND, SIMILAR. `row` is the posting's.
std::vector<v1::Reason> MakeReasons(const RankerWeights& weights,
                                    const Features& features,
                                    const v1::Profile& profile,
                                    const v1::Posting& posting,
                                    const RowAttributes& row, absl::Time now);

// A reason; {name} in `text_template` is replaced by the parameter of that
// name.
v1::Reason MakeReason(
    std::string_view code, std::string_view text_template,
    const std::vector<std::pair<std::string, std::string>>& params = {});

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_REASONS_H_
