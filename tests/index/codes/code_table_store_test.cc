#include "index/code_table_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/codes/code_registry.h"
#include "tests/fakes/faulty_store.h"
#include "tests/fakes/in_memory_store.h"

namespace gradmatch {
namespace {

CodeTableStore::Import Industry(const std::string& version,
                                const std::string& name, bool replace = false) {
  auto table = CodeTable::Parse({.system = "industry", .version = version},
                                "A\t\t1\t" + name + "\t\t\n");
  EXPECT_TRUE(table.ok()) << table.status();
  return {.table = *std::move(table), .replace = replace};
}

std::string NameOfA() {
  return std::string(CodeTable::Get("industry")->Name("A"));
}

class CodeTableStoreTest : public testing::Test {
 protected:
  ~CodeTableStoreTest() override {
    EXPECT_TRUE(SetImportedCodeTables({}).ok());
  }
  std::unique_ptr<CodeTableStore> Open(Store& store) {
    auto tables = CodeTableStore::Open(store, clock_);
    EXPECT_TRUE(tables.ok()) << tables.status();
    return *std::move(tables);
  }
  static void None(WriteBatch&) {}

  ManualClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  InMemoryStore disk_;
};

TEST_F(CodeTableStoreTest, TablesComeBackInTheOrderOfTheirImport) {
  {
    auto tables = Open(disk_);
    ASSERT_TRUE(tables->Put(Industry("b", "甲"), None).ok());
    // A version whose name sorts before is current all the same.
    ASSERT_TRUE(tables->Put(Industry("a", "乙"), None).ok());
    EXPECT_EQ(NameOfA(), "乙");
  }
  InMemoryStore other;
  Open(other);
  EXPECT_EQ(NameOfA(), "农、林、牧、渔业");
  {
    auto tables = Open(disk_);
    EXPECT_EQ(NameOfA(), "乙");
    EXPECT_EQ(CodeTable::Get("industry", "b")->Name("A"), "甲");
    // After a restart, too, what comes next is the last.
    ASSERT_TRUE(tables->Put(Industry("b", "丙", true), None).ok());
    EXPECT_EQ(NameOfA(), "丙");
  }
  Open(disk_);
  EXPECT_EQ(NameOfA(), "丙");
}

TEST_F(CodeTableStoreTest, AVersionThatIsThereIsReplacedOnlyWhenAsked) {
  auto tables = Open(disk_);
  ASSERT_TRUE(tables->Put(Industry("1", "甲"), None).ok());
  const absl::Status again = tables->Put(Industry("1", "乙"), None);
  EXPECT_EQ(again.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ReasonOf(again), kAlreadyExists);
  EXPECT_EQ(NameOfA(), "甲");
  EXPECT_EQ(tables->Put(Industry("gb4754-2017", "乙", true), None).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(tables->Put(Industry("1", "乙", true), None).ok());
  EXPECT_EQ(NameOfA(), "乙");
}

TEST_F(CodeTableStoreTest, WhatIsNotDurableIsNotVisible) {
  FaultyStore store(disk_, 2);
  auto tables = Open(store);
  ASSERT_TRUE(tables->Put(Industry("1", "甲"), None).ok());
  EXPECT_FALSE(tables->Put(Industry("2", "乙"), None).ok());
  EXPECT_EQ(NameOfA(), "甲");
  EXPECT_EQ(CodeTable::Get("industry", "2"), nullptr);
}

TEST_F(CodeTableStoreTest, ADamagedRecordStopsTheOpening) {
  WriteBatch batch;
  batch.Put(Family::kCodeTable, "industry/9", "\xFF\xFF");
  ASSERT_TRUE(disk_.Write(batch, Durability::kSynced).ok());
  EXPECT_EQ(CodeTableStore::Open(disk_, clock_).status().code(),
            absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace gradmatch
