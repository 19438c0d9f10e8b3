// What every Store does, on disk or in memory.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "index/base/clock.h"
#include "index/rocksdb_store.h"
#include "index/store.h"
#include "tests/fakes/in_memory_store.h"
#include "tests/fakes/temp_folder.h"

namespace gradmatch {
namespace {

using std::string_literals::operator""s;
using testing::ElementsAre;
using Entries = std::vector<std::pair<std::string, std::string>>;

Entries Walk(Cursor& cursor) {
  Entries entries;
  for (; cursor.Valid(); cursor.Next()) {
    entries.emplace_back(cursor.key(), cursor.value());
  }
  EXPECT_TRUE(cursor.status().ok()) << cursor.status();
  return entries;
}

std::vector<std::string> Keys(const Store& store, Family family,
                              const KeyRange& range) {
  std::vector<std::string> keys;
  for (auto& [key, value] : Walk(*store.Scan(family, range))) {
    keys.push_back(key);
  }
  // The way back is the same way.
  Entries back = Walk(*store.ScanBack(family, range));
  std::ranges::reverse(back);
  EXPECT_EQ(back, Walk(*store.Scan(family, range)));
  return keys;
}

class StoreConformanceTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { Reopen(); }

  // The store on disk is closed and opened; the one in memory stays.
  void Reopen() {
    if (GetParam() == "InMemory") {
      if (store_ == nullptr) store_ = std::make_unique<InMemoryStore>();
      return;
    }
    store_.reset();
    auto store = RocksdbStore::Open({.folder = folder_.path(),
                                     .clock = &clock_,
                                     .block_cache_bytes = 1 << 20,
                                     .write_buffer_bytes = 1 << 20});
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }

  void Put(Family family, std::string key, std::string value) {
    WriteBatch batch;
    batch.Put(family, std::move(key), std::move(value));
    ASSERT_TRUE(store_->Write(batch, Durability::kSynced).ok());
  }

  TempFolder folder_;
  ManualClock clock_{absl::UnixEpoch()};
  std::unique_ptr<Store> store_;
};

TEST_P(StoreConformanceTest, MissingKeyIsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(store_->Get(Family::kPosting, "hb/1").status()));
}

TEST_P(StoreConformanceTest, FamiliesDoNotMix) {
  Put(Family::kPosting, "k", "posting");
  Put(Family::kAudit, "k", "audit");
  EXPECT_EQ(*store_->Get(Family::kPosting, "k"), "posting");
  EXPECT_EQ(*store_->Get(Family::kAudit, "k"), "audit");
  EXPECT_TRUE(absl::IsNotFound(store_->Get(Family::kMeta, "k").status()));
}

TEST_P(StoreConformanceTest, AnyBytesAreKeysAndValues) {
  const std::string key = "\0\xff/"s, value = "\0\n\xff"s;
  Put(Family::kGraduate, key, value);
  Put(Family::kGraduate, "empty", "");
  Reopen();
  EXPECT_EQ(*store_->Get(Family::kGraduate, key), value);
  EXPECT_EQ(*store_->Get(Family::kGraduate, "empty"), "");
}

TEST_P(StoreConformanceTest, ABatchIsAppliedInOrder) {
  WriteBatch batch;
  batch.Put(Family::kPosting, "a", "1");
  batch.Put(Family::kPosting, "b", "1");
  batch.Delete(Family::kPosting, "a");
  batch.Put(Family::kPosting, "b", "2");
  batch.Delete(Family::kPosting, "never there");
  WriteBatch more;
  more.Put(Family::kSource, "s", "3");
  batch.Append(more);
  ASSERT_TRUE(store_->Write(batch, Durability::kBuffered).ok());
  EXPECT_TRUE(absl::IsNotFound(store_->Get(Family::kPosting, "a").status()));
  EXPECT_EQ(*store_->Get(Family::kPosting, "b"), "2");
  EXPECT_EQ(*store_->Get(Family::kSource, "s"), "3");
}

TEST_P(StoreConformanceTest, AnEmptyBatchIsFine) {
  EXPECT_TRUE(store_->Write(WriteBatch(), Durability::kSynced).ok());
}

TEST_P(StoreConformanceTest, MultiGetAnswersInOrder) {
  Put(Family::kPosting, "a", "1");
  Put(Family::kPosting, "c", "3");
  const std::vector<std::string> keys = {"c", "b", "a", "c"};
  const auto found = store_->MultiGet(Family::kPosting, keys);
  ASSERT_TRUE(found.ok());
  EXPECT_THAT(*found, ElementsAre("3", std::nullopt, "1", "3"));
  EXPECT_TRUE(store_->MultiGet(Family::kPosting, {})->empty());
}

TEST_P(StoreConformanceTest, ScanHonoursItsRange) {
  for (const char* key : {"a", "b/1", "b/2", "b0", "c"}) {
    Put(Family::kPosting, key, "");
  }
  const auto keys = [&](const KeyRange& range) {
    return Keys(*store_, Family::kPosting, range);
  };
  EXPECT_THAT(keys({}), ElementsAre("a", "b/1", "b/2", "b0", "c"));
  EXPECT_THAT(keys({"b/1", "b0"}), ElementsAre("b/1", "b/2"));
  EXPECT_THAT(keys({"b/15", ""}), ElementsAre("b/2", "b0", "c"));
  EXPECT_THAT(keys(PrefixRange("b/")), ElementsAre("b/1", "b/2"));
  EXPECT_THAT(keys({"d", ""}), ElementsAre());
  EXPECT_THAT(keys({"c", "a"}), ElementsAre());
}

TEST_P(StoreConformanceTest, PrefixOfHighBytesEndsAtTheRightKey) {
  for (const std::string& key :
       {"a\xff"s, "a\xff\x01"s, "b"s, "\xff"s, "\xff\xff"s}) {
    Put(Family::kGraduate, key, "");
  }
  EXPECT_THAT(Keys(*store_, Family::kGraduate, PrefixRange("a\xff")),
              ElementsAre("a\xff", "a\xff\x01"));
  EXPECT_THAT(Keys(*store_, Family::kGraduate, PrefixRange("\xff")),
              ElementsAre("\xff", "\xff\xff"));
}

TEST_P(StoreConformanceTest, CursorStaysInItsMoment) {
  Put(Family::kPosting, "a", "old");
  Put(Family::kPosting, "b", "old");
  const auto cursor = store_->Scan(Family::kPosting, {});
  Put(Family::kPosting, "a", "new");
  Put(Family::kPosting, "c", "new");
  EXPECT_EQ(Walk(*cursor), (Entries{{"a", "old"}, {"b", "old"}}));
}

TEST_P(StoreConformanceTest, EqualsAMapThroughRandomWrites) {
  for (uint32_t seed : {1u, 2u, 3u}) {
    SCOPED_TRACE(absl::StrCat("seed=", seed));
    std::mt19937 rng(seed);
    std::map<std::string, std::string> model;
    const Family family = static_cast<Family>(seed);
    for (int step = 1; step <= 400; ++step) {
      WriteBatch batch;
      for (int i = rng() % 8; i >= 0; --i) {
        const std::string key = absl::StrCat("k", rng() % 100);
        if (rng() % 4 == 0) {
          batch.Delete(family, key);
          model.erase(key);
        } else {
          // Large enough that tables are written and merged on the way.
          std::string value(rng() % 4000, static_cast<char>('a' + step % 26));
          batch.Put(family, key, value);
          model[key] = value;
        }
      }
      ASSERT_TRUE(store_->Write(batch, Durability::kBuffered).ok());
      if (step % 100 == 0) Reopen();
      if (step % 20 == 0) {
        ASSERT_EQ(Walk(*store_->Scan(family, {})),
                  Entries(model.begin(), model.end()));
      }
    }
  }
}

TEST_P(StoreConformanceTest, ReadersNeverSeeHalfABatch) {
  constexpr int kWriters = 4, kRounds = 50;
  const auto write = [&](int writer) {
    for (int round = 1; round <= kRounds; ++round) {
      WriteBatch batch;
      const std::string value = absl::StrCat(writer, ".", round);
      batch.Put(Family::kPushItem, "left", value);
      batch.Put(Family::kPushItem, "right", value);
      ASSERT_TRUE(store_->Write(batch, Durability::kSynced).ok());
    }
  };
  std::vector<std::thread> writers;
  for (int i = 0; i < kWriters; ++i) writers.emplace_back(write, i);
  for (int i = 0; i < 200; ++i) {
    const Entries entries = Walk(*store_->Scan(Family::kPushItem, {}));
    if (entries.empty()) continue;
    EXPECT_EQ(entries.size(), 2);
    EXPECT_EQ(entries.front().second, entries.back().second);
  }
  for (std::thread& writer : writers) writer.join();
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreConformanceTest,
                         testing::Values("InMemory", "Rocksdb"),
                         [](const auto& info) { return info.param; });

TEST(PrefixRangeTest, EmptyPrefixIsEverything) {
  EXPECT_EQ(PrefixRange("").begin, "");
  EXPECT_EQ(PrefixRange("").end, "");
}

}  // namespace
}  // namespace gradmatch
