#include "matcher/retrieval_plan.h"

namespace gradmatch {

SearchPlan ChoosePlan(const PlanInput& input, const PlanOptions& options) {
  const double share = input.rows == 0 ? 0
                                       : static_cast<double>(input.eligible) /
                                             static_cast<double>(input.rows);
  if (share >= options.flat_min_share) return SearchPlan::kFlat;
  return input.eligible >= options.coded_min_eligible ? SearchPlan::kCodedScan
                                                      : SearchPlan::kExactScan;
}

std::string_view PlanName(SearchPlan plan) {
  switch (plan) {
    case SearchPlan::kFlat:
      return "FLAT";
    case SearchPlan::kCodedScan:
      return "CODED_SCAN";
    case SearchPlan::kExactScan:
      break;
  }
  return "EXACT_SCAN";
}

}  // namespace gradmatch
