#ifndef GRADMATCH_MATCHER_ELIGIBILITY_REASONS_H_
#define GRADMATCH_MATCHER_ELIGIBILITY_REASONS_H_

#include "gradmatch/v1/common.pb.h"
#include "gradmatch/v1/posting.pb.h"
#include "matcher/eligibility.h"

namespace gradmatch {

// One sentence for each condition of the posting that fails or is open;
// `verdict` is that of all of them, not kMet. Part of DescribeFindings.
void AddConditionReasons(const EligibilityQuery& query,
                         const v1::Posting& posting, Verdict verdict,
                         v1::Eligibility& eligibility);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_ELIGIBILITY_REASONS_H_
