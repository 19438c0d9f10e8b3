#ifndef GRADMATCH_MATCHER_RETRIEVAL_PLAN_H_
#define GRADMATCH_MATCHER_RETRIEVAL_PLAN_H_

#include <cstddef>
#include <string_view>

#include "index/segment.h"

namespace gradmatch {

// How the candidates are found. Every plan is exact: none can lose a row.
struct PlanInput {
  size_t rows = 0;      // live rows of the snapshot
  size_t eligible = 0;  // rows that passed
};

struct PlanOptions {
  // Below this share of eligible rows the scan that skips the others wins.
  double flat_min_share = 0.5;
};

// A pure function of selectivity and size.
SearchPlan ChoosePlan(const PlanInput& input, const PlanOptions& options = {});

// EXACT_SCAN, FLAT.
std::string_view PlanName(SearchPlan plan);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_RETRIEVAL_PLAN_H_
