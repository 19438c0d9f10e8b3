#include "index/coded_scan.h"

#include <algorithm>
#include <functional>

#include "index/dot_product.h"

namespace gradmatch {
namespace {

// Rows between the one that is looked at and the one that is fetched.
constexpr size_t kAhead = 8;

// A row that can be among the best, and the most that it can reach.
struct Possible {
  RowId row;
  float high;
};

// The k best lower bounds seen so far: a row that cannot reach the least of
// them is beaten by k others.
class LowBounds {
 public:
  LowBounds(size_t k, float at_least) : k_(k), at_least_(at_least) {
    heap_.reserve(k);
  }
  void Add(float low) {
    if (heap_.size() < k_) {
      heap_.push_back(low);
      std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
    } else if (low > heap_.front()) {
      std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
      heap_.back() = low;
      std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
    }
  }
  bool Reachable(float high) const {
    return high >= at_least_ && (heap_.size() < k_ || high >= heap_.front());
  }

 private:
  const size_t k_;
  const float at_least_;
  std::vector<float> heap_;
};

}  // namespace

absl::StatusOr<std::vector<Neighbor>> CodedScan::Search(
    std::span<const float> query, size_t k, const RowSet& eligible,
    float at_least) const {
  const absl::Status valid = ValidateSearch(*this, query, eligible);
  if (!valid.ok()) return valid;
  std::vector<Neighbor> best;
  if (k == 0) return best;

  const Int8Code code = EncodeInt8(query);
  LowBounds bounds(std::min(k, rows()), at_least);
  std::vector<Possible> possible;
  std::vector<RowId> looked_at;
  looked_at.reserve(eligible.Count());
  eligible.ForEach([&](RowId row) { looked_at.push_back(row); });
  for (size_t i = 0; i < looked_at.size(); ++i) {
    if (i + kAhead < looked_at.size()) {
      codes_.Prefetch(Index(looked_at[i + kAhead]));
    }
    const RowId row = looked_at[i];
    const Int8Codes::Bounds b = codes_.BoundsOf(Index(row), code);
    if (!bounds.Reachable(b.high)) continue;
    bounds.Add(b.low);
    possible.push_back({row, b.high});
  }
  for (const Possible& p : possible) {
    if (!bounds.Reachable(p.high)) continue;
    const float similarity =
        DotProduct(query.data(), Vector(p.row).data(), dimension_);
    if (similarity >= at_least) best.push_back({p.row, similarity});
  }
  const size_t kept = std::min(k, best.size());
  std::partial_sort(best.begin(), best.begin() + kept, best.end(), Before);
  best.resize(kept);
  return best;
}

}  // namespace gradmatch
