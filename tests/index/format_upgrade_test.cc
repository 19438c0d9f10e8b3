// A folder of the format before, format 2, which has no family for tokens:
// opened by this program it is whole, and has it.
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "index/base/clock.h"
#include "index/file_system.h"
#include "index/format.h"
#include "index/keys.h"
#include "index/rocksdb_store.h"
#include "tests/fakes/temp_folder.h"

namespace gradmatch {
namespace {

constexpr int kRecords = 100;

class FormatUpgradeTest : public testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<RocksdbStore>> Open() {
    return RocksdbStore::Open(
        {.folder = folder_, .program = "gradmatch test", .clock = &clock_});
  }

  // What the program before left: its families, its FORMAT, some records.
  void MakeFormat2() {
    {
      auto store = Open();
      ASSERT_TRUE(store.ok()) << store.status();
      for (int i = 0; i < kRecords; ++i) {
        WriteBatch batch;
        batch.Put(Family::kPosting, absl::StrCat("gd/", i), "posting");
        batch.Put(Family::kSyncFigures, absl::StrCat("gd/", i), "figures");
        ASSERT_TRUE((*store)->Write(batch, Durability::kSynced).ok());
      }
    }
    DropFamily(std::string(FamilyName(Family::kToken)));
    ASSERT_TRUE(WriteFileDurably(folder_ + "/FORMAT",
                                 "format_version: 2\n"
                                 "least_reader_version: 2\n"
                                 "created_by: gradmatch 0.1.0\n"
                                 "created_at: 2026-03-01T04:00:00Z\n")
                    .ok());
  }

  std::vector<std::string> FamiliesOnDisk() {
    std::vector<std::string> names;
    EXPECT_TRUE(rocksdb::DB::ListColumnFamilies(rocksdb::DBOptions(),
                                                folder_ + "/store", &names)
                    .ok());
    return names;
  }

  void DropFamily(const std::string& name) {
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const std::string& one : FamiliesOnDisk()) {
      families.emplace_back(one, rocksdb::ColumnFamilyOptions());
    }
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* raw = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(rocksdb::DBOptions(), folder_ + "/store",
                                  families, &handles, &raw)
                    .ok());
    const std::unique_ptr<rocksdb::DB> db(raw);
    for (rocksdb::ColumnFamilyHandle* handle : handles) {
      if (handle->GetName() == name) {
        ASSERT_TRUE(db->DropColumnFamily(handle).ok());
      }
      ASSERT_TRUE(db->DestroyColumnFamilyHandle(handle).ok());
    }
  }

  bool HasTokens() {
    const std::vector<std::string> names = FamiliesOnDisk();
    return std::find(names.begin(), names.end(), "token") != names.end();
  }

  TempFolder temp_;
  const std::string folder_ = temp_ / "data";
  ManualClock clock_{absl::FromUnixSeconds(1'700'000'000)};
};

TEST_F(FormatUpgradeTest, AFolderOfFormat2IsOpenedWhole) {
  ASSERT_NO_FATAL_FAILURE(MakeFormat2());
  ASSERT_FALSE(HasTokens()) << "it is not as the program before left it";
  for (int openings = 0; openings < 2; ++openings) {
    auto store = Open();
    ASSERT_TRUE(store.ok()) << store.status();
    EXPECT_FALSE((*store)->open_report().created);
    for (int i = 0; i < kRecords; ++i) {
      EXPECT_TRUE((*store)->Get(Family::kPosting, absl::StrCat("gd/", i)).ok());
      EXPECT_TRUE(
          (*store)->Get(Family::kSyncFigures, absl::StrCat("gd/", i)).ok());
    }
    // The second time it is there already.
    WriteBatch batch;
    batch.Put(Family::kToken, TokenKey("hb"), absl::StrCat("token", openings));
    ASSERT_TRUE((*store)->Write(batch, Durability::kSynced).ok());
    EXPECT_EQ(*(*store)->Get(Family::kToken, TokenKey("hb")),
              absl::StrCat("token", openings));
  }
  const auto format = ParseFormat(*ReadFile(folder_ + "/FORMAT"));
  ASSERT_TRUE(format.ok());
  EXPECT_EQ(format->format_version, 3);
  EXPECT_EQ(format->least_reader_version, 3);
  // So a program of format 2, which would ask nobody for a token, refuses it.
  EXPECT_TRUE(absl::IsFailedPrecondition(CheckReadable(*format, 2)));
}

}  // namespace
}  // namespace gradmatch
