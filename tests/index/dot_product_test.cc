#include "index/dot_product.h"

#include <cmath>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace gradmatch {
namespace {

double Oracle(const float* a, const float* b, size_t size) {
  double sum = 0;
  for (size_t i = 0; i < size; ++i) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}

TEST(DotProductTest, EveryKernelAgreesWithDoublePrecision) {
  for (uint32_t seed : {1u, 2u, 3u}) {
    std::mt19937 rng(seed);
    std::normal_distribution<float> normal;
    std::vector<float> a(1100), b(1100);
    for (float& v : a) v = normal(rng);
    for (float& v : b) v = normal(rng);
    for (const DotProductKernel& kernel : DotProductKernels()) {
      for (size_t size : {0, 1, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 96,
                          127, 160, 256, 257, 1024}) {
        SCOPED_TRACE(testing::Message() << "seed " << seed << " kernel "
                                        << kernel.name << " size " << size);
        // From the second number on, so that nothing is aligned.
        const float got = kernel.function(a.data() + 1, b.data() + 3, size);
        EXPECT_NEAR(got, Oracle(a.data() + 1, b.data() + 3, size),
                    1e-5 * (1 + size));
      }
    }
  }
}

TEST(DotProductTest, ReadsNothingPastTheEnd) {
  for (const DotProductKernel& kernel : DotProductKernels()) {
    for (size_t size = 0; size < 70; ++size) {
      std::vector<float> a(size, 1.0F), b(size, 2.0F);
      a.resize(size + 32, NAN);
      b.resize(size + 32, NAN);
      EXPECT_EQ(kernel.function(a.data(), b.data(), size), 2.0F * size)
          << kernel.name << " size " << size;
    }
  }
}

TEST(DotProductTest, UsesTheFirstKernelAndEndsWithThePortableOne) {
  const std::vector<float> a(256, 0.125F);
  ASSERT_FALSE(DotProductKernels().empty());
  EXPECT_EQ(DotProductKernels().back().name, "portable");
  EXPECT_EQ(DotProduct(a.data(), a.data(), 256),
            DotProductKernels().front().function(a.data(), a.data(), 256));
}

}  // namespace
}  // namespace gradmatch
