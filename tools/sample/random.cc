#include "tools/sample/random.h"

#include <algorithm>

namespace gradmatch {

size_t WeightedPick::operator()(SampleRandom& random) const {
  const auto at = static_cast<int64_t>(random.Below(sums_.back()));
  return std::upper_bound(sums_.begin(), sums_.end(), at) - sums_.begin();
}

std::vector<int64_t> LongTailWeights(size_t n) {
  std::vector<int64_t> weights(n);
  for (size_t i = 0; i < n; ++i) weights[i] = 1 + 1000 / (i + 1);
  return weights;
}

}  // namespace gradmatch
