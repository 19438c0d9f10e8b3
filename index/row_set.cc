#include "index/row_set.h"

#include <algorithm>

namespace gradmatch {
namespace {

// The machine's own instruction is ten times as fast as what the compiler makes
// for one that may not have it.
__attribute__((target("popcnt"))) size_t CountWithPopcnt(
    std::span<const uint64_t> words) {
  size_t count = 0;
  for (uint64_t word : words) count += __builtin_popcountll(word);
  return count;
}

size_t CountPortably(std::span<const uint64_t> words) {
  size_t count = 0;
  for (uint64_t word : words) count += std::popcount(word);
  return count;
}

}  // namespace

RowSet RowSet::All(size_t rows) {
  RowSet all(rows);
  all.FillRange(0, rows);
  return all;
}

void RowSet::FillRange(size_t begin, size_t end) {
  if (begin >= end) return;
  const size_t first = begin / kWordBits;
  const size_t last = (end - 1) / kWordBits;
  const uint64_t from = ~uint64_t{0} << (begin % kWordBits);
  const uint64_t to = ~uint64_t{0} >> (kWordBits - 1 - (end - 1) % kWordBits);
  if (first == last) {
    words_[first] |= from & to;
    return;
  }
  words_[first] |= from;
  std::fill(words_.begin() + first + 1, words_.begin() + last, ~uint64_t{0});
  words_[last] |= to;
}

void RowSet::And(const RowSet& other) {
  for (size_t w = 0; w < words_.size(); ++w) words_[w] &= other.words_[w];
}

void RowSet::Or(const RowSet& other) {
  for (size_t w = 0; w < words_.size(); ++w) words_[w] |= other.words_[w];
}

void RowSet::AndNot(const RowSet& other) {
  for (size_t w = 0; w < words_.size(); ++w) words_[w] &= ~other.words_[w];
}

size_t RowSet::Count() const {
  static const bool fast = __builtin_cpu_supports("popcnt") != 0;
  return fast ? CountWithPopcnt(words_) : CountPortably(words_);
}

bool RowSet::Any() const {
  return std::any_of(words_.begin(), words_.end(),
                     [](uint64_t word) { return word != 0; });
}

void RowSet::ClearTail() {
  if (rows_ % kWordBits == 0) return;
  words_.back() &= ~uint64_t{0} >> (kWordBits - rows_ % kWordBits);
}

size_t CountBoth(const RowSet& a, const RowSet& b) {
  size_t count = 0;
  for (size_t w = 0; w < a.words().size(); ++w) {
    count += std::popcount(a.words()[w] & b.words()[w]);
  }
  return count;
}

}  // namespace gradmatch
