#ifndef GRADMATCH_INDEX_FAISS_FLAT_INDEX_H_
#define GRADMATCH_INDEX_FAISS_FLAT_INDEX_H_

#include <memory>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "index/vector_index.h"

namespace gradmatch {

// The only door to Faiss: a flat inner-product index, which owns the vectors.
// The answers are those of ExactScan over the same vectors, bit for bit: Faiss
// selects, DotProduct has the last word on order and ties.
class FaissFlatIndex final : public VectorIndex {
 public:
  using VectorIndex::Search;

  // `vectors`, row after row, are copied. InvalidArgument when their number is
  // not a multiple of `dimension` or one is not finite.
  static absl::StatusOr<std::unique_ptr<FaissFlatIndex>> Build(
      std::span<const float> vectors, size_t dimension);
  ~FaissFlatIndex() override;

  absl::StatusOr<std::vector<Neighbor>> Search(std::span<const float> query,
                                               size_t k, const RowSet& eligible,
                                               float at_least) const override;
  std::span<const float> Vector(RowId row) const override {
    return vectors_.subspan(Index(row) * dimension_, dimension_);
  }
  size_t rows() const override { return vectors_.size() / dimension_; }
  size_t dimension() const override { return dimension_; }

  // All vectors, row after row; valid as long as the index.
  std::span<const float> vectors() const { return vectors_; }

 private:
  struct Impl;  // hides Faiss
  explicit FaissFlatIndex(std::unique_ptr<Impl> impl, size_t dimension);

  const std::unique_ptr<Impl> impl_;
  const size_t dimension_;
  std::span<const float> vectors_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_FAISS_FLAT_INDEX_H_
