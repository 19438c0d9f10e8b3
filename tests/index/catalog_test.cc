#include "index/catalog.h"

#include <cmath>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/keys.h"
#include "index/stored_embedding.h"
#include "tests/fakes/in_memory_store.h"
#include "tests/index/catalog_fixture.h"

namespace gradmatch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr CollectionId kPostings = CollectionId::kPostings;

class CatalogTest : public testing::Test {
 protected:
  std::vector<ChangeResult> Apply(std::vector<Change> changes,
                                  bool atomic = false, WriteBatch also = {}) {
    auto results = catalog_->Apply(std::move(changes), atomic, std::move(also));
    EXPECT_TRUE(results.ok()) << results.status();
    return results.ok() ? *std::move(results) : std::vector<ChangeResult>();
  }
  ChangeResult ApplyOne(Change change) {
    return Apply(Changes(std::move(change))).at(0);
  }
  std::set<std::string> Searchable() {
    return SearchableIds(*catalog_->CurrentSnapshot());
  }
  int32_t ValueOf(std::string_view id) {
    const auto snapshot = catalog_->CurrentSnapshot();
    return snapshot->Scalar(0, snapshot->Find(id).value());
  }
  bool HasEmbedding(std::string_view id) {
    return store_
        .Get(Family::kEmbedding,
             EmbeddingKey(RecordKind::kPosting, TestKey(id), "test-1"))
        .ok();
  }
  void Reopen() {
    catalog_.reset();
    catalog_ = OpenTestCatalog(store_, clock_);
  }

  InMemoryStore store_;
  ManualClock clock_{absl::FromUnixSeconds(1'000)};
  std::unique_ptr<Catalog> catalog_ = OpenTestCatalog(store_, clock_);
};

TEST_F(CatalogTest, CreatedRecordsAreStoredAndSearchable) {
  const ChangeResult result = ApplyOne(Upsert({"a", 3}, 10));
  EXPECT_EQ(result.outcome, Outcome::kCreated);
  EXPECT_EQ(result.revision, 10);
  EXPECT_EQ(result.etag, "1");
  EXPECT_EQ(result.generation, 1u);
  EXPECT_EQ(result.update_time, clock_.Now());
  EXPECT_EQ(catalog_->CurrentSnapshot()->generation(), 1u);
  EXPECT_THAT(Searchable(), ElementsAre("a"));
  const auto record = catalog_->Get(kPostings, TestKey("a"));
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(record->payload, TestRecord({"a", 3}).Payload());
  EXPECT_EQ(record->head.etag, "1");
  EXPECT_TRUE(HasEmbedding("a"));
}

TEST_F(CatalogTest, EveryAppliedChangeHasAGenerationOfItsOwn) {
  std::vector<Change> changes;
  changes.push_back(Upsert({"a", 1}));
  changes.push_back(Upsert({"b", 1}));
  changes.push_back(Upsert({"a", 1}));  // unchanged
  changes.push_back(Upsert({"a", 2}));
  const auto results = Apply(std::move(changes));
  std::vector<std::string> etags;
  for (const ChangeResult& r : results) etags.push_back(r.etag);
  EXPECT_THAT(etags, ElementsAre("1", "2", "1", "3"));
  EXPECT_EQ(catalog_->CurrentSnapshot()->generation(), 3u);
}

TEST_F(CatalogTest, LaterChangesOfACallSeeEarlierOnes) {
  std::vector<Change> changes;
  changes.push_back(Upsert({"a", 1}, 1));
  changes.push_back(Upsert({"a", 2}, 3));
  changes.push_back(Upsert({"a", 9}, 2));
  changes.push_back(Deletion("a", 4));
  changes.push_back(Upsert({"a", 5}, 5));
  changes.push_back(Upsert({"b", 1}, 1));
  changes.push_back(Deletion("b", 2));
  std::vector<std::string> outcomes;
  for (const ChangeResult& r : Apply(std::move(changes))) {
    outcomes.emplace_back(OutcomeName(r.outcome));
  }
  EXPECT_THAT(outcomes, ElementsAre("CREATED", "UPDATED", "STALE", "DELETED",
                                    "CREATED", "CREATED", "DELETED"));
  EXPECT_THAT(Searchable(), ElementsAre("a"));
  EXPECT_EQ(ValueOf("a"), 5);
  EXPECT_FALSE(HasEmbedding("b"));
  EXPECT_EQ(catalog_->Counts(kPostings),
            (CollectionCounts{.records = 1, .tombstones = 1, .searchable = 1}));
}

TEST_F(CatalogTest, UnchangedContentKeepsEtagAndPayloadButRaisesTheRevision) {
  ApplyOne(Upsert({"a", 1}, 1));
  clock_.Advance(absl::Seconds(1));
  Change again = Upsert({"a", 1}, 8);
  again.payload.clear();  // as one sends it who looked with Peek first
  again.row.reset();
  const ChangeResult result = ApplyOne(std::move(again));
  EXPECT_EQ(result.outcome, Outcome::kUnchanged);
  EXPECT_EQ(result.etag, "1");
  EXPECT_EQ(result.revision, 8);
  EXPECT_THAT(Searchable(), ElementsAre("a"));
  const auto record = catalog_->Get(kPostings, TestKey("a"));
  ASSERT_TRUE(record.ok());
  EXPECT_EQ(record->head.revision, 8);
  EXPECT_EQ(record->head.update_time, absl::FromUnixSeconds(1'000));
  EXPECT_EQ(record->payload, TestRecord({"a", 1}).Payload());
  EXPECT_EQ(ApplyOne(Upsert({"a", 2}, 7)).outcome, Outcome::kStale);
}

TEST_F(CatalogTest, NothingToDoWritesNothing) {
  ApplyOne(Upsert({"a", 1}, 5));
  const int64_t before = store_.writes();
  ApplyOne(Upsert({"a", 1}, 5));
  ApplyOne(Upsert({"a", 2}, 4));
  ApplyOne(Deletion("never"));
  EXPECT_THAT(Apply({}), IsEmpty());
  EXPECT_EQ(store_.writes(), before);
}

TEST_F(CatalogTest, OneCallIsOneWrite) {
  std::vector<Change> changes;
  for (int i = 0; i < 100; ++i) {
    changes.push_back(Upsert({absl::StrCat("p", i), i}));
  }
  const int64_t before = store_.writes();
  Apply(std::move(changes));
  EXPECT_EQ(store_.writes(), before + 1);
}

TEST_F(CatalogTest, ClosedRecordsAreStoredButNotSearchable) {
  ApplyOne(Upsert({"a", 1}));
  EXPECT_EQ(ApplyOne(Upsert({"a", 1, false})).outcome, Outcome::kUpdated);
  EXPECT_THAT(Searchable(), IsEmpty());
  EXPECT_FALSE(HasEmbedding("a"));
  EXPECT_EQ(catalog_->Counts(kPostings),
            (CollectionCounts{.records = 1, .tombstones = 0, .searchable = 0}));
  ApplyOne(Upsert({"a", 2}));
  EXPECT_THAT(Searchable(), ElementsAre("a"));
}

TEST_F(CatalogTest, TombstonesKeepTheirRevision) {
  ApplyOne(Upsert({"a", 1}, 1));
  EXPECT_EQ(ApplyOne(Deletion("a", 5)).outcome, Outcome::kDeleted);
  EXPECT_THAT(Searchable(), IsEmpty());
  const auto record = catalog_->Get(kPostings, TestKey("a"));
  ASSERT_TRUE(record.ok());
  EXPECT_TRUE(record->head.tombstone);
  EXPECT_EQ(record->payload, "");
  Reopen();
  EXPECT_EQ(ApplyOne(Upsert({"a", 2}, 4)).outcome, Outcome::kStale);
  EXPECT_EQ(ApplyOne(Upsert({"a", 2}, 6)).outcome, Outcome::kCreated);
  EXPECT_EQ(ApplyOne(Deletion("late", 9)).outcome, Outcome::kDeleted);
  EXPECT_EQ(ApplyOne(Upsert({"late", 2}, 8)).outcome, Outcome::kStale);
}

TEST_F(CatalogTest, AtomicCallsAreAllOrNothing) {
  ApplyOne(Upsert({"a", 1}));
  std::vector<Change> changes;
  changes.push_back(Upsert({"b", 1}));
  changes.push_back(Upsert({"a", 2}));
  changes.back().precondition.etag = "99";
  changes.push_back(Upsert({"c", 1}));
  WriteBatch also;
  also.Put(Family::kRequest, "r", "answer");
  const int64_t before = store_.writes();
  const auto results = Apply(std::move(changes), /*atomic=*/true, also);
  EXPECT_EQ(results.at(0).outcome, Outcome::kCreated);
  EXPECT_EQ(results.at(1).outcome, Outcome::kEtagMismatch);
  EXPECT_EQ(results.at(1).etag, "1");
  EXPECT_EQ(store_.writes(), before);
  EXPECT_THAT(Searchable(), ElementsAre("a"));
  EXPECT_FALSE(store_.Get(Family::kRequest, "r").ok());
  // The generations it would have used are free again.
  EXPECT_EQ(ApplyOne(Upsert({"b", 1})).etag, "2");
}

TEST_F(CatalogTest, WithoutAtomicTheOthersAreMade) {
  std::vector<Change> changes;
  changes.push_back(Upsert({"a", 1}));
  changes.push_back(Upsert({"b", 1}));
  changes.back().precondition.must_exist = true;
  const auto results = Apply(std::move(changes));
  EXPECT_EQ(results.at(1).outcome, Outcome::kNotFound);
  EXPECT_EQ(results.at(1).etag, "");
  EXPECT_THAT(Searchable(), ElementsAre("a"));
}

TEST_F(CatalogTest, WhatGoesAlongIsWrittenWithWhatIsApplied) {
  Change applied = Upsert({"a", 1}, 2);
  applied.also.Put(Family::kRawRow, "a", "raw");
  WriteBatch also;
  also.Put(Family::kRequest, "1", "answer");
  Apply(Changes(std::move(applied)), false, also);
  EXPECT_TRUE(store_.Get(Family::kRawRow, "a").ok());
  EXPECT_TRUE(store_.Get(Family::kRequest, "1").ok());

  Change stale = Upsert({"a", 2}, 1);
  stale.also.Put(Family::kRawRow, "b", "raw");
  WriteBatch unused;
  unused.Put(Family::kRequest, "2", "answer");
  Apply(Changes(std::move(stale)), false, unused);
  EXPECT_FALSE(store_.Get(Family::kRawRow, "b").ok());
  EXPECT_FALSE(store_.Get(Family::kRequest, "2").ok());
}

TEST_F(CatalogTest, AnswersAreMadeOfTheResultsAndWrittenWithThem) {
  const auto keep_etag = [](std::span<const ChangeResult> results) {
    WriteBatch batch;
    batch.Put(Family::kRequest, "r", results[0].etag);
    return batch;
  };
  ASSERT_TRUE(
      catalog_->Apply(Changes(Upsert({"a", 1}, 2)), true, keep_etag).ok());
  EXPECT_EQ(*store_.Get(Family::kRequest, "r"), "1");
  // An answer is kept even if it says that nothing was to do.
  store_
      .Write(
          [] {
            WriteBatch batch;
            batch.Delete(Family::kRequest, "r");
            return batch;
          }(),
          Durability::kSynced)
      .IgnoreError();
  ASSERT_TRUE(
      catalog_->Apply(Changes(Upsert({"a", 1}, 2)), true, keep_etag).ok());
  EXPECT_EQ(*store_.Get(Family::kRequest, "r"), "1");
}

TEST_F(CatalogTest, GraduatesAreStoredInACollectionOfTheirOwn) {
  Change change;
  change.collection = CollectionId::kGraduates;
  change.key = std::string(16, '\xab');
  change.payload = "profile";
  change.content_hash = 1;
  EXPECT_EQ(ApplyOne(std::move(change)).outcome, Outcome::kCreated);
  EXPECT_EQ(catalog_->Counts(CollectionId::kGraduates).records, 1u);
  EXPECT_EQ(catalog_->Counts(kPostings).records, 0u);
  Reopen();
  EXPECT_EQ(catalog_->open_report().counts[1].records, 1u);
  const auto record =
      catalog_->Get(CollectionId::kGraduates, std::string(16, '\xab'));
  ASSERT_TRUE(record.ok());
  EXPECT_EQ(record->payload, "profile");
}

TEST_F(CatalogTest, ReadsSeveralAndLists) {
  for (int i = 0; i < 5; ++i) ApplyOne(Upsert({absl::StrCat("p", i), i}));
  ApplyOne(Deletion("p1"));
  const std::vector<std::string> keys = {TestKey("p3"), TestKey("none"),
                                         TestKey("p1")};
  const auto records = catalog_->MultiGet(kPostings, keys);
  ASSERT_TRUE(records.ok());
  EXPECT_EQ(records->at(0)->payload, TestRecord({"p3", 3}).Payload());
  EXPECT_FALSE(records->at(1).has_value());
  EXPECT_TRUE(records->at(2)->head.tombstone);
  const auto heads = catalog_->Peek(kPostings, keys);
  ASSERT_TRUE(heads.ok());
  EXPECT_TRUE(heads->at(0).exists);
  EXPECT_FALSE(heads->at(1).exists || heads->at(1).tombstone);
  EXPECT_TRUE(heads->at(2).tombstone);
  const auto page = catalog_->List(kPostings, PrefixRange("s/"), 3);
  ASSERT_TRUE(page.ok());
  std::vector<std::string> listed;
  for (const auto& [key, record] : *page) listed.push_back(key);
  EXPECT_THAT(listed, ElementsAre("s/p0", "s/p2", "s/p3"));
  EXPECT_EQ(catalog_->Get(kPostings, "none").status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(CatalogTest, RowsThatDoNotFitAreRefusedBeforeAnythingIsWritten) {
  Change other = Upsert({"a", 1});
  other.row->encoder_id = "test-2";
  Change dimension = Upsert({"a", 1});
  dimension.row->embedding.resize(64);
  for (Change* change : {&other, &dimension}) {
    const auto result = catalog_->Apply(Changes(std::move(*change)), false);
    EXPECT_EQ(result.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(ReasonOf(result.status()), kIndexEncoderMismatch);
  }
  Change nan = Upsert({"a", 1});
  nan.row->embedding[3] = NAN;
  Change columns = Upsert({"a", 1});
  columns.row->attributes.sets.clear();
  Change revision = Upsert({"a", 1}, -1);
  Change key = Upsert({"a", 1});
  key.key.clear();
  for (Change* change : {&nan, &columns, &revision, &key}) {
    EXPECT_EQ(
        catalog_->Apply(Changes(std::move(*change)), false).status().code(),
        absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(store_.writes(), 0);
}

TEST_F(CatalogTest, OpensWithWhatWasStored) {
  std::vector<Change> changes;
  for (int i = 0; i < 300; ++i) {
    changes.push_back(Upsert({absl::StrCat("p", i), i, i % 3 != 0}));
  }
  Apply(std::move(changes));
  ApplyOne(Deletion("p1"));
  const auto ids = Searchable();
  const CollectionCounts counts = catalog_->Counts(kPostings);
  const uint64_t generation = catalog_->CurrentSnapshot()->generation();
  Reopen();
  EXPECT_EQ(Searchable(), ids);
  EXPECT_EQ(catalog_->Counts(kPostings), counts);
  EXPECT_EQ(catalog_->open_report().counts[0], counts);
  EXPECT_EQ(catalog_->open_report().remade_embeddings, 0u);
  EXPECT_EQ(catalog_->open_report().generation, generation);
  EXPECT_EQ(catalog_->CurrentSnapshot()->generation(), generation);
  EXPECT_EQ(ApplyOne(Upsert({"new", 1})).generation, generation + 1);
}

TEST_F(CatalogTest, EmbeddingsThatAreGoneOrOfAnotherEncoderAreMadeAgain) {
  for (const char* id : {"a", "b", "c"}) ApplyOne(Upsert({id, 1}));
  WriteBatch damage;
  damage.Delete(Family::kEmbedding,
                EmbeddingKey(RecordKind::kPosting, TestKey("a"), "test-1"));
  damage.Put(Family::kEmbedding,
             EmbeddingKey(RecordKind::kPosting, TestKey("b"), "test-1"),
             "no embedding");
  ASSERT_TRUE(store_.Write(damage, Durability::kSynced).ok());
  Reopen();
  EXPECT_EQ(catalog_->open_report().remade_embeddings, 2u);
  EXPECT_THAT(Searchable(), UnorderedElementsAre("a", "b", "c"));
  Reopen();
  EXPECT_EQ(catalog_->open_report().remade_embeddings, 0u);

  CatalogOptions options = TestOptions();
  options.encoder_id = "test-2";
  catalog_ = OpenTestCatalog(store_, clock_, options);
  EXPECT_EQ(catalog_->open_report().remade_embeddings, 3u);
  EXPECT_EQ(catalog_->CurrentSnapshot()->encoder_id(), "test-2");
  // Nothing of the earlier one stays behind.
  int embeddings = 0;
  const auto cursor = store_.Scan(Family::kEmbedding, KeyRange{});
  for (; cursor->Valid(); cursor->Next(), ++embeddings) {
    EXPECT_TRUE(cursor->key().ends_with("/test-2")) << cursor->key();
  }
  EXPECT_EQ(embeddings, 3);
}

TEST_F(CatalogTest, DamagedRecordsAreNotServedAround) {
  ApplyOne(Upsert({"a", 1}));
  ApplyOne(Upsert({"b", 1}));
  WriteBatch damage;
  damage.Put(Family::kPosting, TestKey("a"), "\xff\xff");
  ASSERT_TRUE(store_.Write(damage, Durability::kSynced).ok());
  EXPECT_EQ(Catalog::Open(store_, clock_, TestOptions(), TestLoader())
                .status()
                .code(),
            absl::StatusCode::kDataLoss);
  // The running catalog refuses the damaged record only.
  EXPECT_EQ(catalog_->Apply(Changes(Upsert({"a", 2})), false).status().code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(ApplyOne(Upsert({"b", 2})).outcome, Outcome::kUpdated);
}

TEST_F(CatalogTest, TheLoadersErrorIsReported) {
  ApplyOne(Upsert({"a", 1}));
  const Loader failing = [](auto&&...) {
    return absl::StatusOr<std::optional<LoadedRow>>(
        MakeError(absl::StatusCode::kUnavailable, kIndexLoading, "no model"));
  };
  const auto opened = Catalog::Open(store_, clock_, TestOptions(), failing);
  EXPECT_EQ(opened.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(opened.status()), kIndexLoading);
}

TEST_F(CatalogTest, BadOptionsAreRefused) {
  CatalogOptions dimension = TestOptions(), encoder = TestOptions(),
                 group = TestOptions(), threads = TestOptions();
  dimension.dimension = 100;
  encoder.encoder_id.clear();
  group.max_group_changes = 0;
  threads.load_threads = 0;
  EXPECT_TRUE(Validate(TestOptions()).ok());
  for (const CatalogOptions& options : {dimension, encoder, group, threads}) {
    EXPECT_FALSE(Catalog::Open(store_, clock_, options, TestLoader()).ok());
  }
}

TEST(CatalogLoadTest, TheNumberOfThreadsChangesNothing) {
  InMemoryStore store;
  const ManualClock clock(absl::UnixEpoch());
  WriteBatch batch;
  for (int i = 0; i < 20'000; ++i) {
    Record record;
    record.head.exists = true;
    record.head.revision = 1;
    record.head.generation = i + 1;
    const TestRecord test{absl::StrCat("p", i), i, i % 5 != 0};
    record.payload = test.Payload();
    batch.Put(Family::kPosting, TestKey(test.id), SerializeRecord(record));
  }
  ASSERT_TRUE(store.Write(batch, Durability::kSynced).ok());
  std::vector<std::string> rows[2];
  for (int threads : {1, 4}) {
    CatalogOptions options = TestOptions();
    options.load_threads = threads;
    const auto catalog = OpenTestCatalog(store, clock, options);
    const auto snapshot = catalog->CurrentSnapshot();
    EXPECT_EQ(snapshot->live_rows(), 16'000u);
    EXPECT_EQ(catalog->open_report().generation, 20'000u);
    for (RowId row : snapshot->live()) {
      rows[threads == 1].emplace_back(snapshot->Id(row));
    }
  }
  EXPECT_EQ(rows[0], rows[1]);
}

}  // namespace
}  // namespace gradmatch
