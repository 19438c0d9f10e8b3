#include "index/int8_codes.h"

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/index/catalog_fixture.h"

namespace gradmatch {
namespace {

TEST(Int8KernelTest, EveryKernelGivesTheSameIntegerAtEverySize) {
  for (uint32_t seed : {1u, 2u}) {
    std::mt19937 rng(seed);
    for (size_t size : {0, 1, 15, 16, 17, 63, 64, 65, 128, 255, 256, 1024}) {
      std::vector<int8_t> a(size), b(size);
      int64_t want = 0;
      for (size_t i = 0; i < size; ++i) {
        a[i] = static_cast<int8_t>(static_cast<int>(rng() % 255) - 127);
        b[i] = static_cast<int8_t>(static_cast<int>(rng() % 255) - 127);
        want += int64_t{a[i]} * b[i];
      }
      for (const Int8Kernel& kernel : Int8Kernels()) {
        EXPECT_EQ(kernel.function(a.data(), b.data(), size), want)
            << kernel.name << " size " << size << " seed " << seed;
      }
    }
  }
}

TEST(Int8KernelTest, TheLargestNumbersDoNotOverflow) {
  for (int sign : {1, -1}) {
    const std::vector<int8_t> a(65'536, 127);
    const std::vector<int8_t> b(65'536, static_cast<int8_t>(127 * sign));
    for (const Int8Kernel& kernel : Int8Kernels()) {
      EXPECT_EQ(kernel.function(a.data(), b.data(), a.size()),
                sign * 65'536 * 127 * 127)
          << kernel.name;
    }
  }
}

double Exact(const Embedding& a, const Embedding& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += double{a[i]} * b[i];
  return sum;
}

// The whole claim: whatever the vectors, the product lies within the bounds.
TEST(Int8CodesTest, TheProductLiesWithinTheBounds) {
  double widest = 0;
  for (uint32_t seed = 1; seed <= 50; ++seed) {
    std::vector<Embedding> rows = {RandomEmbedding(seed, 256),
                                   Embedding(256, 0.0f), Embedding(256, 0.0f)};
    rows[1][seed] = 1;  // one number has it all: the coarsest code
    rows.push_back(rows[0]);
    rows.back()[0] += 1;  // one number far larger than the others
    Normalize(rows.back());
    std::vector<float> flat;
    for (const Embedding& row : rows) {
      flat.insert(flat.end(), row.begin(), row.end());
    }
    const Int8Codes codes(flat, 256);
    for (const Embedding& query : {RandomEmbedding(seed + 1000, 256), rows[0],
                                   rows[1], rows[2], rows[3]}) {
      const Int8Code code = EncodeInt8(query);
      for (size_t row = 0; row < rows.size(); ++row) {
        const Int8Codes::Bounds bounds = codes.BoundsOf(row, code);
        const double product = Exact(rows[row], query);
        EXPECT_LE(bounds.low, product) << "seed " << seed << " row " << row;
        EXPECT_GE(bounds.high, product) << "seed " << seed << " row " << row;
        widest = std::max(widest, double{bounds.high} - bounds.low);
      }
    }
  }
  // Bounds that are always true because they are wide would help nobody.
  EXPECT_LT(widest, 0.25);
}

TEST(Int8CodesTest, RandomUnitVectorsHaveNarrowBounds) {
  const Embedding row = RandomEmbedding(1, 256);
  const Int8Codes codes(row, 256);
  const Int8Codes::Bounds bounds =
      codes.BoundsOf(0, EncodeInt8(RandomEmbedding(2, 256)));
  EXPECT_LT(bounds.high - bounds.low, 0.06);
}

}  // namespace
}  // namespace gradmatch
