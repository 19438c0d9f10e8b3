#include "index/row_set.h"

#include <random>
#include <set>
#include <vector>

#include "gtest/gtest.h"

namespace gradmatch {
namespace {

constexpr size_t kSizes[] = {0, 1, 2, 63, 64, 65, 127, 128, 129, 1000};

RowSet FromModel(size_t rows, const std::set<uint32_t>& model) {
  RowSet set(rows);
  for (uint32_t row : model) set.Set(static_cast<RowId>(row));
  return set;
}

std::set<uint32_t> RandomModel(size_t rows, std::mt19937& rng) {
  std::set<uint32_t> model;
  std::bernoulli_distribution in(0.3);
  for (uint32_t row = 0; row < rows; ++row) {
    if (in(rng)) model.insert(row);
  }
  return model;
}

std::set<uint32_t> ToModel(const RowSet& set) {
  std::set<uint32_t> model;
  for (uint32_t row = 0; row < set.rows(); ++row) {
    if (set.Test(static_cast<RowId>(row))) model.insert(row);
  }
  return model;
}

bool TailIsZero(const RowSet& set) {
  RowSet cleared = set;
  cleared.ClearTail();
  return cleared == set;
}

TEST(RowSetTest, AlgebraAgreesWithSets) {
  for (uint32_t seed : {1u, 2u, 3u}) {
    std::mt19937 rng(seed);
    for (size_t rows : kSizes) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << " rows " << rows);
      const auto a = RandomModel(rows, rng);
      const auto b = RandomModel(rows, rng);
      std::set<uint32_t> both, either = a, only_a = a;
      for (uint32_t row : b) {
        if (a.contains(row)) both.insert(row);
        either.insert(row);
        only_a.erase(row);
      }
      const RowSet set_a = FromModel(rows, a), set_b = FromModel(rows, b);
      RowSet got = set_a;
      got.And(set_b);
      EXPECT_EQ(ToModel(got), both);
      EXPECT_EQ(CountBoth(set_a, set_b), both.size());
      got = set_a;
      got.Or(set_b);
      EXPECT_EQ(ToModel(got), either);
      EXPECT_EQ(got.Count(), either.size());
      EXPECT_EQ(got.Any(), !either.empty());
      got = set_a;
      got.AndNot(set_b);
      EXPECT_EQ(ToModel(got), only_a);
      EXPECT_TRUE(TailIsZero(got));
    }
  }
}

TEST(RowSetTest, BothWaysOfWalkingGiveTheSetRowsAscending) {
  std::mt19937 rng(7);
  for (size_t rows : kSizes) {
    const auto model = RandomModel(rows, rng);
    const RowSet set = FromModel(rows, model);
    std::vector<uint32_t> called, iterated;
    set.ForEach([&](RowId row) { called.push_back(Index(row)); });
    for (RowId row : set) iterated.push_back(Index(row));
    const std::vector<uint32_t> want(model.begin(), model.end());
    EXPECT_EQ(called, want) << rows;
    EXPECT_EQ(iterated, want) << rows;
  }
}

TEST(RowSetTest, FillRangeSetsJustTheRange) {
  for (size_t rows : {1, 64, 65, 200}) {
    for (size_t begin = 0; begin <= rows; begin += 7) {
      for (size_t end = begin; end <= rows; ++end) {
        RowSet set(rows);
        set.FillRange(begin, end);
        ASSERT_EQ(set.Count(), end - begin) << begin << " " << end;
        if (begin < end) {
          ASSERT_TRUE(set.Test(static_cast<RowId>(begin)));
          ASSERT_TRUE(set.Test(static_cast<RowId>(end - 1)));
        }
        ASSERT_TRUE(TailIsZero(set));
      }
    }
  }
}

TEST(RowSetTest, AllHasEveryRowAndAZeroTail) {
  for (size_t rows : kSizes) {
    const RowSet all = RowSet::All(rows);
    EXPECT_EQ(all.Count(), rows);
    EXPECT_TRUE(TailIsZero(all));
    EXPECT_EQ(all.words().size(), (rows + 63) / 64);
  }
}

TEST(RowSetTest, ClearTakesOneRowOut) {
  RowSet set = RowSet::All(65);
  set.Clear(static_cast<RowId>(64));
  EXPECT_FALSE(set.Test(static_cast<RowId>(64)));
  EXPECT_EQ(set.Count(), 64u);
}

TEST(RowSetTest, ClearTailRepairsWordsWrittenWhole) {
  RowSet set(70);
  for (uint64_t& word : set.mutable_words()) word = ~uint64_t{0};
  set.ClearTail();
  EXPECT_EQ(set, RowSet::All(70));
}

}  // namespace
}  // namespace gradmatch
