// Store::Purge and Store::Search on disk: what was deleted or overwritten is in
// no byte of any file. Tables are plain here, so that their bytes hide nothing;
// what compressed ones hold is looked for entry by entry.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "index/base/clock.h"
#include "index/byte_search.h"
#include "index/rocksdb_store.h"
#include "tests/fakes/temp_folder.h"

namespace gradmatch {
namespace {

constexpr int kKeys = 400;

// Key and value of a record that is to be found by its bytes.
std::string Key(int i) { return absl::StrCat("key-canary-", 10'000 + i, "-k"); }
std::string Value(int i) {
  return absl::StrCat("value-canary-", 10'000 + i, "-v-",
                      std::string(200, 'x'));
}

class PurgeTest : public testing::TestWithParam<bool> {
 protected:
  PurgeTest() { Open(); }

  void Open() {
    store_.reset();
    auto store = RocksdbStore::Open({.folder = folder_.path(),
                                     .clock = &clock_,
                                     .block_cache_bytes = 1 << 20,
                                     .write_buffer_bytes = 1 << 20,
                                     .plain_tables = GetParam()});
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }

  void Put(int first, int last) {
    WriteBatch batch;
    for (int i = first; i < last; ++i) {
      batch.Put(Family::kGraduate, Key(i), Value(i));
    }
    ASSERT_TRUE(store_->Write(batch, Durability::kSynced).ok());
  }
  void Delete(int first, int last) {
    WriteBatch batch;
    for (int i = first; i < last; ++i) {
      batch.Delete(Family::kGraduate, Key(i));
    }
    ASSERT_TRUE(store_->Write(batch, Durability::kSynced).ok());
  }
  absl::Status PurgeAll() {
    const FamilyRange all = {Family::kGraduate, {}};
    return store_->Purge({&all, 1});
  }

  static ByteSearch Needles(int first, int last) {
    ByteSearch needles;
    for (int i = first; i < last; ++i) {
      needles.Add(Key(i), static_cast<size_t>(i));
      needles.Add(Value(i).substr(0, 20), static_cast<size_t>(i));
    }
    return needles;
  }
  // How many of [first, last) are in some file, by the store's own search.
  size_t Found(int first, int last) {
    const auto search = store_->Search(Needles(first, last));
    EXPECT_TRUE(search.ok()) << search.status();
    std::set<size_t> owners;
    for (const auto& [file, owner] : search->found) owners.insert(owner);
    EXPECT_GT(search->files, 5);
    return owners.size();
  }
  // The same with a reading of our own, as bytes only.
  size_t FoundInBytes(int first, int last) {
    std::set<int> found;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(folder_.path())) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      std::stringstream text;
      text << in.rdbuf();
      const std::string bytes = text.str();
      for (int i = first; i < last; ++i) {
        if (bytes.find(Key(i)) != std::string::npos ||
            bytes.find(Value(i).substr(0, 20)) != std::string::npos) {
          found.insert(i);
        }
      }
    }
    return found.size();
  }

  TempFolder folder_;
  ManualClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  std::unique_ptr<RocksdbStore> store_;
};

TEST_P(PurgeTest, WhatIsThereIsFoundAndWhatIsDeletedIsNot) {
  // Neighbours share most of their keys, and a table's first and last keys go
  // into the list of files.
  Put(0, kKeys);
  ASSERT_TRUE(PurgeAll().ok());
  EXPECT_EQ(Found(0, kKeys), kKeys) << "the search sees tables";
  Delete(0, 100);
  EXPECT_EQ(Found(0, 100), 100) << "a deletion alone leaves all in the files";
  EXPECT_EQ(FoundInBytes(0, 100), 100);
  ASSERT_TRUE(PurgeAll().ok());
  EXPECT_EQ(Found(0, 100), 0);
  EXPECT_EQ(FoundInBytes(0, 100), 0);
  EXPECT_EQ(Found(100, kKeys), kKeys - 100);

  Open();
  EXPECT_EQ(Found(0, 100), 0);
  EXPECT_TRUE(
      absl::IsNotFound(store_->Get(Family::kGraduate, Key(0)).status()));
  for (int i = 100; i < kKeys; ++i) {
    EXPECT_EQ(store_->Get(Family::kGraduate, Key(i)).value(), Value(i));
  }
}

TEST_P(PurgeTest, OverwrittenValuesAndLogsOfEarlierRunsGoToo) {
  Put(0, 50);
  // Recovered into tables and logs of another process.
  Open();
  WriteBatch batch;
  for (int i = 0; i < 50; ++i) batch.Put(Family::kGraduate, Key(i), "new");
  ASSERT_TRUE(store_->Write(batch, Durability::kSynced).ok());
  ASSERT_TRUE(PurgeAll().ok());
  ByteSearch old;
  for (int i = 0; i < 50; ++i) old.Add(Value(i).substr(0, 20), 1);
  const auto search = store_->Search(old);
  ASSERT_TRUE(search.ok()) << search.status();
  EXPECT_THAT(search->found, testing::IsEmpty());
}

TEST_P(PurgeTest, RangesOfItsFamilyOnly) {
  Put(0, kKeys);
  ASSERT_TRUE(PurgeAll().ok());
  Delete(7, 8);
  const FamilyRange one = {Family::kGraduate, SingleKey(Key(7))};
  ASSERT_TRUE(store_->Purge({&one, 1}).ok());
  EXPECT_EQ(Found(7, 8), 0);
  EXPECT_EQ(FoundInBytes(7, 8), 0);
  EXPECT_EQ(Found(0, kKeys), kKeys - 1);
}

TEST_P(PurgeTest, WaitsForACursorFromBefore) {
  Put(0, 20);
  ASSERT_TRUE(PurgeAll().ok());
  auto cursor = store_->Scan(Family::kGraduate, KeyRange{});
  Delete(0, 20);
  std::atomic<bool> purged = false;
  std::thread purge([&] {
    EXPECT_TRUE(PurgeAll().ok());
    purged = true;
  });
  int seen = 0;
  for (; cursor->Valid(); cursor->Next()) ++seen;
  EXPECT_EQ(seen, 20);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_FALSE(purged);
  cursor.reset();
  purge.join();
  EXPECT_EQ(Found(0, 20), 0);
  EXPECT_EQ(FoundInBytes(0, 20), 0);
}

TEST_P(PurgeTest, CopiesMadeByRecoveryGo) {
  Put(0, 1);
  std::filesystem::create_directories(folder_.path() + "/recovery/x");
  std::ofstream(folder_.path() + "/recovery/x/000001.log") << Value(3);
  EXPECT_EQ(Found(3, 4), 1);
  ASSERT_TRUE(PurgeAll().ok());
  EXPECT_EQ(Found(3, 4), 0);
}

TEST_P(PurgeTest, UnderWritersNothingIsLostAndNothingDeletedStays) {
  std::atomic<bool> stop = false;
  std::atomic<int> written = 1000;
  std::thread writer([&] {
    while (!stop) {
      Put(written, written + 10);
      Delete(written, written + 5);
      written += 10;
    }
  });
  for (int round = 0; round < 5; ++round) {
    Put(round * 10, round * 10 + 10);
    Delete(round * 10, round * 10 + 10);
    ASSERT_TRUE(PurgeAll().ok());
    EXPECT_EQ(Found(round * 10, round * 10 + 10), 0) << round;
    EXPECT_EQ(FoundInBytes(round * 10, round * 10 + 10), 0) << round;
  }
  stop = true;
  writer.join();
  for (int i = 1000; i < written; ++i) {
    const bool kept = (i - 1000) % 10 >= 5;
    EXPECT_EQ(store_->Get(Family::kGraduate, Key(i)).ok(), kept) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Tables, PurgeTest, testing::Bool(),
                         [](const auto& info) {
                           return info.param ? "Plain" : "Compressed";
                         });

TEST(ByteSearchTest, FindsAllOwnersWhereverTheyBegin) {
  ByteSearch search;
  search.Add("needle-one", 1);
  search.Add("needle-two", 2);
  search.Add("needle-one-and-more", 3);
  search.Add("short", 4);  // would be found by accident
  const auto owners = [&](std::string_view text) {
    std::vector<size_t> found;
    search.Find(text, [&](size_t owner) { found.push_back(owner); });
    return found;
  };
  using testing::ElementsAre;
  using testing::IsEmpty;
  using testing::UnorderedElementsAre;
  EXPECT_THAT(owners(""), IsEmpty());
  EXPECT_THAT(owners("needle-"), IsEmpty());
  EXPECT_THAT(owners("xneedle-one"), ElementsAre(1));
  EXPECT_THAT(owners("needle-one-and-more"), UnorderedElementsAre(1, 3));
  EXPECT_THAT(owners("a needle-two, a needle-one"), ElementsAre(2, 1));
  EXPECT_THAT(owners("short"), IsEmpty());
  EXPECT_EQ(search.longest(), 19);
}

}  // namespace
}  // namespace gradmatch
