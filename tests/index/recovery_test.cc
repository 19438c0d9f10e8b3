#include "index/recovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <functional>

#include "absl/strings/str_cat.h"
#include "index/file_system.h"
#include "tests/fakes/temp_folder.h"

namespace gradmatch {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

// Opens as it is told; writes a table when it recovers, as RocksDB does.
class FakeEngine : public RecoverableEngine {
 public:
  explicit FakeEngine(std::string folder) : folder_(std::move(folder)) {}

  absl::Status Open(LogMode mode) override {
    attempts.push_back(mode);
    const absl::Status& result = mode == LogMode::kStrict ? strict : recovery;
    if (!result.ok()) return result;
    open = true;
    if (mode == LogMode::kPointInTime) {
      if (while_recovering) while_recovering();
      return WriteFileDurably(folder_ + "/000009.sst", "recovered");
    }
    return absl::OkStatus();
  }
  void Close() override { open = false; }
  uint64_t LatestSequence() const override { return sequence; }
  absl::Status CheckLogs(uint64_t) override { return logs; }
  std::string DescribeLogs() const override { return "read to write 99"; }
  absl::Status ReadTable(const std::string& name) override {
    return name == bad_table ? absl::DataLossError(name + ": bad block")
                             : absl::OkStatus();
  }
  absl::Status VerifyTables(const std::vector<std::string>& known) override {
    not_verified = known;
    return tables;
  }

  absl::Status strict, recovery, tables, logs;
  std::function<void()> while_recovering;
  uint64_t sequence = 100;
  bool open = false;
  std::vector<LogMode> attempts;
  std::vector<std::string> not_verified;
  std::string bad_table;

 private:
  const std::string folder_;
};

class RecoveryTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(MakeFolder(paths_.engine_folder).ok());
    for (const char* name :
         {"000003.sst", "000004.log", "CURRENT", "MANIFEST-000001",
          "OPTIONS-000002", "LOG", "LOG.old.1", "LOCK"}) {
      const std::string path = absl::StrCat(paths_.engine_folder, "/", name);
      ASSERT_TRUE(WriteFileDurably(path, name).ok());
    }
    ASSERT_TRUE(WriteFileDurably(paths_.watermark_path, "mark").ok());
  }

  absl::StatusOr<OpenReport> Open(std::optional<uint64_t> watermark,
                                  absl::Time now = kNow) {
    return OpenWithRecovery(engine_, paths_, watermark, now);
  }
  std::vector<std::string> Copies() {
    const auto names = ListFolder(paths_.aside_folder);
    return names.ok() ? *names : std::vector<std::string>();
  }

  TempFolder folder_;
  const RecoveryPaths paths_{folder_ / "store", folder_ / "recovery",
                             folder_ / "WATERMARK"};
  FakeEngine engine_{paths_.engine_folder};
};

TEST_F(RecoveryTest, AWholeLogIsOpenedOnceWithoutACopy) {
  const auto report = Open(100);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(report->strict);
  EXPECT_EQ(report->recovered_sequence, 100);
  EXPECT_EQ(report->watermark, 100);
  EXPECT_THAT(engine_.attempts, ElementsAre(LogMode::kStrict));
  EXPECT_THAT(Copies(), IsEmpty());
}

TEST_F(RecoveryTest, AWholeLogBelowTheWatermarkIsDataLoss) {
  const absl::Status s = Open(101).status();
  EXPECT_TRUE(absl::IsDataLoss(s)) << s;
  EXPECT_THAT(std::string(s.message()),
              AllOf(HasSubstr("ends at write 100"), HasSubstr("up to 101")));
  EXPECT_FALSE(engine_.open);
}

TEST_F(RecoveryTest, ALogThatTheEngineMissesIsDataLoss) {
  engine_.logs = absl::DataLossError("000004.log is missing");
  const absl::Status s = Open(100).status();
  EXPECT_TRUE(absl::IsDataLoss(s)) << s;
  EXPECT_THAT(std::string(s.message()), HasSubstr("000004.log is missing"));
  EXPECT_FALSE(engine_.open);
}

TEST_F(RecoveryTest, NoWatermarkIsNotCompared) {
  const auto report = Open(std::nullopt);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->watermark, std::nullopt);
}

TEST_F(RecoveryTest, ATornLogIsCopiedAsideThenRecovered) {
  engine_.strict = absl::DataLossError("torn");
  const auto report = Open(90);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_FALSE(report->strict);
  EXPECT_EQ(report->strict_refusal, "torn");
  EXPECT_EQ(report->recovered_sequence, 100);
  EXPECT_TRUE(engine_.open);
  EXPECT_THAT(engine_.attempts,
              ElementsAre(LogMode::kStrict, LogMode::kPointInTime));
  EXPECT_THAT(engine_.not_verified,
              AllOf(Contains("000003.sst"), Not(Contains("000009.sst"))));

  EXPECT_EQ(report->aside_path, paths_.aside_folder + "/20231114T221320Z");
  EXPECT_THAT(
      *ListFolder(report->aside_path),
      ElementsAre("000003.sst", "000004.log", "CURRENT", "MANIFEST-000001",
                  "OPTIONS-000002", "RECOVERED", "WATERMARK"));
  EXPECT_EQ(*ReadFile(report->aside_path + "/000004.log"), "000004.log");
  struct stat table, log;
  ASSERT_EQ(::stat((report->aside_path + "/000003.sst").c_str(), &table), 0);
  ASSERT_EQ(::stat((report->aside_path + "/000004.log").c_str(), &log), 0);
  EXPECT_EQ(table.st_nlink, 2) << "a table is linked";
  EXPECT_EQ(log.st_nlink, 1) << "a log is copied";
}

TEST_F(RecoveryTest, ARecoveryBelowTheWatermarkIsDataLossNamingTheCopy) {
  engine_.strict = absl::DataLossError("torn");
  const absl::Status s = Open(150).status();
  EXPECT_TRUE(absl::IsDataLoss(s));
  EXPECT_THAT(std::string(s.message()),
              AllOf(HasSubstr("100"), HasSubstr("150"), HasSubstr("50 are"),
                    HasSubstr(paths_.aside_folder + "/20231114T221320Z")));
  EXPECT_FALSE(engine_.open);
  EXPECT_THAT(Copies(), ElementsAre("20231114T221320Z"));
}

TEST_F(RecoveryTest, OtherErrorsAreNotRecoveredFrom) {
  engine_.strict = absl::FailedPreconditionError("an unknown family");
  EXPECT_TRUE(absl::IsFailedPrecondition(Open(1).status()));
  EXPECT_THAT(engine_.attempts, ElementsAre(LogMode::kStrict));
  EXPECT_THAT(Copies(), IsEmpty());
}

TEST_F(RecoveryTest, DamageThatRecoveryRefusesIsDataLoss) {
  engine_.strict = absl::DataLossError("torn");
  engine_.recovery = absl::DataLossError("no manifest");
  const absl::Status s = Open(1).status();
  EXPECT_TRUE(absl::IsDataLoss(s));
  EXPECT_THAT(std::string(s.message()),
              AllOf(HasSubstr("torn"), HasSubstr("no manifest")));
}

TEST_F(RecoveryTest, WhatCannotBeOpenedNamesTheTableThatIsDamaged) {
  engine_.strict = absl::DataLossError("bad magic number");
  engine_.recovery = engine_.strict;
  engine_.bad_table = "000003.sst";
  EXPECT_THAT(std::string(Open(1).status().message()),
              HasSubstr("000003.sst: bad block"));
}

TEST_F(RecoveryTest, ABadTableIsDataLoss) {
  engine_.strict = absl::DataLossError("torn");
  engine_.tables = absl::DataLossError("000009.sst: bad block");
  const absl::Status s = Open(1).status();
  EXPECT_TRUE(absl::IsDataLoss(s));
  EXPECT_THAT(std::string(s.message()), HasSubstr("bad block"));
  EXPECT_FALSE(engine_.open);
}

TEST_F(RecoveryTest, OnlyTheNewestGoodCopyIsKeptAndRefusedOnesStay) {
  engine_.strict = absl::DataLossError("torn");
  ASSERT_TRUE(Open(1).ok());
  ASSERT_FALSE(Open(999, kNow + absl::Seconds(1)).ok());
  // The same second twice: another name.
  ASSERT_TRUE(Open(1, kNow).ok());
  EXPECT_THAT(Copies(), ElementsAre("20231114T221320Z-2", "20231114T221321Z"));
  ASSERT_TRUE(Open(1, kNow + absl::Hours(1)).ok());
  EXPECT_THAT(Copies(), ElementsAre("20231114T221321Z", "20231114T231320Z"));
}

TEST_F(RecoveryTest, RestartsDoNotFillTheDiskWithCopies) {
  engine_.strict = absl::DataLossError("torn");
  for (int i = 0; i < 3; ++i) {
    ASSERT_FALSE(Open(999, kNow + absl::Seconds(i)).ok());
  }
  const size_t attempts = engine_.attempts.size();
  const absl::Status s = Open(1, kNow + absl::Seconds(9)).status();
  EXPECT_TRUE(absl::IsDataLoss(s));
  EXPECT_THAT(std::string(s.message()), HasSubstr("3 copies"));
  EXPECT_EQ(Copies().size(), 3);
  EXPECT_EQ(engine_.attempts.size(), attempts + 1) << "strict only";
}

// What stopped the recovery says nothing about the files: with room on the disk
// they may be whole.
TEST_F(RecoveryTest, ARecoveryThatCouldNotBeTriedIsNoDamage) {
  engine_.strict = absl::DataLossError("torn");
  engine_.recovery = absl::ResourceExhaustedError("no space left");
  for (int i = 0; i < 5; ++i) {
    const absl::Status s = Open(100, kNow + absl::Seconds(i)).status();
    EXPECT_TRUE(absl::IsResourceExhausted(s)) << s;
    EXPECT_THAT(std::string(s.message()),
                AllOf(HasSubstr("no space left"), HasSubstr("torn")));
  }
  engine_.recovery = absl::OkStatus();
  EXPECT_TRUE(Open(100, kNow + absl::Minutes(1)).ok());
}

// Kills during recoveries leave copies that nobody judged. They must not add up
// to a refusal of a good store, nor fill the disk.
TEST_F(RecoveryTest, RecoveriesThatWereBrokenOffRefuseNothing) {
  for (int i = 1; i <= 5; ++i) {
    const std::string copy =
        absl::StrCat(paths_.aside_folder, "/2023010", i, "T000000Z");
    ASSERT_TRUE(MakeFolder(copy).ok());
    ASSERT_TRUE(WriteFileDurably(copy + "/000004.log", "log").ok());
  }
  engine_.strict = absl::DataLossError("torn");
  EXPECT_TRUE(Open(100).ok());
  EXPECT_THAT(Copies(), ElementsAre("20230101T000000Z", "20231114T221320Z"))
      << "the first is nearest to what was";
}

TEST_F(RecoveryTest, AGoodStoreOpensThoughItsCopyCannotBeMarked) {
  engine_.strict = absl::DataLossError("torn");
  engine_.while_recovering = [&] {
    ASSERT_TRUE(
        MakeFolder(paths_.aside_folder + "/20231114T221320Z/RECOVERED/x").ok());
  };
  EXPECT_TRUE(Open(100).ok());
}

TEST_F(RecoveryTest, ALaterRefusalNamesTheCopiesOfTheFirst) {
  engine_.strict = absl::DataLossError("torn");
  ASSERT_FALSE(Open(150).ok());
  engine_.strict = absl::OkStatus();  // the recovery ended the log
  const absl::Status s = Open(150).status();
  EXPECT_TRUE(absl::IsDataLoss(s));
  EXPECT_THAT(std::string(s.message()), HasSubstr(paths_.aside_folder));
}

TEST_F(RecoveryTest, ABrokenOffCopyIsRemoved) {
  ASSERT_TRUE(MakeFolder(paths_.aside_folder + "/20200101T000000Z.tmp").ok());
  engine_.strict = absl::DataLossError("torn");
  ASSERT_TRUE(Open(1).ok());
  EXPECT_THAT(Copies(), ElementsAre("20231114T221320Z"));
}

}  // namespace
}  // namespace gradmatch
