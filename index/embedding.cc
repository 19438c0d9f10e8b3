#include "index/embedding.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace gradmatch {
namespace {

constexpr size_t kMaxDimension = 4'096;
constexpr double kLengthTolerance = 0.001;

static_assert(std::endian::native == std::endian::little,
              "stored embeddings are little endian");

double SquaredLength(std::span<const float> values) {
  double sum = 0;
  for (float v : values) sum += static_cast<double>(v) * v;
  return sum;
}

}  // namespace

absl::Status ValidateDimension(size_t dimension) {
  if (dimension == 0 || dimension % kDimensionMultiple != 0 ||
      dimension > kMaxDimension) {
    return absl::InvalidArgumentError(
        absl::StrCat("dimension is ", dimension, "; allowed are multiples of ",
                     kDimensionMultiple, " up to ", kMaxDimension));
  }
  return absl::OkStatus();
}

absl::Status ValidateEmbedding(std::span<const float> values,
                               size_t dimension) {
  if (values.size() != dimension) {
    return absl::InvalidArgumentError(
        absl::StrCat("embedding has ", values.size(),
                     " numbers; the index has ", dimension));
  }
  const double squared = SquaredLength(values);
  if (!std::isfinite(squared)) {
    return absl::InvalidArgumentError(
        "embedding has a number that is not finite");
  }
  if (squared != 0 && std::abs(std::sqrt(squared) - 1) > kLengthTolerance) {
    return absl::InvalidArgumentError(
        absl::StrCat("embedding has length ", std::sqrt(squared),
                     "; it must be 1 (or all zeros): normalise it"));
  }
  return absl::OkStatus();
}

bool Normalize(Embedding& values) {
  const double length = std::sqrt(SquaredLength(values));
  if (length == 0 || !std::isfinite(length)) {
    values.assign(values.size(), 0);
    return false;
  }
  for (float& v : values) v = static_cast<float>(v / length);
  return true;
}

std::string EncodeEmbedding(std::span<const float> values) {
  std::string bytes(values.size_bytes(), '\0');
  std::memcpy(bytes.data(), values.data(), values.size_bytes());
  return bytes;
}

absl::StatusOr<Embedding> DecodeEmbedding(std::string_view bytes,
                                          size_t dimension) {
  if (bytes.size() != dimension * sizeof(float)) {
    return absl::DataLossError(
        absl::StrCat("stored embedding has ", bytes.size(), " bytes; ",
                     dimension, " numbers have ", dimension * sizeof(float)));
  }
  Embedding values(dimension);
  std::memcpy(values.data(), bytes.data(), bytes.size());
  const absl::Status valid = ValidateEmbedding(values, dimension);
  if (!valid.ok()) {
    return absl::DataLossError(absl::StrCat("stored ", valid.message()));
  }
  return values;
}

}  // namespace gradmatch
