#include "index/scalar_index.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "index/row_set.h"

namespace gradmatch {
namespace {

constexpr size_t kBounds = 32;
constexpr size_t kWordBits = RowSet::kWordBits;

// The distinct values, if there are few.
std::vector<int32_t> FewValues(std::span<const int32_t> values) {
  std::vector<int32_t> few;
  for (int32_t value : values) {
    const auto at = std::lower_bound(few.begin(), few.end(), value);
    if (at != few.end() && *at == value) continue;
    if (few.size() == kBounds) return {};
    few.insert(at, value);
  }
  return few;
}

}  // namespace

ScalarIndex::ScalarIndex(std::span<const int32_t> values)
    : words_(RowSet::WordCount(values.size())) {
  if (values.size() < kLeastRows) return;
  bounds_ = FewValues(values);
  if (bounds_.empty()) {
    order_.resize(values.size());
    std::iota(order_.begin(), order_.end(), 0u);
    // By row within a value, so that the bits of one are near each other.
    std::stable_sort(order_.begin(), order_.end(), [&](uint32_t a, uint32_t b) {
      return values[a] < values[b];
    });
    for (size_t b = 1; b <= kBounds; ++b) {
      const int32_t bound = values[order_[values.size() * b / kBounds - 1]];
      if (bounds_.empty() || bound > bounds_.back()) bounds_.push_back(bound);
    }
  }
  bitmaps_.resize(words_ * bounds_.size());
  counts_.resize(bounds_.size());
  for (size_t row = 0; row < values.size(); ++row) {
    const size_t bound = static_cast<size_t>(
        std::lower_bound(bounds_.begin(), bounds_.end(), values[row]) -
        bounds_.begin());
    bitmaps_[bound * words_ + row / kWordBits] |= uint64_t{1}
                                                  << (row % kWordBits);
    ++counts_[bound];
  }
  for (size_t b = 1; b < bounds_.size(); ++b) {
    counts_[b] += counts_[b - 1];
    for (size_t w = 0; w < words_; ++w) {
      bitmaps_[b * words_ + w] |= bitmaps_[(b - 1) * words_ + w];
    }
  }
}

std::span<const uint64_t> ScalarIndex::Bitmap(size_t bound) const {
  return std::span(bitmaps_).subspan(bound * words_, words_);
}

ScalarIndex::Place ScalarIndex::Find(std::span<const int32_t> values,
                                     int32_t value) const {
  Place place;
  place.bounds = static_cast<size_t>(
      std::upper_bound(bounds_.begin(), bounds_.end(), value) -
      bounds_.begin());
  if (order_.empty() || place.bounds == bounds_.size()) return place;
  const auto begin =
      order_.begin() + (place.bounds == 0 ? 0 : counts_[place.bounds - 1]);
  const auto end = order_.begin() + counts_[place.bounds];
  const auto middle = std::upper_bound(
      begin, end, value,
      [&](int32_t v, uint32_t row) { return v < values[row]; });
  place.up_to = {begin, middle};
  place.above = {middle, end};
  return place;
}

void ScalarIndex::Narrow(std::span<const int32_t> values, int32_t lo,
                         int32_t hi, std::span<uint64_t> words) const {
  const auto clear = [&](std::span<const uint32_t> rows) {
    for (uint32_t row : rows) {
      words[row / kWordBits] &= ~(uint64_t{1} << (row % kWordBits));
    }
  };
  if (lo > hi || lo > bounds_.back()) {
    std::fill(words.begin(), words.end(), 0);
    return;
  }
  if (hi < bounds_.back()) {
    const Place high = Find(values, hi);
    // The next bound's rows without those above `hi`, where values are many.
    const bool few = order_.empty();
    if (few && high.bounds == 0) {
      std::fill(words.begin(), words.end(), 0);
      return;
    }
    const auto most = Bitmap(few ? high.bounds - 1 : high.bounds);
    for (size_t w = 0; w < words.size(); ++w) words[w] &= most[w];
    clear(high.above);
  }
  if (lo == std::numeric_limits<int32_t>::min()) return;
  const Place low = Find(values, lo - 1);
  if (low.bounds > 0) {
    const auto below = Bitmap(low.bounds - 1);
    for (size_t w = 0; w < words.size(); ++w) words[w] &= ~below[w];
  }
  clear(low.up_to);
}

size_t ScalarIndex::MemoryBytes() const {
  return bounds_.capacity() * sizeof(int32_t) +
         counts_.capacity() * sizeof(uint32_t) +
         bitmaps_.capacity() * sizeof(uint64_t) +
         order_.capacity() * sizeof(uint32_t);
}

}  // namespace gradmatch
