#ifndef GRADMATCH_MATCHER_PUSH_PUSH_FIGURES_H_
#define GRADMATCH_MATCHER_PUSH_PUSH_FIGURES_H_

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/time/time.h"
#include "gradmatch/v1/push.pb.h"
#include "matcher/push/selection.h"

namespace gradmatch {

// Pure functions over the figures of a run.

// Graduates by Suppression.
using SuppressionCounts = std::array<int64_t, kSuppressionCount>;

// Adds to counts.suppressions, in the order of Suppression, zeros left out.
void AddSuppressions(const SuppressionCounts& added, v1::PushRunCounts& counts);
// Graduates counted with a code that SelectForPush gives.
int64_t SelectionSuppressed(const v1::PushRunCounts& counts);

// Unevenness of `values`: 0 when all are equal, near 1 when one has all. 0 for
// no values, and when their sum is 0.
double Gini(std::vector<int64_t> values);

// Graduates a second by PushRun::State; 0 for what is no stage.
using StageRates = std::array<double, v1::PushRun::State_ARRAYSIZE>;
// Measured once on two cores with 47,000 postings; a server replaces them by
// what its last run needed.
StageRates DefaultStageRates();

struct EtaInput {
  v1::PushRun::State stage = v1::PushRun::STATE_PENDING;
  int64_t done = 0;      // in this stage
  int64_t total = 0;     // of this stage
  int64_t selected = 0;  // graduates of the later stages, when known
  double rate = 0;       // of this stage so far; 0: use the rates given
};
// Seconds left in this stage and the ones after it; -1 while the total is not
// known, 0 at the end.
double EstimateEta(const EtaInput& input, const StageRates& rates);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_PUSH_PUSH_FIGURES_H_
