#ifndef GRADMATCH_INDEX_VECTOR_INDEX_H_
#define GRADMATCH_INDEX_VECTOR_INDEX_H_

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/embedding.h"
#include "index/row_set.h"

namespace gradmatch {

// A row and how similar it is to the query, higher is better.
struct Neighbor {
  RowId row;
  float similarity;
  friend bool operator==(const Neighbor&, const Neighbor&) = default;
};

// The order of results: best first, ties by row.
inline bool Before(const Neighbor& a, const Neighbor& b) {
  if (a.similarity != b.similarity) return a.similarity > b.similarity;
  return a.row < b.row;
}

// Answers "which rows of this segment are most similar to this embedding?".
// Similarity is an inner product of unit vectors: in [-1, 1], higher is better.
// Immutable after construction, so all methods may run concurrently.
class VectorIndex {
 public:
  virtual ~VectorIndex() = default;

  // Returns at most `k` rows of `eligible` that are similar by `at_least`, in
  // the order of Before; fewer than `k` only if there are fewer. `eligible` has
  // rows() rows and is borrowed for the call. InvalidArgument on a query of
  // another dimension or with a number that is not finite, and on a row set of
  // another size.
  virtual absl::StatusOr<std::vector<Neighbor>> Search(
      std::span<const float> query, size_t k, const RowSet& eligible,
      float at_least) const = 0;
  absl::StatusOr<std::vector<Neighbor>> Search(std::span<const float> query,
                                               size_t k,
                                               const RowSet& eligible) const {
    return Search(query, k, eligible, -std::numeric_limits<float>::infinity());
  }

  // The stored embedding; valid as long as the index.
  virtual std::span<const float> Vector(RowId row) const = 0;

  virtual size_t rows() const = 0;
  virtual size_t dimension() const = 0;
};

// InvalidArgument unless `query` has `dimension` finite numbers.
absl::Status ValidateQuery(std::span<const float> query, size_t dimension);

// InvalidArgument unless Search may be called with these.
absl::Status ValidateSearch(const VectorIndex& index,
                            std::span<const float> query,
                            const RowSet& eligible);

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_VECTOR_INDEX_H_
