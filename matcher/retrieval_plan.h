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
  // From this many eligible rows on, int8 codes sort out first what cannot be
  // among the best; below, making the query's code does not pay.
  size_t coded_min_eligible = 500;
  // From this share of eligible rows on the flat Faiss index is asked. Above 1:
  // never. Measured at 53,449 rows of 256 numbers, even our plain scan takes
  // half the time of Debian's Faiss, whose loops are scalar, at every share
  // from 5 % to all (5.7 against 12.8 ms at all, 0.34 against 1.24 ms at 5 %).
  double flat_min_share = 1.1;
};

// A pure function of selectivity and size.
SearchPlan ChoosePlan(const PlanInput& input, const PlanOptions& options = {});

// EXACT_SCAN, CODED_SCAN, FLAT.
std::string_view PlanName(SearchPlan plan);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_RETRIEVAL_PLAN_H_
