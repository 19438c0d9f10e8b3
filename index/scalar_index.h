#ifndef GRADMATCH_INDEX_SCALAR_INDEX_H_
#define GRADMATCH_INDEX_SCALAR_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace gradmatch {

// Answers which rows of a column of numbers lie in a range, from bitmaps made
// once: one for each of a few bounds, with the rows whose value is not above
// it. A range is one bitmap without another; where a column has more values
// than bounds, the rows between a bound and the end of the range are cleared
// one by one, at most one in 32 of all. Costs 8 bytes a row then, else one bit
// a row and value.
//
// Immutable; all methods may run concurrently.
class ScalarIndex {
 public:
  // Below this a scan of the column is as fast.
  static constexpr size_t kLeastRows = 4096;

  ScalarIndex() = default;
  // Empty for fewer than kLeastRows.
  explicit ScalarIndex(std::span<const int32_t> values);

  bool empty() const { return bounds_.empty(); }

  // Takes rows out of a row set but for lo <= value <= hi. `values` is the
  // column it was built from. Must not be empty.
  void Narrow(std::span<const int32_t> values, int32_t lo, int32_t hi,
              std::span<uint64_t> words) const;

  size_t MemoryBytes() const;

 private:
  // How many bounds are not above `value`, and of the rows between the last of
  // them and the next one those up to `value` and those above it.
  struct Place {
    size_t bounds = 0;
    std::span<const uint32_t> up_to;
    std::span<const uint32_t> above;
  };
  Place Find(std::span<const int32_t> values, int32_t value) const;
  std::span<const uint64_t> Bitmap(size_t bound) const;

  size_t words_ = 0;
  std::vector<int32_t> bounds_;    // ascending; the last one is the greatest
  std::vector<uint32_t> counts_;   // rows at most that bound
  std::vector<uint64_t> bitmaps_;  // words_ for each bound
  std::vector<uint32_t> order_;    // rows by value; empty if bounds are all
};

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_SCALAR_INDEX_H_
