// The catalog against a map: random writes of every kind, reopened now and
// then, must leave the same records and find the same rows.
#include <map>
#include <random>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "index/catalog.h"
#include "tests/fakes/faulty_store.h"
#include "tests/fakes/in_memory_store.h"
#include "tests/index/catalog_fixture.h"

namespace gradmatch {
namespace {

// Those with searchable rows.
constexpr CollectionId kSearched[] = {CollectionId::kPostings,
                                      CollectionId::kContents};

// What a record should be; the rules are written again, the plain way.
struct ModelRecord {
  int64_t revision = 0;
  bool deleted = false;
  TestRecord record;
};
using Model = std::map<std::string, ModelRecord>;
// The same ids are used in both collections: neither may see the other's.
using Models = std::map<CollectionId, Model>;

void ApplyToModel(Model& model, const std::string& id, int64_t revision,
                  const std::optional<TestRecord>& upsert) {
  const auto it = model.find(id);
  if (it == model.end()) {
    model[id] = {revision, !upsert.has_value(),
                 upsert.value_or(TestRecord{id})};
    return;
  }
  ModelRecord& stored = it->second;
  if (revision <= stored.revision) return;  // replayed or stale
  stored.revision = revision;
  stored.deleted = !upsert.has_value();
  if (upsert.has_value()) stored.record = *upsert;
}

std::vector<Change> RandomChanges(std::mt19937& rng, Models& models) {
  std::vector<Change> changes;
  for (uint32_t n = 1 + rng() % 5; n > 0; --n) {
    const CollectionId collection = kSearched[rng() % 2];
    Model& model = models[collection];
    const std::string id = absl::StrCat("p", rng() % 60);
    const int64_t newest = model.contains(id) ? model[id].revision : 0;
    // Mostly newer, sometimes the same again, sometimes late.
    const int64_t revision = std::max<int64_t>(1, newest + 2 - rng() % 5);
    std::optional<TestRecord> upsert;
    if (rng() % 5 != 0) {
      upsert = TestRecord{id, static_cast<int32_t>(rng() % 9), rng() % 6 != 0};
    }
    ApplyToModel(model, id, revision, upsert);
    changes.push_back(upsert.has_value() ? Upsert(*upsert, revision)
                                         : Deletion(id, revision));
    changes.back().collection = collection;
  }
  return changes;
}

void ExpectAgrees(const Catalog& catalog, CollectionId collection,
                  const Model& model) {
  const auto snapshot = catalog.CurrentSnapshot(collection);
  std::set<std::string> open;
  CollectionCounts counts;
  for (const auto& [id, want] : model) {
    const auto got = catalog.Get(collection, TestKey(id));
    ASSERT_TRUE(got.ok()) << id << got.status();
    ASSERT_EQ(got->head.revision, want.revision) << id;
    ASSERT_EQ(got->head.tombstone, want.deleted) << id;
    ++(want.deleted ? counts.tombstones : counts.records);
    if (want.deleted) continue;
    ASSERT_EQ(got->payload, want.record.Payload());
    if (!want.record.open) continue;
    open.insert(id);
    const std::optional<RowId> row = snapshot->Find(id);
    ASSERT_TRUE(row.has_value()) << id;
    ASSERT_EQ(snapshot->Scalar(0, *row), want.record.value);
    ASSERT_TRUE(std::ranges::equal(snapshot->Vector(*row),
                                   want.record.MakeEmbedding()));
  }
  counts.searchable = open.size();
  ASSERT_EQ(SearchableIds(*snapshot), open);
  ASSERT_EQ(catalog.Counts(collection), counts);
}

TEST(CatalogModelTest, RandomHistoriesAgreeWithAMap) {
  for (uint32_t seed : {1u, 2u, 3u, 4u}) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 rng(seed);
    InMemoryStore store;
    const ManualClock clock(absl::UnixEpoch());
    Models models;
    auto catalog = OpenTestCatalog(store, clock);
    for (int step = 1; step <= 1'000; ++step) {
      ASSERT_TRUE(catalog->Apply(RandomChanges(rng, models), rng() % 2).ok());
      if (step % 100 == 0) {
        catalog = OpenTestCatalog(store, clock);
        ASSERT_EQ(catalog->open_report().remade_embeddings, 0u);
      }
      if (step % 25 == 0) {
        for (CollectionId collection : kSearched) {
          SCOPED_TRACE(CollectionName(collection));
          ASSERT_NO_FATAL_FAILURE(
              ExpectAgrees(*catalog, collection, models[collection]));
        }
      }
    }
  }
}

// Writes until an error; returns the values acknowledged, by id.
std::map<std::string, int32_t> WriteUntilError(Store& store, int steps) {
  std::map<std::string, int32_t> acknowledged;
  const ManualClock clock(absl::UnixEpoch());
  const auto catalog = OpenTestCatalog(store, clock);
  std::mt19937 rng(1);
  for (int step = 0; step < steps; ++step) {
    std::vector<Change> changes;
    std::map<std::string, int32_t> tried;
    for (int n = 0; n < 3; ++n) {
      const TestRecord record{absl::StrCat("p", rng() % 20), step};
      tried[record.id] = record.value;
      changes.push_back(Upsert(record));
    }
    const auto before = SearchableIds(*catalog->CurrentSnapshot());
    if (!catalog->Apply(std::move(changes), true).ok()) {
      EXPECT_EQ(SearchableIds(*catalog->CurrentSnapshot()), before);
      return acknowledged;
    }
    for (const auto& [id, value] : tried) acknowledged[id] = value;
  }
  return acknowledged;
}

TEST(CatalogFaultTest, WhatWasAcknowledgedSurvivesAnyFailedWrite) {
  constexpr int kSteps = 20;
  for (auto failure :
       {FaultyStore::Failure::kNothingKept, FaultyStore::Failure::kBatchKept}) {
    for (int fail_at = 1; fail_at <= kSteps; ++fail_at) {
      SCOPED_TRACE(testing::Message() << "write " << fail_at);
      InMemoryStore disk;
      FaultyStore store(disk, fail_at, failure);
      const auto acknowledged = WriteUntilError(store, kSteps);
      ASSERT_TRUE(store.failed());

      const ManualClock clock(absl::UnixEpoch());
      const auto reopened = OpenTestCatalog(disk, clock);
      const auto snapshot = reopened->CurrentSnapshot();
      // Values are steps. Of the failed step, all three records or none.
      const int failed_step = fail_at - 1;
      int of_failed_step = 0;
      for (RowId row : snapshot->live()) {
        const int32_t value = snapshot->Scalar(0, row);
        of_failed_step += value == failed_step;
        ASSERT_LE(value, failed_step);
      }
      const bool kept = failure == FaultyStore::Failure::kBatchKept;
      EXPECT_EQ(of_failed_step > 0, kept);
      for (const auto& [id, value] : acknowledged) {
        const std::optional<RowId> row = snapshot->Find(id);
        ASSERT_TRUE(row.has_value());
        const int32_t got = snapshot->Scalar(0, *row);
        EXPECT_TRUE(got == value || (kept && got == failed_step)) << id;
      }
      // And it goes on from there.
      const auto next = reopened->Apply(Changes(Upsert({"next", 1})), false);
      ASSERT_TRUE(next.ok());
      EXPECT_GT(next->at(0).generation, reopened->open_report().generation);
    }
  }
}

}  // namespace
}  // namespace gradmatch
