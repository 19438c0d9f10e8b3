#include "index/dot_product.h"

#include <cstdint>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace gradmatch {
namespace {

// Sixteen running sums let any compiler vectorise this without being allowed
// to reorder additions.
float DotPortable(const float* a, const float* b, size_t size) {
  constexpr size_t kLanes = 16;
  float sums[kLanes] = {};
  size_t i = 0;
  for (; i + kLanes <= size; i += kLanes) {
    for (size_t j = 0; j < kLanes; ++j) sums[j] += a[i + j] * b[i + j];
  }
  for (size_t j = 0; i < size; ++i, ++j) sums[j] += a[i] * b[i];
  for (size_t width = kLanes / 2; width > 0; width /= 2) {
    for (size_t j = 0; j < width; ++j) sums[j] += sums[j + width];
  }
  return sums[0];
}

#if defined(__x86_64__)

__attribute__((target("avx2,fma"))) inline float Fold(__m256 s) {
  __m128 h = _mm_add_ps(_mm256_castps256_ps128(s), _mm256_extractf128_ps(s, 1));
  h = _mm_add_ps(h, _mm_movehl_ps(h, h));
  return _mm_cvtss_f32(_mm_add_ss(h, _mm_shuffle_ps(h, h, 1)));
}

// Four independent chains hide the latency of a fused multiply-add.
__attribute__((target("avx2,fma"))) float DotAvx2(const float* a,
                                                  const float* b, size_t size) {
  __m256 s0 = _mm256_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
  size_t i = 0;
  for (; i + 32 <= size; i += 32) {
    s0 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), s0);
    s1 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 8), _mm256_loadu_ps(b + i + 8),
                         s1);
    s2 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 16),
                         _mm256_loadu_ps(b + i + 16), s2);
    s3 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 24),
                         _mm256_loadu_ps(b + i + 24), s3);
  }
  float sum = Fold(_mm256_add_ps(_mm256_add_ps(s0, s1), _mm256_add_ps(s2, s3)));
  for (; i < size; ++i) sum += a[i] * b[i];
  return sum;
}

__attribute__((target("avx512f,avx2,fma"))) float DotAvx512(const float* a,
                                                            const float* b,
                                                            size_t size) {
  __m512 s0 = _mm512_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
  size_t i = 0;
  for (; i + 64 <= size; i += 64) {
    s0 = _mm512_fmadd_ps(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i), s0);
    s1 = _mm512_fmadd_ps(_mm512_loadu_ps(a + i + 16),
                         _mm512_loadu_ps(b + i + 16), s1);
    s2 = _mm512_fmadd_ps(_mm512_loadu_ps(a + i + 32),
                         _mm512_loadu_ps(b + i + 32), s2);
    s3 = _mm512_fmadd_ps(_mm512_loadu_ps(a + i + 48),
                         _mm512_loadu_ps(b + i + 48), s3);
  }
  for (; i < size; i += 16) {
    const size_t left = size - i;
    const __mmask16 mask = left >= 16
                               ? __mmask16{0xFFFF}
                               : static_cast<__mmask16>((1u << left) - 1);
    s0 = _mm512_fmadd_ps(_mm512_maskz_loadu_ps(mask, a + i),
                         _mm512_maskz_loadu_ps(mask, b + i), s0);
  }
  // Through memory: GCC 12 warns about its own header's way to the upper half.
  alignas(64) float lanes[16];
  _mm512_store_ps(lanes,
                  _mm512_add_ps(_mm512_add_ps(s0, s1), _mm512_add_ps(s2, s3)));
  return Fold(_mm256_add_ps(_mm256_load_ps(lanes), _mm256_load_ps(lanes + 8)));
}

#endif

std::vector<DotProductKernel> SupportedKernels() {
  std::vector<DotProductKernel> kernels;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) {
    kernels.push_back({"avx512", DotAvx512});
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    kernels.push_back({"avx2", DotAvx2});
  }
#endif
  kernels.push_back({"portable", DotPortable});
  return kernels;
}

const std::vector<DotProductKernel>& Kernels() {
  static const auto& kernels =
      *new std::vector<DotProductKernel>(SupportedKernels());
  return kernels;
}

}  // namespace

float DotProduct(const float* a, const float* b, size_t size) {
  static const auto function = Kernels().front().function;
  return function(a, b, size);
}

std::span<const DotProductKernel> DotProductKernels() { return Kernels(); }

}  // namespace gradmatch
