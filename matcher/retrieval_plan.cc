#include "matcher/retrieval_plan.h"

namespace gradmatch {

SearchPlan ChoosePlan(const PlanInput& input, const PlanOptions& options) {
  const double share = input.rows == 0 ? 0
                                       : static_cast<double>(input.eligible) /
                                             static_cast<double>(input.rows);
  return share >= options.flat_min_share ? SearchPlan::kFlat
                                         : SearchPlan::kExactScan;
}

std::string_view PlanName(SearchPlan plan) {
  return plan == SearchPlan::kFlat ? "FLAT" : "EXACT_SCAN";
}

}  // namespace gradmatch
