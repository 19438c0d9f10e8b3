#include "index/faiss_flat_index.h"

#include <faiss/IndexFlat.h>
#include <faiss/impl/IDSelector.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>

#include "absl/strings/str_cat.h"
#include "index/dot_product.h"
#include "index/exact_scan.h"

namespace gradmatch {
namespace {

// Faiss adds in another order than DotProduct, so its similarities may be off
// by this much (256 products of unit vectors, float rounding: below 2e-6).
constexpr float kRounding = 1e-5F;
// Asking for a few more than k lets the order be decided here.
constexpr size_t kSlack = 16;

absl::Status FaissError(const char* doing, const std::exception& e) {
  return absl::InternalError(absl::StrCat("faiss ", doing, ": ", e.what()));
}

}  // namespace

struct FaissFlatIndex::Impl {
  explicit Impl(size_t dimension) : index(static_cast<int>(dimension)) {}

  // As many of the best eligible rows as `labels` takes, padded with -1.
  absl::Status Select(std::span<const float> query, const RowSet& eligible,
                      std::span<float> similarities,
                      std::span<faiss::Index::idx_t> labels) const {
    try {
      // The setting is per thread, and callers are threads of a pool already.
      omp_set_num_threads(1);
      // Bytes in little-endian order are the words themselves.
      faiss::IDSelectorBitmap selector(
          eligible.words().size_bytes(),
          reinterpret_cast<const uint8_t*>(eligible.words().data()));
      faiss::SearchParameters parameters;
      parameters.sel = &selector;
      index.search(1, query.data(), labels.size(), similarities.data(),
                   labels.data(), &parameters);
    } catch (const std::exception& e) {
      return FaissError("search", e);
    }
    return absl::OkStatus();
  }

  faiss::IndexFlatIP index;
};

FaissFlatIndex::FaissFlatIndex(std::unique_ptr<Impl> impl, size_t dimension)
    : impl_(std::move(impl)),
      dimension_(dimension),
      vectors_(impl_->index.get_xb(), impl_->index.ntotal * dimension) {}

FaissFlatIndex::~FaissFlatIndex() = default;

absl::StatusOr<std::unique_ptr<FaissFlatIndex>> FaissFlatIndex::Build(
    std::span<const float> vectors, size_t dimension) {
  const absl::Status valid = ValidateDimension(dimension);
  if (!valid.ok()) return valid;
  if (vectors.size() % dimension != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(vectors.size(), " numbers are no rows of ", dimension));
  }
  if (!std::all_of(vectors.begin(), vectors.end(),
                   [](float v) { return std::isfinite(v); })) {
    return absl::InvalidArgumentError("a vector is not finite");
  }
  try {
    auto impl = std::make_unique<Impl>(dimension);
    // Faiss would grow its array by doubling, and keep what is too much.
    impl->index.codes.reserve(vectors.size_bytes());
    impl->index.add(vectors.size() / dimension, vectors.data());
    return std::unique_ptr<FaissFlatIndex>(
        new FaissFlatIndex(std::move(impl), dimension));
  } catch (const std::exception& e) {
    return FaissError("add", e);
  }
}

absl::StatusOr<std::vector<Neighbor>> FaissFlatIndex::Search(
    std::span<const float> query, size_t k, const RowSet& eligible,
    float at_least) const {
  const absl::Status valid = ValidateSearch(*this, query, eligible);
  if (!valid.ok()) return valid;
  const ExactScan scan(vectors_, dimension_);
  // Beyond this nothing is gained by a heap in Faiss.
  const size_t count = eligible.Count();
  if (k == 0 || count == 0 || k + kSlack >= count) {
    return scan.Search(query, k, eligible, at_least);
  }

  const size_t asked = k + kSlack;
  std::vector<float> similarities(asked);
  std::vector<faiss::Index::idx_t> labels(asked);
  const absl::Status selected =
      impl_->Select(query, eligible, similarities, labels);
  if (!selected.ok()) return selected;

  std::vector<Neighbor> found;
  float least = std::numeric_limits<float>::max();
  for (size_t i = 0; i < asked; ++i) {
    if (labels[i] < 0) continue;
    const auto row = static_cast<RowId>(labels[i]);
    found.push_back(
        {row, DotProduct(query.data(), Vector(row).data(), dimension_)});
    least = std::min(least, similarities[i]);
  }
  std::sort(found.begin(), found.end(), Before);
  // What Faiss left out is at most `least`. If that could still belong among
  // the best k (many equal vectors), only a full scan knows the order.
  if (found.size() < asked || found[k - 1].similarity <= least + kRounding) {
    return scan.Search(query, k, eligible, at_least);
  }
  found.resize(k);
  while (!found.empty() && found.back().similarity < at_least) found.pop_back();
  return found;
}

}  // namespace gradmatch
