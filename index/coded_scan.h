#ifndef GRADMATCH_INDEX_CODED_SCAN_H_
#define GRADMATCH_INDEX_CODED_SCAN_H_

#include <span>
#include <vector>

#include "index/int8_codes.h"
#include "index/vector_index.h"

namespace gradmatch {

// The same answer as ExactScan, from a quarter of the memory traffic: int8
// codes tell what each row's similarity can be at least and at most; only rows
// that can still be among the best k are scored with their floats. `vectors`
// must outlive it; the codes are its own.
class CodedScan final : public VectorIndex {
 public:
  using VectorIndex::Search;

  // vectors.size() is a multiple of `dimension`.
  CodedScan(std::span<const float> vectors, size_t dimension)
      : vectors_(vectors), dimension_(dimension), codes_(vectors, dimension) {}

  absl::StatusOr<std::vector<Neighbor>> Search(std::span<const float> query,
                                               size_t k, const RowSet& eligible,
                                               float at_least) const override;
  std::span<const float> Vector(RowId row) const override {
    return vectors_.subspan(Index(row) * dimension_, dimension_);
  }
  size_t rows() const override { return vectors_.size() / dimension_; }
  size_t dimension() const override { return dimension_; }
  size_t MemoryBytes() const { return codes_.MemoryBytes(); }

 private:
  std::span<const float> vectors_;
  size_t dimension_;
  Int8Codes codes_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_CODED_SCAN_H_
