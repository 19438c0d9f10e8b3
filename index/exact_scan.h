#ifndef GRADMATCH_INDEX_EXACT_SCAN_H_
#define GRADMATCH_INDEX_EXACT_SCAN_H_

#include <memory>
#include <span>
#include <vector>

#include "index/vector_index.h"

namespace gradmatch {

// Scores every eligible row with DotProduct: the oracle for the other indexes,
// and the better plan when few rows are eligible. Owns nothing: `vectors`, row
// after row, must outlive it.
class ExactScan final : public VectorIndex {
 public:
  using VectorIndex::Search;

  // vectors.size() is a multiple of `dimension`.
  ExactScan(std::span<const float> vectors, size_t dimension)
      : vectors_(vectors), dimension_(dimension) {}

  absl::StatusOr<std::vector<Neighbor>> Search(std::span<const float> query,
                                               size_t k, const RowSet& eligible,
                                               float at_least) const override;
  std::span<const float> Vector(RowId row) const override {
    return vectors_.subspan(Index(row) * dimension_, dimension_);
  }
  size_t rows() const override { return vectors_.size() / dimension_; }
  size_t dimension() const override { return dimension_; }

 private:
  std::span<const float> vectors_;
  size_t dimension_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_EXACT_SCAN_H_
