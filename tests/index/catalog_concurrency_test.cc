// Run again under the thread sanitizer.
#include <atomic>
#include <latch>
#include <random>
#include <thread>

#include "gtest/gtest.h"
#include "index/catalog.h"
#include "tests/fakes/in_memory_store.h"
#include "tests/index/catalog_fixture.h"

namespace gradmatch {
namespace {

constexpr CollectionId kPostings = CollectionId::kPostings;

// Every atomic write sets both records of a pair to one value, so a snapshot
// in which they differ was not a state of the catalog.
std::vector<Change> PairOf(int pair, int32_t value) {
  std::vector<Change> changes;
  changes.push_back(Upsert({absl::StrCat("left", pair), value}));
  changes.push_back(Upsert({absl::StrCat("right", pair), value}));
  return changes;
}

void ExpectPairsAgree(const Snapshot& snapshot, int pairs) {
  for (int pair = 0; pair < pairs; ++pair) {
    const auto left = snapshot.Find(absl::StrCat("left", pair));
    const auto right = snapshot.Find(absl::StrCat("right", pair));
    ASSERT_EQ(left.has_value(), right.has_value());
    if (!left.has_value()) continue;
    ASSERT_EQ(snapshot.Scalar(0, *left), snapshot.Scalar(0, *right));
  }
}

void ExpectSearchFindsAllLive(const Snapshot& snapshot, uint64_t seed) {
  for (SearchPlan plan :
       {SearchPlan::kExactScan, SearchPlan::kCodedScan, SearchPlan::kFlat}) {
    const auto found =
        snapshot.Search(RandomEmbedding(seed), 1'000, snapshot.live(), plan);
    ASSERT_TRUE(found.ok());
    ASSERT_EQ(found->size(), snapshot.live_rows());
  }
}

TEST(CatalogConcurrencyTest, ReadersAlwaysSeeAWholeCommit) {
  constexpr int kWriters = 3, kReaders = 3, kWrites = 60, kPairs = 12;
  InMemoryStore store;
  const ManualClock clock(absl::UnixEpoch());
  const auto catalog = OpenTestCatalog(store, clock);
  std::atomic<int> writing = kWriters;
  std::vector<std::thread> threads;
  for (int w = 0; w < kWriters; ++w) {
    threads.emplace_back([&, w] {
      std::mt19937 rng(w);
      for (int i = 0; i < kWrites; ++i) {
        const int32_t value = i * kWriters + w;
        const int pair = rng() % kPairs;
        const auto result = catalog->Apply(PairOf(pair, value), true);
        ASSERT_TRUE(result.ok()) << result.status();
        // Visible before Apply returns.
        ASSERT_GE(catalog->CurrentSnapshot()->generation(),
                  result->at(1).generation);
      }
      --writing;
    });
  }
  for (int r = 0; r < kReaders; ++r) {
    threads.emplace_back([&, r] {
      uint64_t last = 0;
      for (uint64_t turn = 0; writing > 0 || turn == 0; ++turn) {
        const auto snapshot = catalog->CurrentSnapshot();
        ASSERT_GE(snapshot->generation(), last);
        last = snapshot->generation();
        ASSERT_NO_FATAL_FAILURE(ExpectPairsAgree(*snapshot, kPairs));
        ASSERT_NO_FATAL_FAILURE(ExpectSearchFindsAllLive(*snapshot, turn + r));
        const std::vector<std::string> keys = {TestKey("left0")};
        ASSERT_TRUE(catalog->Peek(kPostings, keys).ok());
        catalog->Counts(kPostings);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto before = SearchableIds(*catalog->CurrentSnapshot());
  EXPECT_EQ(SearchableIds(*OpenTestCatalog(store, clock)->CurrentSnapshot()),
            before);
}

// Holds the first write until all other callers are in the queue or on their
// way to it, so that sharing does not depend on luck.
class GatedStore : public InMemoryStore {
 public:
  absl::Status Write(const WriteBatch& batch, Durability d) override {
    if (first_.exchange(false)) gate_.wait();
    return InMemoryStore::Write(batch, d);
  }
  void Open() { gate_.count_down(); }

 private:
  std::atomic<bool> first_ = true;
  std::latch gate_{1};
};

TEST(CatalogConcurrencyTest, CallersThatWaitShareOneWrite) {
  constexpr int kThreads = 16, kApplies = 20;
  GatedStore store;
  const ManualClock clock(absl::UnixEpoch());
  const auto catalog = OpenTestCatalog(store, clock);
  std::latch started(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      started.count_down();
      for (int i = 0; i < kApplies; ++i) {
        const auto result = catalog->Apply(
            Changes(Upsert({absl::StrCat("p", t, "-", i), i})), false);
        ASSERT_TRUE(result.ok()) << result.status();
        ASSERT_EQ(result->at(0).outcome, Outcome::kCreated);
      }
    });
  }
  started.wait();
  store.Open();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(catalog->CurrentSnapshot()->live_rows(), kThreads * kApplies);
  EXPECT_EQ(catalog->CurrentSnapshot()->generation(), kThreads * kApplies);
  EXPECT_LT(store.writes(), kThreads * kApplies);
}

// A refused atomic call must not spoil those it shares a write with.
TEST(CatalogConcurrencyTest, RefusalsStayWithTheirCaller) {
  constexpr int kThreads = 8, kApplies = 30;
  InMemoryStore store;
  const ManualClock clock(absl::UnixEpoch());
  const auto catalog = OpenTestCatalog(store, clock);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kApplies; ++i) {
        const bool refuse = (t + i) % 2 == 0;
        std::vector<Change> changes;
        changes.push_back(Upsert({absl::StrCat("p", t, "-", i), i}));
        changes.push_back(Upsert({"missing", i}));
        changes.back().precondition.must_exist = refuse;
        if (!refuse) changes.pop_back();
        const auto results = catalog->Apply(std::move(changes), true);
        ASSERT_TRUE(results.ok()) << results.status();
        ASSERT_EQ(IsRefused(results->back().outcome), refuse);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(catalog->CurrentSnapshot()->live_rows(), kThreads * kApplies / 2);
  // A refused call uses up no generation.
  EXPECT_EQ(catalog->CurrentSnapshot()->generation(), kThreads * kApplies / 2);
}

// Each caller adds one to the record with the etag it read; an etag that named
// two states would let an addition get lost.
TEST(CatalogConcurrencyTest, EtagsLoseNoUpdate) {
  constexpr int kThreads = 6, kAdditions = 15;
  InMemoryStore store;
  const ManualClock clock(absl::UnixEpoch());
  const auto catalog = OpenTestCatalog(store, clock);
  ASSERT_TRUE(catalog->Apply(Changes(Upsert({"sum", 0})), false).ok());
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int done = 0; done < kAdditions;) {
        const auto record = catalog->Get(kPostings, TestKey("sum"));
        ASSERT_TRUE(record.ok());
        TestRecord next = TestRecord::FromPayload(record->payload);
        ++next.value;
        Change change = Upsert(next);
        change.precondition.etag = record->head.etag;
        const auto result = catalog->Apply(Changes(std::move(change)), false);
        ASSERT_TRUE(result.ok());
        done += result->at(0).outcome == Outcome::kUpdated;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto snapshot = catalog->CurrentSnapshot();
  EXPECT_EQ(snapshot->Scalar(0, *snapshot->Find("sum")), kThreads * kAdditions);
}

}  // namespace
}  // namespace gradmatch
