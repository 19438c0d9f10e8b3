#ifndef GRADMATCH_INDEX_INT8_CODES_H_
#define GRADMATCH_INDEX_INT8_CODES_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace gradmatch {

// Inner product of two int8 vectors as an exact integer, so that every kernel
// gives the same. `size` is at most 2^16.
int32_t DotProductInt8(const int8_t* a, const int8_t* b, size_t size);

// One kernel, for tests and measurements.
struct Int8Kernel {
  std::string_view name;
  int32_t (*function)(const int8_t* a, const int8_t* b, size_t size);
};
// Those this processor can run, the one DotProductInt8 uses first, portable
// last.
std::span<const Int8Kernel> Int8Kernels();

// A vector rounded to int8: number i is about code[i] * scale. `error` is the
// length of the difference between the vector and its code (not an estimate: it
// is measured when the code is made), `length` that of the vector.
struct Int8Code {
  std::vector<int8_t> code;
  float scale = 0;
  float error = 0;
  float length = 0;
};
Int8Code EncodeInt8(std::span<const float> vector);

// The codes of many vectors of one dimension, a quarter of their size.
// Immutable after construction.
class Int8Codes {
 public:
  // vectors.size() is a multiple of `dimension`.
  Int8Codes(std::span<const float> vectors, size_t dimension);

  // What the inner product of row and query can be at least and at most:
  // x.y differs from the product of the codes by no more than
  // |x| error(y) + error(x) (|y| + error(y)).
  struct Bounds {
    float low;
    float high;
  };
  Bounds BoundsOf(size_t row, const Int8Code& query) const {
    const float product =
        rows_[row].scale * query.scale *
        static_cast<float>(DotProductInt8(codes_.data() + row * dimension_,
                                          query.code.data(), dimension_));
    const float slack = rows_[row].length * query.error +
                        rows_[row].error * (query.length + query.error) +
                        kRounding;
    return {product - slack, product + slack};
  }
  // Brings the code of a row nearer that is looked at soon: rows that pass a
  // filter lie too far apart for the processor to see them coming.
  void Prefetch(size_t row) const {
    constexpr size_t kCacheLine = 64;
    const int8_t* code = codes_.data() + row * dimension_;
    for (size_t i = 0; i < dimension_; i += kCacheLine) {
      __builtin_prefetch(code + i);
    }
    __builtin_prefetch(rows_.data() + row);
  }
  size_t MemoryBytes() const;

 private:
  // What adding up floats may lose of an inner product of unit vectors.
  static constexpr float kRounding = 1e-5f;

  struct Row {
    float scale;
    float error;
    float length;
  };
  size_t dimension_;
  std::vector<int8_t> codes_;
  std::vector<Row> rows_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_INT8_CODES_H_
