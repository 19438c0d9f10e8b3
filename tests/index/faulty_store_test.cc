#include "tests/fakes/faulty_store.h"

#include <gtest/gtest.h>

#include "tests/fakes/in_memory_store.h"

namespace gradmatch {
namespace {

absl::Status Put(Store& store, const std::string& key) {
  WriteBatch batch;
  batch.Put(Family::kPosting, key, "");
  return store.Write(batch, Durability::kSynced);
}

TEST(FaultyStoreTest, TheNthWriteAndAllLaterOnesFail) {
  InMemoryStore disk;
  FaultyStore store(disk, 2);
  EXPECT_TRUE(Put(store, "1").ok());
  EXPECT_FALSE(store.failed());
  EXPECT_TRUE(absl::IsInternal(Put(store, "2")));
  EXPECT_TRUE(absl::IsFailedPrecondition(Put(store, "3")));
  EXPECT_TRUE(store.failed());
  EXPECT_EQ(store.writes(), 3);
  EXPECT_TRUE(store.Get(Family::kPosting, "1").ok());
  EXPECT_FALSE(disk.Get(Family::kPosting, "2").ok());
  EXPECT_FALSE(disk.Get(Family::kPosting, "3").ok());
}

TEST(FaultyStoreTest, TheFailedBatchMayBeThere) {
  InMemoryStore disk;
  FaultyStore store(disk, 1, FaultyStore::Failure::kBatchKept);
  EXPECT_FALSE(Put(store, "1").ok());
  EXPECT_TRUE(disk.Get(Family::kPosting, "1").ok());
}

TEST(FaultyStoreTest, ZeroNeverFails) {
  InMemoryStore disk;
  FaultyStore store(disk, 0);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(Put(store, "k").ok());
  EXPECT_FALSE(store.failed());
}

}  // namespace
}  // namespace gradmatch
