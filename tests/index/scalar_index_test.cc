#include "index/scalar_index.h"

#include <limits>
#include <random>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "index/row_set.h"

namespace gradmatch {
namespace {

constexpr int32_t kLeast = std::numeric_limits<int32_t>::min();
constexpr int32_t kMost = std::numeric_limits<int32_t>::max();

std::vector<int32_t> Column(std::mt19937& rng, size_t rows, int32_t distinct) {
  std::vector<int32_t> values;
  for (size_t i = 0; i < rows; ++i) {
    values.push_back(static_cast<int32_t>(rng() % distinct) * 3 - 20);
  }
  values[rng() % rows] = kMost;
  return values;
}

TEST(ScalarIndexTest, SmallColumnsHaveNone) {
  EXPECT_TRUE(
      ScalarIndex(std::vector<int32_t>(ScalarIndex::kLeastRows - 1)).empty());
  EXPECT_FALSE(
      ScalarIndex(std::vector<int32_t>(ScalarIndex::kLeastRows)).empty());
}

// Few values (each a bound), many, and nearly all the same.
TEST(ScalarIndexTest, NarrowsAsAScanDoes) {
  for (uint32_t seed : {1u, 2u, 3u}) {
    for (int32_t distinct : {1, 2, 31, 40, 5'000, 1'000'000}) {
      SCOPED_TRACE(absl::StrCat("seed=", seed, " distinct=", distinct));
      std::mt19937 rng(seed);
      const size_t rows = ScalarIndex::kLeastRows + rng() % 200;
      const std::vector<int32_t> values = Column(rng, rows, distinct);
      const ScalarIndex index(values);
      for (int i = 0; i < 60; ++i) {
        int32_t lo = values[rng() % rows] + static_cast<int32_t>(rng() % 3) - 1;
        int32_t hi = values[rng() % rows];
        if (i % 10 == 0) lo = kLeast;
        if (i % 10 == 1) hi = kMost;
        if (i % 10 == 2) lo = hi;
        RowSet narrowed = RowSet::All(rows);
        index.Narrow(values, lo, hi, narrowed.mutable_words());
        for (size_t r = 0; r < rows; ++r) {
          ASSERT_EQ(narrowed.Test(static_cast<RowId>(r)),
                    lo <= values[r] && values[r] <= hi)
              << r << ": " << values[r] << " in " << lo << ".." << hi;
        }
      }
    }
  }
}

TEST(ScalarIndexTest, PutsNoRowIn) {
  std::vector<int32_t> values(ScalarIndex::kLeastRows, 7);
  RowSet rows(values.size());
  rows.Set(static_cast<RowId>(5));
  ScalarIndex(values).Narrow(values, 7, 7, rows.mutable_words());
  EXPECT_EQ(rows.Count(), 1u);
}

}  // namespace
}  // namespace gradmatch
