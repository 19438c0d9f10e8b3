#include "index/exact_scan.h"

#include <algorithm>

#include "index/dot_product.h"

namespace gradmatch {

absl::StatusOr<std::vector<Neighbor>> ExactScan::Search(
    std::span<const float> query, size_t k, const RowSet& eligible,
    float at_least) const {
  const absl::Status valid = ValidateSearch(*this, query, eligible);
  if (!valid.ok()) return valid;
  // A heap whose front is the worst of the best k so far.
  std::vector<Neighbor> best;
  if (k == 0) return best;
  best.reserve(std::min(k, rows()));
  eligible.ForEach([&](RowId row) {
    const float similarity = DotProduct(
        query.data(), vectors_.data() + Index(row) * dimension_, dimension_);
    if (similarity < at_least) return;
    const Neighbor next{row, similarity};
    if (best.size() < k) {
      best.push_back(next);
      std::push_heap(best.begin(), best.end(), Before);
    } else if (Before(next, best.front())) {
      std::pop_heap(best.begin(), best.end(), Before);
      best.back() = next;
      std::push_heap(best.begin(), best.end(), Before);
    }
  });
  std::sort_heap(best.begin(), best.end(), Before);
  return best;
}

}  // namespace gradmatch
