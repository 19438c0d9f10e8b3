#include "index/snapshot.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

#include "gtest/gtest.h"
#include "index/collection.h"
#include "index/dot_product.h"
#include "tests/index/catalog_fixture.h"

namespace gradmatch {
namespace {

const IndexShape kShape{TestSchema(), "test-1", kTestDimension};

RowChange RowOf(const TestRecord& record) {
  return {record.id,
          IndexedRow{record.MakeEmbedding(), record.MakeAttributes()}};
}

// A collection beside a map of what it should hold.
class Model {
 public:
  explicit Model(MergeOptions merge) : collection_(kShape, merge) {}

  void Apply(const std::vector<TestRecord>& records) {
    std::vector<RowChange> changes;
    for (const TestRecord& record : records) {
      if (record.open) {
        rows_[record.id] = record;
        changes.push_back(RowOf(record));
      } else {
        rows_.erase(record.id);
        changes.push_back({record.id, std::nullopt});
      }
    }
    auto next = collection_.Prepare(++generation_, std::move(changes));
    ASSERT_TRUE(next.ok()) << next.status();
    collection_.Publish(*std::move(next));
  }
  void MergeAll() {
    while (true) {
      const auto merged = collection_.MergeOnce();
      ASSERT_TRUE(merged.ok()) << merged.status();
      if (!*merged) return;
    }
  }
  std::shared_ptr<const Snapshot> snapshot() const {
    return collection_.CurrentSnapshot();
  }
  const std::map<std::string, TestRecord>& rows() const { return rows_; }

 private:
  Collection collection_;
  std::map<std::string, TestRecord> rows_;
  uint64_t generation_ = 0;
};

template <typename F>
std::set<std::string> IdsWhere(const Model& model, F matches) {
  std::set<std::string> ids;
  for (const auto& [id, record] : model.rows()) {
    if (matches(record)) ids.insert(id);
  }
  return ids;
}

std::set<std::string> LiveIds(const Snapshot& snapshot, RowSet set) {
  set.And(snapshot.live());
  std::set<std::string> ids;
  for (RowId row : set) ids.emplace(snapshot.Id(row));
  return ids;
}

void ExpectRowsAgree(const Snapshot& snapshot, const Model& model) {
  ASSERT_EQ(SearchableIds(snapshot),
            IdsWhere(model, [](auto&) { return true; }));
  ASSERT_EQ(snapshot.live_rows(), model.rows().size());
  ASSERT_EQ(snapshot.rows() % 64, 0u);
  for (const auto& [id, record] : model.rows()) {
    const std::optional<RowId> row = snapshot.Find(id);
    ASSERT_TRUE(row.has_value());
    ASSERT_EQ(snapshot.Id(*row), id);
    ASSERT_EQ(snapshot.Scalar(0, *row), record.value);
    ASSERT_EQ(snapshot.SetValues(0, *row).size(), 2u);
    ASSERT_TRUE(
        std::ranges::equal(snapshot.Vector(*row), record.MakeEmbedding()));
  }
  ASSERT_FALSE(snapshot.Find("never there").has_value());
}

void ExpectFiltersAgree(const Snapshot& snapshot, const Model& model) {
  EXPECT_EQ(LiveIds(snapshot, snapshot.ScalarInRange(0, 10, 40)),
            IdsWhere(model, [](const TestRecord& r) {
              return 10 <= r.value && r.value <= 40;
            }));
  const uint64_t tags[] = {2, 5, 77};
  EXPECT_EQ(LiveIds(snapshot, snapshot.SetContainsAny(0, tags)),
            IdsWhere(model, [](const TestRecord& r) {
              return r.value % 7 == 2 || r.value % 7 == 5;
            }));
}

// The oracle knows ids and similarities only, no segments.
std::vector<std::pair<float, std::string>> BestOf(const Model& model,
                                                  const Embedding& query,
                                                  size_t k) {
  std::vector<std::pair<float, std::string>> all;
  for (const auto& [id, record] : model.rows()) {
    const Embedding e = record.MakeEmbedding();
    all.emplace_back(-DotProduct(query.data(), e.data(), e.size()), id);
  }
  std::sort(all.begin(), all.end());
  if (all.size() > k) all.resize(k);
  return all;
}

void ExpectSearchAgrees(const Snapshot& snapshot, const Model& model,
                        uint64_t seed) {
  const Embedding query = RandomEmbedding(seed);
  RowSet everything(snapshot.rows());
  everything.FillRange(0, snapshot.rows());  // dead rows and padding too
  for (SearchPlan plan :
       {SearchPlan::kExactScan, SearchPlan::kCodedScan, SearchPlan::kFlat}) {
    for (size_t k : {1, 10, 1'000}) {
      const auto found = snapshot.Search(query, k, everything, plan);
      ASSERT_TRUE(found.ok()) << found.status();
      std::vector<std::pair<float, std::string>> got;
      std::vector<RowId> rows;
      for (const Neighbor& n : *found) {
        got.emplace_back(-n.similarity, snapshot.Id(n.row));
        rows.push_back(n.row);
      }
      ASSERT_EQ(got, BestOf(model, query, k));
      const auto similarities = snapshot.Similarities(query, rows);
      ASSERT_TRUE(similarities.ok());
      for (size_t i = 0; i < rows.size(); ++i) {
        ASSERT_EQ((*similarities)[i], (*found)[i].similarity);
      }
    }
  }
}

TestRecord RandomRecord(std::mt19937& rng, int ids) {
  return {absl::StrCat("p", rng() % ids), static_cast<int32_t>(rng() % 50),
          rng() % 4 != 0};
}

TEST(SnapshotTest, AnyHistoryOfSegmentsGivesTheModelsAnswers) {
  for (uint32_t seed : {1u, 2u, 3u}) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 rng(seed);
    Model model({.factor = 3, .max_merge_rows = 150});
    for (int step = 0; step < 120; ++step) {
      std::map<std::string, TestRecord> batch;
      for (uint32_t n = 1 + rng() % 70; n > 0; --n) {
        const TestRecord record = RandomRecord(rng, 500);
        batch[record.id] = record;
      }
      std::vector<TestRecord> records;
      for (const auto& [id, record] : batch) records.push_back(record);
      std::shuffle(records.begin(), records.end(), rng);
      model.Apply(records);
      if (step % 3 == 0) model.MergeAll();
      if (step % 10 != 0) continue;
      ExpectRowsAgree(*model.snapshot(), model);
      ExpectFiltersAgree(*model.snapshot(), model);
      ExpectSearchAgrees(*model.snapshot(), model, rng());
    }
  }
}

class SnapshotSizeTest : public testing::TestWithParam<int> {};

TEST_P(SnapshotSizeTest, AtTheEdgesOfWordsAndAllDead) {
  Model model({.factor = 100});
  std::vector<TestRecord> records;
  for (int i = 0; i < GetParam(); ++i) {
    records.push_back({absl::StrCat("p", i), i % 50});
  }
  model.Apply(records);
  model.Apply({{"other", 10}});
  ExpectRowsAgree(*model.snapshot(), model);
  ExpectFiltersAgree(*model.snapshot(), model);
  ExpectSearchAgrees(*model.snapshot(), model, 1);

  for (TestRecord& record : records) record.open = false;
  model.Apply(records);
  model.Apply({{"other", 10, false}});
  EXPECT_EQ(model.snapshot()->rows(), 0u);
  EXPECT_TRUE(model.snapshot()->segments().empty());
  ExpectSearchAgrees(*model.snapshot(), model, 1);
}

INSTANTIATE_TEST_SUITE_P(Sizes, SnapshotSizeTest,
                         testing::Values(0, 1, 63, 64, 65));

TEST(SnapshotTest, TiesGoByRecordIdWhateverTheSegments) {
  const Embedding same = RandomEmbedding(9);
  for (const std::vector<std::string>& order :
       {std::vector<std::string>{"a", "b", "c", "d"},
        {"d", "c", "b", "a"},
        {"b", "d", "a", "c"}}) {
    Collection collection(kShape, {.factor = 100});
    for (size_t i = 0; i < order.size(); ++i) {
      std::vector<RowChange> changes;
      changes.push_back({order[i], IndexedRow{same, {{0}, {{}}}}});
      auto next = collection.Prepare(i + 1, std::move(changes));
      ASSERT_TRUE(next.ok()) << next.status();
      collection.Publish(*std::move(next));
    }
    const auto snapshot = collection.CurrentSnapshot();
    for (SearchPlan plan :
         {SearchPlan::kExactScan, SearchPlan::kCodedScan, SearchPlan::kFlat}) {
      const auto found = snapshot->Search(same, 3, snapshot->live(), plan);
      ASSERT_TRUE(found.ok());
      std::string ids;
      for (const Neighbor& n : *found) ids += snapshot->Id(n.row);
      EXPECT_EQ(ids, "abc");
    }
  }
}

TEST(SnapshotTest, AHeldSnapshotDoesNotChange) {
  Model model({.factor = 2});
  model.Apply({{"a", 1}, {"b", 2}});
  const auto before = model.snapshot();
  model.Apply({{"a", 3}, {"b", 2, false}, {"c", 4}});
  model.MergeAll();
  EXPECT_EQ(before->generation(), 1u);
  EXPECT_EQ(SearchableIds(*before), (std::set<std::string>{"a", "b"}));
  EXPECT_EQ(before->Scalar(0, *before->Find("a")), 1);
  EXPECT_EQ(model.snapshot()->generation(), 2u);
  EXPECT_EQ(model.snapshot()->Scalar(0, *model.snapshot()->Find("a")), 3);
}

TEST(SnapshotTest, BadQueriesAreInvalid) {
  Model model({});
  model.Apply({{"a", 1}});
  const auto snapshot = model.snapshot();
  const RowId rows[] = {*snapshot->Find("a")};
  for (const Embedding& query : {Embedding(64, 0.125F), Embedding(32, NAN)}) {
    EXPECT_EQ(snapshot->Search(query, 1, snapshot->live(), SearchPlan::kFlat)
                  .status()
                  .code(),
              absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(snapshot->Similarities(query, rows).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(
      snapshot->Search(RandomEmbedding(1), 1, RowSet(1), SearchPlan::kExactScan)
          .status()
          .code(),
      absl::StatusCode::kInvalidArgument);
}

TEST(SegmentTest, RefusesRowsThatDoNotFit) {
  const TestRecord record{"a", 1};
  const SegmentRow good{"a", record.MakeEmbedding(), record.MakeAttributes()};
  SegmentRow nan = good, other = good, shape = good;
  nan.embedding[0] = NAN;
  other.embedding.resize(64);
  shape.attributes.scalars.clear();
  EXPECT_TRUE(Segment::Build(kShape, {good}).ok());
  for (const auto& rows : std::vector<std::vector<SegmentRow>>{
           {}, {good, good}, {nan}, {other}, {shape}}) {
    EXPECT_EQ(Segment::Build(kShape, rows).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace gradmatch
