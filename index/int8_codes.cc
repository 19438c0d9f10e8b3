#include "index/int8_codes.h"

#include <algorithm>
#include <cmath>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace gradmatch {
namespace {

constexpr float kLargestCode = 127;

int32_t DotPortable(const int8_t* a, const int8_t* b, size_t size) {
  int32_t sum = 0;
  for (size_t i = 0; i < size; ++i) sum += int32_t{a[i]} * int32_t{b[i]};
  return sum;
}

#if defined(__x86_64__)

__attribute__((target("avx2"))) inline int32_t Fold(__m256i s) {
  __m128i h =
      _mm_add_epi32(_mm256_castsi256_si128(s), _mm256_extracti128_si256(s, 1));
  h = _mm_add_epi32(h, _mm_shuffle_epi32(h, 0x4E));
  return _mm_cvtsi128_si32(_mm_add_epi32(h, _mm_shuffle_epi32(h, 0xB1)));
}

// Numbers are widened to 16 bits and multiplied in pairs: no step can overflow.
__attribute__((target("avx2"))) int32_t DotAvx2(const int8_t* a,
                                                const int8_t* b, size_t size) {
  __m256i sum = _mm256_setzero_si256();
  size_t i = 0;
  for (; i + 16 <= size; i += 16) {
    const __m256i x = _mm256_cvtepi8_epi16(
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(a + i)));
    const __m256i y = _mm256_cvtepi8_epi16(
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(b + i)));
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(x, y));
  }
  return Fold(sum) + DotPortable(a + i, b + i, size - i);
}

__attribute__((target("avx512f,avx512bw"))) int32_t DotAvx512(const int8_t* a,
                                                              const int8_t* b,
                                                              size_t size) {
  __m512i s0 = _mm512_setzero_si512(), s1 = s0;
  size_t i = 0;
  for (; i + 64 <= size; i += 64) {
    const auto load = [i](const int8_t* p, size_t at)
        __attribute__((target("avx512f,avx512bw"))) {
      return _mm512_cvtepi8_epi16(
          _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + i + at)));
    };
    s0 = _mm512_add_epi32(s0, _mm512_madd_epi16(load(a, 0), load(b, 0)));
    s1 = _mm512_add_epi32(s1, _mm512_madd_epi16(load(a, 32), load(b, 32)));
  }
  // Through memory: GCC 12 warns about its own header's way to the upper half.
  alignas(64) __m256i halves[2];
  _mm512_store_si512(halves, _mm512_add_epi32(s0, s1));
  return Fold(_mm256_add_epi32(halves[0], halves[1])) +
         DotPortable(a + i, b + i, size - i);
}

// The instruction multiplies numbers without a sign by such with one, so 128 is
// added to `a`; what that adds to the sum, 128 times the sum of `b`, is taken
// off again. No lane can overflow up to the 2^16 numbers allowed.
__attribute__((target("avx512f,avx512bw,avx512vnni"))) int32_t DotVnni(
    const int8_t* a, const int8_t* b, size_t size) {
  const __m512i shift = _mm512_set1_epi8(static_cast<char>(0x80));  // 128
  __m512i product = _mm512_setzero_si512(), sum = product;
  size_t i = 0;
  for (; i + 64 <= size; i += 64) {
    const __m512i x = _mm512_loadu_si512(a + i);
    const __m512i y = _mm512_loadu_si512(b + i);
    product = _mm512_dpbusd_epi32(product, _mm512_xor_si512(x, shift), y);
    sum = _mm512_dpbusd_epi32(sum, shift, y);
  }
  alignas(64) __m256i halves[2];
  _mm512_store_si512(halves, _mm512_sub_epi32(product, sum));
  return Fold(_mm256_add_epi32(halves[0], halves[1])) +
         DotPortable(a + i, b + i, size - i);
}

#endif

std::vector<Int8Kernel> SupportedKernels() {
  std::vector<Int8Kernel> kernels;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512vnni") &&
      __builtin_cpu_supports("avx512bw")) {
    kernels.push_back({"avx512vnni", DotVnni});
  }
  if (__builtin_cpu_supports("avx512bw")) {
    kernels.push_back({"avx512", DotAvx512});
  }
  if (__builtin_cpu_supports("avx2")) kernels.push_back({"avx2", DotAvx2});
#endif
  kernels.push_back({"portable", DotPortable});
  return kernels;
}

const std::vector<Int8Kernel>& Kernels() {
  static const auto& kernels = *new std::vector<Int8Kernel>(SupportedKernels());
  return kernels;
}

float Length(std::span<const float> vector) {
  double squares = 0;
  for (float x : vector) squares += double{x} * x;
  return static_cast<float>(std::sqrt(squares));
}

}  // namespace

int32_t DotProductInt8(const int8_t* a, const int8_t* b, size_t size) {
  static const auto function = Kernels().front().function;
  return function(a, b, size);
}

std::span<const Int8Kernel> Int8Kernels() { return Kernels(); }

Int8Code EncodeInt8(std::span<const float> vector) {
  Int8Code code;
  code.code.resize(vector.size());
  float largest = 0;
  for (float x : vector) largest = std::max(largest, std::fabs(x));
  code.scale = largest / kLargestCode;
  double squares = 0;
  for (size_t i = 0; i < vector.size(); ++i) {
    const float rounded =
        code.scale == 0 ? 0 : std::round(vector[i] / code.scale);
    code.code[i] = static_cast<int8_t>(rounded);
    const double difference = double{vector[i]} - double{rounded} * code.scale;
    squares += difference * difference;
  }
  code.error = static_cast<float>(std::sqrt(squares));
  code.length = Length(vector);
  return code;
}

Int8Codes::Int8Codes(std::span<const float> vectors, size_t dimension)
    : dimension_(dimension) {
  codes_.reserve(vectors.size());
  rows_.reserve(vectors.size() / dimension);
  for (size_t at = 0; at < vectors.size(); at += dimension) {
    const Int8Code code = EncodeInt8(vectors.subspan(at, dimension));
    codes_.insert(codes_.end(), code.code.begin(), code.code.end());
    rows_.push_back({code.scale, code.error, code.length});
  }
}

size_t Int8Codes::MemoryBytes() const {
  return codes_.capacity() * sizeof codes_[0] +
         rows_.capacity() * sizeof rows_[0];
}

}  // namespace gradmatch
