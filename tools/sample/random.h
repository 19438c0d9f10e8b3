#ifndef GRADMATCH_TOOLS_SAMPLE_RANDOM_H_
#define GRADMATCH_TOOLS_SAMPLE_RANDOM_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace gradmatch {

// A small generator with the same numbers on every machine and library, which
// std's distributions do not promise. SplitMix64 (Steele, Lea, Flood 2014).
// One stream per record: the record can be made again without those before it.
class SampleRandom {
 public:
  SampleRandom(uint64_t seed, uint64_t stream, uint64_t index)
      : state_(seed * 0x9E3779B97F4A7C15u ^ stream * 0xD1B54A32D192ED03u ^
               (index + 1) * 0x8CB92BA72F3D8DD7u) {
    Next();
  }

  uint64_t Next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  // In [0, n); n > 0.
  uint64_t Below(uint64_t n) { return Next() % n; }
  // In [low, high].
  int64_t Between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(Below(high - low + 1));
  }
  // True `percent` times in a hundred.
  bool Percent(int percent) {
    return Below(100) < static_cast<uint64_t>(percent);
  }
  template <typename T>
  const T& Pick(const std::vector<T>& items) {
    return items[Below(items.size())];
  }

 private:
  uint64_t state_;
};

// Picks an index with probability in proportion to its weight.
class WeightedPick {
 public:
  WeightedPick() = default;
  explicit WeightedPick(std::span<const int64_t> weights) {
    int64_t sum = 0;
    for (int64_t w : weights) sums_.push_back(sum += w);
  }
  bool empty() const { return sums_.empty(); }
  size_t operator()(SampleRandom& random) const;

 private:
  std::vector<int64_t> sums_;
};

// Weights of a long tail: 1000 / rank, so that few are large and many small.
std::vector<int64_t> LongTailWeights(size_t n);

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_SAMPLE_RANDOM_H_
