#include "index/snapshot.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "index/dot_product.h"

namespace gradmatch {
namespace {

std::span<uint64_t> WordsOf(RowSet& set, const SegmentView& view) {
  return set.mutable_words().subspan(view.first_row / RowSet::kWordBits,
                                     view.live->words().size());
}

// The rows of `view` that are in `eligible` and live, counted within it.
RowSet EligibleOf(const SegmentView& view, const RowSet& eligible) {
  RowSet local = *view.live;
  const auto words = eligible.words().subspan(
      view.first_row / RowSet::kWordBits, local.words().size());
  for (size_t w = 0; w < words.size(); ++w) {
    local.mutable_words()[w] &= words[w];
  }
  return local;
}

std::vector<const SegmentView*> LargestFirst(
    std::span<const SegmentView> segments) {
  std::vector<const SegmentView*> order;
  for (const SegmentView& view : segments) order.push_back(&view);
  std::stable_sort(order.begin(), order.end(),
                   [](const SegmentView* a, const SegmentView* b) {
                     return a->segment->rows() > b->segment->rows();
                   });
  return order;
}

// Of the k most similar the least; moves the others behind them.
float KthSimilarity(std::vector<Neighbor>& all, size_t k) {
  std::nth_element(all.begin(), all.begin() + (k - 1), all.end(),
                   [](const Neighbor& a, const Neighbor& b) {
                     return a.similarity > b.similarity;
                   });
  return all[k - 1].similarity;
}

}  // namespace

Snapshot::Snapshot(uint64_t generation, const IndexShape& shape,
                   std::vector<SegmentView> segments)
    : generation_(generation),
      encoder_id_(shape.encoder_id),
      dimension_(shape.dimension),
      segments_(std::move(segments)) {
  size_t words = 0;
  for (SegmentView& view : segments_) {
    view.first_row = static_cast<uint32_t>(words * RowSet::kWordBits);
    words += view.live->words().size();
  }
  live_ = RowSet(words * RowSet::kWordBits);
  for (const SegmentView& view : segments_) {
    std::ranges::copy(view.live->words(), WordsOf(live_, view).begin());
  }
  live_rows_ = live_.Count();
}

const SegmentView& Snapshot::Locate(RowId row, RowId& local) const {
  const auto after = std::upper_bound(
      segments_.begin(), segments_.end(), Index(row),
      [](uint32_t r, const SegmentView& view) { return r < view.first_row; });
  const SegmentView& view = *std::prev(after);
  local = static_cast<RowId>(Index(row) - view.first_row);
  return view;
}

std::string_view Snapshot::Id(RowId row) const {
  RowId local;
  const SegmentView& view = Locate(row, local);
  return view.segment->Id(local);
}

std::optional<RowId> Snapshot::Find(std::string_view id) const {
  for (const SegmentView& view : segments_) {
    const std::optional<RowId> local = view.segment->Find(id);
    if (local.has_value() && view.live->Test(*local)) {
      return static_cast<RowId>(view.first_row + Index(*local));
    }
  }
  return std::nullopt;
}

RowSet Snapshot::ScalarInRange(size_t column, int32_t lo, int32_t hi) const {
  RowSet result(rows());
  for (const SegmentView& view : segments_) {
    view.segment->attributes().ScalarInRange(column, lo, hi,
                                             WordsOf(result, view));
  }
  return result;
}

RowSet Snapshot::SetContainsAny(size_t column,
                                std::span<const uint64_t> values) const {
  RowSet result(rows());
  for (const SegmentView& view : segments_) {
    view.segment->attributes().SetContainsAny(column, values,
                                              WordsOf(result, view));
  }
  return result;
}

void Snapshot::NarrowToRange(size_t column, int32_t lo, int32_t hi,
                             RowSet& rows) const {
  for (const SegmentView& view : segments_) {
    view.segment->attributes().NarrowToRange(column, lo, hi,
                                             WordsOf(rows, view));
  }
}

void Snapshot::AddContainsAny(size_t column, std::span<const uint64_t> values,
                              RowSet& rows) const {
  for (const SegmentView& view : segments_) {
    view.segment->attributes().AddContainsAny(column, values,
                                              WordsOf(rows, view));
  }
}

int32_t Snapshot::Scalar(size_t column, RowId row) const {
  RowId local;
  const SegmentView& view = Locate(row, local);
  return view.segment->attributes().Scalar(column, local);
}

std::span<const uint64_t> Snapshot::SetValues(size_t column, RowId row) const {
  RowId local;
  const SegmentView& view = Locate(row, local);
  return view.segment->attributes().SetValues(column, local);
}

std::vector<uint64_t> Snapshot::DistinctSetValues(size_t column) const {
  std::vector<uint64_t> all;
  for (const SegmentView& view : segments_) {
    const auto values = view.segment->attributes().DistinctSetValues(column);
    all.insert(all.end(), values.begin(), values.end());
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

std::span<const float> Snapshot::Vector(RowId row) const {
  RowId local;
  const SegmentView& view = Locate(row, local);
  return view.segment->Vector(local);
}

absl::StatusOr<std::vector<Neighbor>> Snapshot::Search(
    std::span<const float> query, size_t k, const RowSet& eligible,
    SearchPlan plan) const {
  const absl::Status valid = ValidateQuery(query, dimension_);
  if (!valid.ok()) return valid;
  if (eligible.rows() != rows()) {
    return absl::InvalidArgumentError(
        absl::StrCat("eligible is over ", eligible.rows(),
                     " rows; the snapshot has ", rows()));
  }
  std::vector<Neighbor> all;
  // The k-th best so far: what is less similar cannot be among the best. The
  // largest segment, first, gives it; small ones hardly ever pass it.
  float at_least = -std::numeric_limits<float>::infinity();
  for (const SegmentView* view : LargestFirst(segments_)) {
    const RowSet local = EligibleOf(*view, eligible);
    if (!local.Any()) continue;
    auto found = view->segment->index(plan).Search(query, k, local, at_least);
    if (!found.ok()) return found.status();
    for (const Neighbor& n : *found) {
      all.push_back(
          {static_cast<RowId>(view->first_row + Index(n.row)), n.similarity});
    }
    if (all.size() >= k && k > 0) at_least = KthSimilarity(all, k);
  }
  // Within a segment a tie by row is a tie by id; across segments ids decide.
  const auto before = [this](const Neighbor& a, const Neighbor& b) {
    if (a.similarity != b.similarity) return a.similarity > b.similarity;
    return Id(a.row) < Id(b.row);
  };
  const size_t size = std::min(k, all.size());
  std::partial_sort(all.begin(), all.begin() + size, all.end(), before);
  all.resize(size);
  return all;
}

absl::StatusOr<std::vector<float>> Snapshot::Similarities(
    std::span<const float> query, std::span<const RowId> rows) const {
  const absl::Status valid = ValidateQuery(query, dimension_);
  if (!valid.ok()) return valid;
  std::vector<float> similarities;
  similarities.reserve(rows.size());
  for (RowId row : rows) {
    similarities.push_back(
        DotProduct(query.data(), Vector(row).data(), dimension_));
  }
  return similarities;
}

size_t Snapshot::MemoryBytes() const {
  size_t bytes = sizeof *this + live_.words().size_bytes();
  for (const SegmentView& view : segments_) {
    bytes += view.segment->MemoryBytes() + view.live->words().size_bytes();
  }
  return bytes;
}

}  // namespace gradmatch
