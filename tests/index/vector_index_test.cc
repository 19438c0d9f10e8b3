#include "index/vector_index.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>

#include "gtest/gtest.h"
#include "index/coded_scan.h"
#include "index/dot_product.h"
#include "index/exact_scan.h"
#include "index/faiss_flat_index.h"
#include "tests/index/catalog_fixture.h"

namespace gradmatch {
namespace {

struct Indexes {
  std::unique_ptr<FaissFlatIndex> flat;
  std::unique_ptr<ExactScan> scan;
  std::unique_ptr<CodedScan> coded;
};

Indexes Build(const std::vector<Embedding>& rows, size_t dimension) {
  std::vector<float> vectors;
  for (const Embedding& row : rows) {
    vectors.insert(vectors.end(), row.begin(), row.end());
  }
  auto flat = FaissFlatIndex::Build(vectors, dimension);
  EXPECT_TRUE(flat.ok()) << flat.status();
  Indexes indexes{*std::move(flat)};
  indexes.scan =
      std::make_unique<ExactScan>(indexes.flat->vectors(), dimension);
  indexes.coded =
      std::make_unique<CodedScan>(indexes.flat->vectors(), dimension);
  return indexes;
}

std::vector<Neighbor> Oracle(const std::vector<Embedding>& rows,
                             const Embedding& query, size_t k,
                             const RowSet& eligible) {
  std::vector<Neighbor> all;
  for (RowId row : eligible) {
    all.push_back(
        {row, DotProduct(query.data(), rows[Index(row)].data(), query.size())});
  }
  std::sort(all.begin(), all.end(), Before);
  if (all.size() > k) all.resize(k);
  return all;
}

RowSet RandomRows(size_t rows, double share, std::mt19937& rng) {
  RowSet set(rows);
  std::bernoulli_distribution in(share);
  for (uint32_t row = 0; row < rows; ++row) {
    if (in(rng)) set.Set(static_cast<RowId>(row));
  }
  return set;
}

// `copies`: how many rows share one vector, so that ties are common.
void ExpectBothAgree(size_t count, size_t copies, uint32_t seed) {
  std::mt19937 rng(seed);
  std::vector<Embedding> rows;
  for (size_t i = 0; i < count; ++i) {
    rows.push_back(RandomEmbedding(seed * 100'000 + i / copies, 64));
  }
  std::shuffle(rows.begin(), rows.end(), rng);
  const Indexes indexes = Build(rows, 64);
  for (double share : {0.0, 0.01, 0.3, 1.0}) {
    const RowSet eligible = RandomRows(count, share, rng);
    const Embedding query = RandomEmbedding(rng(), 64);
    for (size_t k : {0, 1, 10, 100, 5'000}) {
      SCOPED_TRACE(testing::Message()
                   << "seed " << seed << " rows " << count << " copies "
                   << copies << " share " << share << " k " << k);
      const std::vector<Neighbor> want = Oracle(rows, query, k, eligible);
      const auto scan = indexes.scan->Search(query, k, eligible);
      const auto flat = indexes.flat->Search(query, k, eligible);
      const auto coded = indexes.coded->Search(query, k, eligible);
      ASSERT_TRUE(scan.ok() && coded.ok() && flat.ok());
      EXPECT_EQ(*scan, want);
      EXPECT_EQ(*coded, want);
      EXPECT_EQ(*flat, want);
    }
  }
}

TEST(VectorIndexTest, FaissAndExactScanGiveTheSameRowsInTheSameOrder) {
  for (uint32_t seed : {1u, 2u, 3u}) {
    for (size_t count : {1, 63, 64, 65, 2'000}) {
      ExpectBothAgree(count, 1, seed);
    }
  }
}

TEST(VectorIndexTest, TiesGoToTheLowerRow) {
  for (uint32_t seed : {4u, 5u}) {
    ExpectBothAgree(2'000, 7, seed);      // a tie at most cuts
    ExpectBothAgree(2'000, 400, seed);    // more equal rows than Faiss returns
    ExpectBothAgree(1'000, 1'000, seed);  // all equal
  }
}

// Better rows that come late push equal ones out of Faiss's heap, which has its
// own mind about whom to push out first.
TEST(VectorIndexTest, TiesAtTheCutGoToTheLowerRowThoughBetterRowsFollow) {
  const Embedding query = RandomEmbedding(1, 64);
  Embedding near = RandomEmbedding(2, 64);
  for (size_t i = 0; i < near.size(); ++i) near[i] += query[i];
  Normalize(near);
  const Embedding far = RandomEmbedding(3, 64);
  std::vector<Embedding> rows(300, far);
  rows.insert(rows.end(), 40, near);
  rows.insert(rows.end(), 5, query);
  const Indexes indexes = Build(rows, 64);
  const RowSet all = RowSet::All(rows.size());
  for (size_t k : {3, 5, 10, 30, 45, 60, 120}) {
    const auto flat = indexes.flat->Search(query, k, all);
    ASSERT_TRUE(flat.ok());
    EXPECT_EQ(*flat, Oracle(rows, query, k, all)) << k;
  }
}

TEST(VectorIndexTest, AnEmptyIndexFindsNothing) {
  const Indexes indexes = Build({}, 32);
  for (const VectorIndex* index :
       {static_cast<const VectorIndex*>(indexes.scan.get()),
        static_cast<const VectorIndex*>(indexes.flat.get())}) {
    const auto found = index->Search(RandomEmbedding(1), 10, RowSet(0));
    ASSERT_TRUE(found.ok());
    EXPECT_TRUE(found->empty());
  }
}

TEST(VectorIndexTest, VectorsAreKeptOnceAndAsGiven) {
  const Embedding one = RandomEmbedding(1), two = RandomEmbedding(2);
  const Indexes indexes = Build({one, two}, kTestDimension);
  EXPECT_TRUE(std::ranges::equal(indexes.flat->Vector(RowId{1}), two));
  EXPECT_EQ(indexes.flat->Vector(RowId{1}).data(),
            indexes.scan->Vector(RowId{1}).data());
}

struct BadQuery {
  std::string name;
  Embedding query;
  size_t eligible_rows;
};
class BadQueryTest : public testing::TestWithParam<BadQuery> {};

TEST_P(BadQueryTest, IsInvalid) {
  const Indexes indexes =
      Build({RandomEmbedding(1), RandomEmbedding(2)}, kTestDimension);
  const RowSet eligible = RowSet::All(GetParam().eligible_rows);
  for (const VectorIndex* index :
       {static_cast<const VectorIndex*>(indexes.scan.get()),
        static_cast<const VectorIndex*>(indexes.flat.get())}) {
    EXPECT_EQ(index->Search(GetParam().query, 1, eligible).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Search, BadQueryTest,
    testing::ValuesIn<BadQuery>({{"NaN", Embedding(32, NAN), 2},
                                 {"Infinite", Embedding(32, INFINITY), 2},
                                 {"OtherDimension", Embedding(64, 0.125F), 2},
                                 {"Empty", {}, 2},
                                 {"EligibleTooLarge", RandomEmbedding(3), 3},
                                 {"EligibleTooSmall", RandomEmbedding(3), 1}}),
    [](const auto& info) { return info.param.name; });

TEST(FaissFlatIndexTest, RefusesWhatIsNoRows) {
  const std::vector<float> numbers(33, 0.0F);
  const std::vector<float> broken(32, NAN);
  EXPECT_FALSE(FaissFlatIndex::Build(numbers, 32).ok());
  EXPECT_FALSE(FaissFlatIndex::Build(broken, 32).ok());
  EXPECT_FALSE(FaissFlatIndex::Build({}, 33).ok());
}

}  // namespace
}  // namespace gradmatch
