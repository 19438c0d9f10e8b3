#include "index/attributes.h"

#include <algorithm>
#include <limits>
#include <random>
#include <set>
#include <string>

#include "gtest/gtest.h"

namespace gradmatch {
namespace {

const ColumnSchema kSchema{{"a", "b"}, {"common", "rare"}};

constexpr int32_t kMin = std::numeric_limits<int32_t>::min();
constexpr int32_t kMax = std::numeric_limits<int32_t>::max();

// "common" has few values on many rows (bitmaps), "rare" many values on few.
AttributeRow RandomRow(std::mt19937& rng) {
  AttributeRow row;
  const int32_t edges[] = {kMin, -1, 0, 1, kMax};
  row.scalars = {static_cast<int32_t>(rng() % 20) - 10, edges[rng() % 5]};
  row.sets.resize(2);
  for (uint32_t n = rng() % 4; n > 0; --n) row.sets[0].push_back(rng() % 5);
  for (uint32_t n = rng() % 6; n > 0; --n) {
    row.sets[1].push_back((uint64_t{rng() % 300} << 40) + 7);
  }
  return row;
}

std::vector<AttributeRow> RandomRows(size_t count, std::mt19937& rng) {
  std::vector<AttributeRow> rows;
  for (size_t i = 0; i < count; ++i) rows.push_back(RandomRow(rng));
  return rows;
}

Attributes BuildFrom(const std::vector<AttributeRow>& rows) {
  Attributes::Builder builder(kSchema);
  builder.Reserve(rows.size());
  for (const AttributeRow& row : rows) builder.Add(row);
  return std::move(builder).Build();
}

template <typename F>
RowSet Oracle(const std::vector<AttributeRow>& rows, F matches) {
  RowSet set(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    if (matches(rows[i])) set.Set(static_cast<RowId>(i));
  }
  return set;
}

// Filled with ones before, so that a word left alone is seen.
RowSet Ones(size_t rows) {
  RowSet set(rows);
  for (uint64_t& word : set.mutable_words()) word = ~uint64_t{0};
  return set;
}

void ExpectAgrees(const Attributes& built,
                  const std::vector<AttributeRow>& rows, std::mt19937& rng) {
  const std::pair<int32_t, int32_t> ranges[] = {
      {-3, 4}, {0, 0}, {kMin, kMax}, {kMin, -1}, {1, kMax}, {5, 4}, {50, 60}};
  for (size_t column : {0, 1}) {
    for (const auto& [lo, hi] : ranges) {
      RowSet got = Ones(rows.size());
      built.ScalarInRange(column, lo, hi, got.mutable_words());
      EXPECT_EQ(got, Oracle(rows,
                            [&, lo = lo, hi = hi](const auto& row) {
                              return lo <= row.scalars[column] &&
                                     row.scalars[column] <= hi;
                            }))
          << "scalar " << column << " in " << lo << ".." << hi;
    }
    for (int query = 0; query < 10; ++query) {
      const AttributeRow values = RandomRow(rng);
      const std::vector<uint64_t>& any = values.sets[column];
      RowSet got = Ones(rows.size());
      built.SetContainsAny(column, any, got.mutable_words());
      EXPECT_EQ(got, Oracle(rows,
                            [&](const auto& row) {
                              return std::ranges::find_first_of(
                                         row.sets[column], any) !=
                                     row.sets[column].end();
                            }))
          << "set " << column;
    }
  }
}

void ExpectValues(const Attributes& built,
                  const std::vector<AttributeRow>& rows) {
  ASSERT_EQ(built.rows(), rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto row = static_cast<RowId>(i);
    for (size_t column : {0, 1}) {
      ASSERT_EQ(built.Scalar(column, row), rows[i].scalars[column]);
      const std::set<uint64_t> want(rows[i].sets[column].begin(),
                                    rows[i].sets[column].end());
      const auto got = built.SetValues(column, row);
      ASSERT_TRUE(std::ranges::equal(got, want)) << "row " << i;
    }
  }
}

class AttributesTest : public testing::TestWithParam<size_t> {};

TEST_P(AttributesTest, FiltersAndValuesAgreeWithASlowOracle) {
  for (uint32_t seed : {1u, 2u, 3u}) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 rng(seed);
    const std::vector<AttributeRow> rows = RandomRows(GetParam(), rng);
    const Attributes built = BuildFrom(rows);
    ExpectValues(built, rows);
    ExpectAgrees(built, rows, rng);
  }
}

TEST_P(AttributesTest, RowsTakenFromOtherColumnsAreTheSame) {
  std::mt19937 rng(11);
  const std::vector<AttributeRow> rows = RandomRows(GetParam(), rng);
  const Attributes first = BuildFrom(rows);
  Attributes::Builder builder(kSchema);
  std::vector<AttributeRow> reversed;
  for (size_t i = rows.size(); i-- > 0;) {
    builder.AddFrom(first, static_cast<RowId>(i));
    reversed.push_back(rows[i]);
  }
  const Attributes second = std::move(builder).Build();
  ExpectValues(second, reversed);
  ExpectAgrees(second, reversed, rng);
}

INSTANTIATE_TEST_SUITE_P(Sizes, AttributesTest,
                         testing::Values(0, 1, 63, 64, 65, 1000));

TEST(AttributesTest, EqualSetsAreKeptOnce) {
  const AttributeRow row{{1, 2}, {{9, 8, 7, 8}, {}}};
  const Attributes one = BuildFrom({row});
  const Attributes many = BuildFrom(std::vector<AttributeRow>(6'400, row));
  EXPECT_EQ(many.SetValues(0, RowId{0}).data(),
            many.SetValues(0, RowId{6'399}).data());
  // Two scalars, two list numbers a row, and a bit a value.
  EXPECT_LT(many.MemoryBytes() - one.MemoryBytes(), 6'400u * 18);
}

TEST(AttributesTest, RowsOfAnotherShapeAreRefused) {
  EXPECT_TRUE(ValidateAttributes({{1, 2}, {{}, {}}}, kSchema).ok());
  for (const AttributeRow& row : {AttributeRow{{1}, {{}, {}}},
                                  AttributeRow{{1, 2}, {{}}}, AttributeRow{}}) {
    EXPECT_EQ(ValidateAttributes(row, kSchema).code(),
              absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace gradmatch
