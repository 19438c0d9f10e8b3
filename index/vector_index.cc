#include "index/vector_index.h"

#include <cmath>

#include "absl/strings/str_cat.h"

namespace gradmatch {

absl::Status ValidateQuery(std::span<const float> query, size_t dimension) {
  if (query.size() != dimension) {
    return absl::InvalidArgumentError(absl::StrCat(
        "query has ", query.size(), " numbers; the index has ", dimension));
  }
  for (float v : query) {
    if (!std::isfinite(v)) {
      return absl::InvalidArgumentError(
          "query has a number that is not finite");
    }
  }
  return absl::OkStatus();
}

absl::Status ValidateSearch(const VectorIndex& index,
                            std::span<const float> query,
                            const RowSet& eligible) {
  if (eligible.rows() != index.rows()) {
    return absl::InvalidArgumentError(
        absl::StrCat("eligible is over ", eligible.rows(),
                     " rows; the index has ", index.rows()));
  }
  return ValidateQuery(query, index.dimension());
}

}  // namespace gradmatch
