#ifndef GRADMATCH_INDEX_EMBEDDING_H_
#define GRADMATCH_INDEX_EMBEDDING_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace gradmatch {

// A text as a point on the unit sphere. The length of the vector, its
// dimension, is a multiple of 32. Two embeddings of the same encoder compare by
// inner product, the similarity: in [-1, 1], higher is better. All zeros stands
// for a text that says nothing; it is equally (un)like everything.
using Embedding = std::vector<float>;

inline constexpr size_t kDefaultDimension = 256;
inline constexpr size_t kDimensionMultiple = 32;

// InvalidArgument unless `dimension` is a positive multiple of 32, at most
// 4,096.
absl::Status ValidateDimension(size_t dimension);

// InvalidArgument unless `values` has `dimension` finite numbers and length 1
// within 0.001 (or is all zeros).
absl::Status ValidateEmbedding(std::span<const float> values, size_t dimension);

// Scales to length 1. Returns false and leaves all zeros when there is no
// direction: all zeros, or a number that is not finite.
bool Normalize(Embedding& values);

// Bytes as stored: float32, little endian, no header.
std::string EncodeEmbedding(std::span<const float> values);
// DataLoss when `bytes` is not `dimension` numbers that ValidateEmbedding
// takes.
absl::StatusOr<Embedding> DecodeEmbedding(std::string_view bytes,
                                          size_t dimension);

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_EMBEDDING_H_
