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

StageRates DefaultStageRates() {
  StageRates rates{};
  rates[v1::PushRun::STATE_SELECTING] = 50'000;
  rates[v1::PushRun::STATE_RETRIEVING] = 400;
  rates[v1::PushRun::STATE_ALLOCATING] = 500'000;
  rates[v1::PushRun::STATE_WRITING] = 3'000;
  return rates;
}

double EstimateEta(const EtaInput& input, const StageRates& rates) {
  constexpr std::array kStages = {
      v1::PushRun::STATE_SELECTING, v1::PushRun::STATE_RETRIEVING,
      v1::PushRun::STATE_ALLOCATING, v1::PushRun::STATE_WRITING};
  const auto stage = std::find(kStages.begin(), kStages.end(), input.stage);
  if (stage == kStages.end()) {
    const bool waits = input.stage == v1::PushRun::STATE_PENDING ||
                       input.stage == v1::PushRun::STATE_UNSPECIFIED;
    return waits ? -1 : 0;
  }
  if (input.total <= 0) return -1;
  // Who is selected is not known while selecting: as if everybody were.
  const int64_t later = input.stage == v1::PushRun::STATE_SELECTING
                            ? input.total
                            : input.selected;
  double seconds = SecondsFor(input.total - input.done,
                              input.rate > 0 ? input.rate : rates[*stage]);
  for (auto next = stage + 1; next != kStages.end(); ++next) {
    seconds += SecondsFor(later, rates[*next]);
  }
  return seconds;
}

}  // namespace gradmatch
