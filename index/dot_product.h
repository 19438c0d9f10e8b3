#ifndef GRADMATCH_INDEX_DOT_PRODUCT_H_
#define GRADMATCH_INDEX_DOT_PRODUCT_H_

#include <cstddef>
#include <span>
#include <string_view>

namespace gradmatch {

// Inner product of two float vectors of `size` numbers, any size, no alignment
// needed. The kernel is chosen once, by what the processor can do, so equal
// inputs give equal bits for the life of the process; another processor may
// round the last bits differently.
float DotProduct(const float* a, const float* b, size_t size);

// One kernel, for tests and measurements.
struct DotProductKernel {
  std::string_view name;
  float (*function)(const float* a, const float* b, size_t size);
};
// Those this processor can run, the one DotProduct uses first, portable last.
std::span<const DotProductKernel> DotProductKernels();

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_DOT_PRODUCT_H_
