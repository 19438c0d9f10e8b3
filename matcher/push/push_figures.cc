#include "matcher/push/push_figures.h"

#include <algorithm>
#include <string>

namespace gradmatch {
namespace {

double SecondsFor(int64_t graduates, double rate) {
  return rate > 0 ? static_cast<double>(std::max<int64_t>(0, graduates)) / rate
                  : 0;
}

}  // namespace

void AddSuppressions(const SuppressionCounts& added,
                     v1::PushRunCounts& counts) {
  SuppressionCounts sums = added;
  for (const v1::SuppressionCount& count : counts.suppressions()) {
    for (int i = 1; i < kSuppressionCount; ++i) {
      if (SuppressionCode(static_cast<Suppression>(i)) == count.code()) {
        sums[i] += count.graduates();
      }
    }
  }
  counts.clear_suppressions();
  for (int i = 1; i < kSuppressionCount; ++i) {
    if (sums[i] == 0) continue;
    const auto suppression = static_cast<Suppression>(i);
    v1::SuppressionCount* count = counts.add_suppressions();
    count->set_code(std::string(SuppressionCode(suppression)));
    count->set_graduates(sums[i]);
    count->set_text_zh(std::string(SuppressionText(suppression)));
  }
}

int64_t SelectionSuppressed(const v1::PushRunCounts& counts) {
  int64_t sum = 0;
  for (const v1::SuppressionCount& count : counts.suppressions()) {
    for (int i = 1; i < kSuppressionCount; ++i) {
      const auto suppression = static_cast<Suppression>(i);
      if (IsSelectionCode(suppression) &&
          SuppressionCode(suppression) == count.code()) {
        sum += count.graduates();
      }
    }
  }
  return sum;
}

double Gini(std::vector<int64_t> values) {
  std::sort(values.begin(), values.end());
  double sum = 0;
  double weighted = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    sum += static_cast<double>(values[i]);
    weighted += static_cast<double>(i + 1) * static_cast<double>(values[i]);
  }
  if (sum == 0) return 0;
  const auto n = static_cast<double>(values.size());
  return 2 * weighted / (n * sum) - (n + 1) / n;
}

double EstimateEta(const EtaInput& input, const StageRates& rates) {
  double own = 0;
  double later = 0;
  switch (input.stage) {
    case v1::PushRun::STATE_SELECTING:
      // Who is selected is not known yet: as if everybody were.
      own = rates.selecting;
      later = SecondsFor(input.total, rates.retrieving) +
              SecondsFor(input.total, rates.allocating) +
              SecondsFor(input.total, rates.writing);
      break;
    case v1::PushRun::STATE_RETRIEVING:
      own = rates.retrieving;
      later = SecondsFor(input.selected, rates.allocating) +
              SecondsFor(input.selected, rates.writing);
      break;
    case v1::PushRun::STATE_ALLOCATING:
      own = rates.allocating;
      later = SecondsFor(input.selected, rates.writing);
      break;
    case v1::PushRun::STATE_WRITING:
      own = rates.writing;
      break;
    case v1::PushRun::STATE_READY:
    case v1::PushRun::STATE_CANCELLED:
    case v1::PushRun::STATE_FAILED:
      return 0;
    default:
      return -1;
  }
  if (input.total <= 0) return -1;
  return SecondsFor(input.total - input.done,
                    input.rate > 0 ? input.rate : own) +
         later;
}

}  // namespace gradmatch
