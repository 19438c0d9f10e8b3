// The store on disk: creation, refusals, and damage of its log.

#include "index/rocksdb_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <random>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "index/file_system.h"
#include "index/pseudonym.h"
#include "tests/fakes/temp_folder.h"

namespace gradmatch {
namespace {

using testing::AllOf;
using testing::HasSubstr;
namespace fs = std::filesystem;

constexpr int kRecords = 200;

std::string Value(int i) { return std::string(500 + i, 'a' + i % 26); }

class RocksdbStoreTest : public testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<RocksdbStore>> Open(
      const std::string& folder) {
    return RocksdbStore::Open({.folder = folder,
                               .clock = &clock_,
                               .block_cache_bytes = 1 << 20,
                               .write_buffer_bytes = 8 << 20});
  }

  static absl::Status Put(Store& store, int i, Durability durability) {
    WriteBatch batch;
    batch.Put(Family::kPosting, absl::StrCat(i), Value(i));
    return store.Write(batch, durability);
  }

  // The files as a crash would leave them now, in `to`.
  void CrashImage(const std::string& to) {
    fs::remove_all(to);
    fs::copy(folder_.path(), to, fs::copy_options::recursive);
  }

  // Makes `image_` a crashed store with records 0..records-1, all of them
  // acknowledged, and after them `unacknowledged` more.
  void MakeImage(int unacknowledged = 0, int records = kRecords) {
    auto store = Open(folder_.path());
    ASSERT_TRUE(store.ok()) << store.status();
    for (int i = 0; i < records; ++i) {
      ASSERT_TRUE(Put(**store, i, Durability::kSynced).ok());
    }
    for (int i = records; i < records + unacknowledged; ++i) {
      ASSERT_TRUE(Put(**store, i, Durability::kBuffered).ok());
    }
    CrashImage(image_);
  }

  // The write-ahead log that has something in it.
  static std::string LogPath(const std::string& folder) {
    std::string path;
    for (const auto& entry : fs::directory_iterator(folder + "/store")) {
      if (entry.path().extension() == ".log" && entry.file_size() > 0) {
        EXPECT_EQ(path, "") << "one log in these tests";
        path = entry.path();
      }
    }
    return path;
  }

  static void Rewrite(const std::string& path, const std::string& bytes) {
    ASSERT_TRUE(WriteFileDurably(path, bytes).ok());
  }

  static void ExpectRecords(const Store& store, int count) {
    for (int i = 0; i < count; ++i) {
      const auto value = store.Get(Family::kPosting, absl::StrCat(i));
      ASSERT_TRUE(value.ok()) << i << ": " << value.status();
      ASSERT_EQ(*value, Value(i)) << i;
    }
  }

  void ExpectDataLoss(const std::string& folder, int records = kRecords) {
    const absl::Status s = Open(folder).status();
    EXPECT_TRUE(absl::IsDataLoss(s)) << s;
    EXPECT_THAT(std::string(s.message()),
                AllOf(HasSubstr(absl::StrCat("up to ", records)),
                      HasSubstr("restore a backup")));
  }

  TempFolder folder_, image_folder_;
  const std::string image_ = image_folder_ / "data";
  ManualClock clock_{absl::FromUnixSeconds(1'700'000'000)};
};

// --- Creation and refusals ---

TEST_F(RocksdbStoreTest, MakesADataFolder) {
  const std::string folder = folder_ / "deep/data";
  auto store = Open(folder);
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_TRUE((*store)->open_report().created);
  EXPECT_TRUE((*store)->Health().ok());
  EXPECT_THAT(*ListFolder(folder),
              testing::ElementsAre("FORMAT", "LOCK", "LOGSTARTS", "SECRET",
                                   "WATERMARK", "store"));
  EXPECT_TRUE(Pseudonymizer::Open(folder).ok());
  ASSERT_TRUE(Put(**store, 1, Durability::kSynced).ok());
  EXPECT_GT((*store)->ApproximateBytes(), 0);
  store->reset();
  auto again = Open(folder);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_FALSE((*again)->open_report().created);
  EXPECT_TRUE((*again)->open_report().strict);
  EXPECT_EQ((*again)->open_report().recovered_sequence, 1);
  EXPECT_EQ((*again)->open_report().watermark, 1);
}

TEST_F(RocksdbStoreTest, MakesNothingWhenItMayNot) {
  const auto store = RocksdbStore::Open({.folder = folder_ / "absent",
                                         .create_if_empty = false,
                                         .clock = &clock_});
  EXPECT_TRUE(absl::IsNotFound(store.status()));
  EXPECT_FALSE(FileExists(folder_ / "absent"));
}

TEST_F(RocksdbStoreTest, OneProcessAtATime) {
  const auto first = Open(folder_.path());
  ASSERT_TRUE(first.ok());
  const absl::Status s = Open(folder_.path()).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(s)) << s;
  EXPECT_THAT(std::string(s.message()),
              HasSubstr(absl::StrCat("process ", ::getpid())));
}

TEST_F(RocksdbStoreTest, ANewerFormatIsRefusedBeforeAnythingIsTouched) {
  MakeImage();
  Rewrite(image_ + "/FORMAT",
          "format_version: 99\nleast_reader_version: 98\ncreated_by: x\n"
          "created_at: 2030-01-01T00:00:00Z\n");
  const auto before = *ListFolder(image_ + "/store");
  const absl::Status s = Open(image_).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(s)) << s;
  EXPECT_THAT(std::string(s.message()),
              AllOf(HasSubstr("version 98"), HasSubstr("up to 3")));
  EXPECT_EQ(*ListFolder(image_ + "/store"), before);
}

TEST_F(RocksdbStoreTest, AMissingOrOpenSecretIsRefused) {
  MakeImage();
  ASSERT_EQ(::chmod((image_ + "/SECRET").c_str(), 0644), 0);
  EXPECT_TRUE(absl::IsFailedPrecondition(Open(image_).status()));
  fs::remove(image_ + "/SECRET");
  EXPECT_TRUE(absl::IsFailedPrecondition(Open(image_).status()));
  EXPECT_FALSE(FileExists(image_ + "/SECRET")) << "never made anew";
}

TEST_F(RocksdbStoreTest, ALostStoreIsNotReplacedByAnEmptyOne) {
  MakeImage();
  fs::remove_all(image_ + "/store");
  ExpectDataLoss(image_);
  EXPECT_FALSE(FileExists(image_ + "/store"));
}

TEST_F(RocksdbStoreTest, ABrokenOffCreationIsFinished) {
  { ASSERT_TRUE(Open(folder_.path()).ok()); }
  fs::remove_all(folder_ / "store");
  const auto store = Open(folder_.path());
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_TRUE((*store)->open_report().created);
}

TEST_F(RocksdbStoreTest, OptionsAreChecked) {
  EXPECT_TRUE(Validate({.folder = "x", .clock = &clock_}).ok());
  for (const RocksdbStoreOptions& bad : std::vector<RocksdbStoreOptions>{
           {.clock = &clock_},
           {.folder = "x"},
           {.folder = "x", .clock = &clock_, .block_cache_bytes = 1},
           {.folder = "x", .clock = &clock_, .write_buffer_bytes = 1},
           {.folder = "x", .clock = &clock_, .max_open_files = 3},
           {.folder = "x", .clock = &clock_, .background_jobs = 0}}) {
    EXPECT_TRUE(absl::IsInvalidArgument(RocksdbStore::Open(bad).status()));
  }
}

// --- A crash ---

TEST_F(RocksdbStoreTest, ACrashKeepsWhatWasAcknowledged) {
  MakeImage();
  const auto store = Open(image_);
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ((*store)->open_report().watermark, kRecords);
  EXPECT_EQ((*store)->open_report().recovered_sequence, kRecords);
  ExpectRecords(**store, kRecords);
}

TEST_F(RocksdbStoreTest, ATornEndIsRecoveredAndWrittenOnFrom) {
  MakeImage(/*unacknowledged=*/1);
  for (int cut : {1, 100, 600}) {
    SCOPED_TRACE(cut);
    CrashImage(image_);
    fs::resize_file(LogPath(image_), fs::file_size(LogPath(image_)) - cut);
    {
      const auto store = Open(image_);
      ASSERT_TRUE(store.ok()) << store.status();
      const OpenReport& report = (*store)->open_report();
      EXPECT_FALSE(report.strict);
      EXPECT_EQ(report.recovered_sequence, kRecords);
      EXPECT_TRUE(FileExists(report.aside_path + "/RECOVERED"));
      ExpectRecords(**store, kRecords);
      ASSERT_TRUE(Put(**store, kRecords, Durability::kSynced).ok());
    }
    const auto store = Open(image_);
    ASSERT_TRUE(store.ok()) << store.status();
    EXPECT_TRUE((*store)->open_report().strict);
    ExpectRecords(**store, kRecords + 1);
  }
}

TEST_F(RocksdbStoreTest, AnAcknowledgedEndThatIsTornIsDataLoss) {
  MakeImage();
  fs::resize_file(LogPath(image_), fs::file_size(LogPath(image_)) - 1);
  ExpectDataLoss(image_);
  // The first refusal left a log without its torn end; that is no better.
  ExpectDataLoss(image_);
}

// A log that is still needed, with another one after it: RocksDB does not miss
// it, and the later one reaches the watermark.
TEST_F(RocksdbStoreTest, AnOlderLogThatIsLostIsDataLossAtEveryStart) {
  std::vector<std::string> logs;
  {
    const auto store = RocksdbStore::Open({.folder = folder_.path(),
                                           .clock = &clock_,
                                           .block_cache_bytes = 1 << 20,
                                           .write_buffer_bytes = 1 << 20});
    ASSERT_TRUE(store.ok()) << store.status();
    WriteBatch needed;
    needed.Put(Family::kGraduate, "g", "1");
    ASSERT_TRUE((*store)->Write(needed, Durability::kSynced).ok());
    while (logs.size() < 2) {
      WriteBatch filling;
      filling.Put(Family::kPosting, "p", std::string(100'000, 'x'));
      ASSERT_TRUE((*store)->Write(filling, Durability::kSynced).ok());
      logs.clear();
      const auto names = ListFolder(folder_ / "store");
      ASSERT_TRUE(names.ok()) << names.status();
      for (const std::string& name : *names) {
        const bool log = name.ends_with(".log");
        // The one of the store's making is empty, and not needed.
        if (log && fs::file_size(folder_ / ("store/" + name)) > 0) {
          logs.push_back(name);
        }
      }
    }
    CrashImage(image_);
  }
  const std::string whole = image_folder_ / "whole";
  fs::copy(image_, whole, fs::copy_options::recursive);
  const std::function<void(const std::string&)> damages[] = {
      [](const std::string& log) { fs::remove(log); },
      [](const std::string& log) { fs::resize_file(log, 0); },
      [](const std::string& log) {
        std::fstream(log, std::ios::in | std::ios::out | std::ios::binary)
            << std::string(32 << 10, '\0');
      }};
  for (const auto& damage : damages) {
    fs::remove_all(image_);
    fs::copy(whole, image_, fs::copy_options::recursive);
    damage(image_ + "/store/" + logs.front());
    for (int start = 0; start < 3; ++start) {
      const absl::Status s = Open(image_).status();
      EXPECT_TRUE(absl::IsDataLoss(s)) << s;
      EXPECT_THAT(std::string(s.message()), HasSubstr(logs.front()));
    }
  }
  EXPECT_TRUE(Open(whole).ok());
}

TEST_F(RocksdbStoreTest, ALogThatEndsEarlyButCleanlyIsDataLoss) {
  auto store = Open(folder_.path());
  ASSERT_TRUE(store.ok());
  for (int i = 0; i < kRecords - 1; ++i) {
    ASSERT_TRUE(Put(**store, i, Durability::kSynced).ok());
  }
  CrashImage(image_);
  ASSERT_TRUE(Put(**store, kRecords - 1, Durability::kSynced).ok());
  fs::copy_file(folder_ / "WATERMARK", image_ + "/WATERMARK",
                fs::copy_options::overwrite_existing);
  ExpectDataLoss(image_);
}

TEST_F(RocksdbStoreTest, WithoutAWatermarkTheRestIsServed) {
  MakeImage();
  fs::resize_file(LogPath(image_), fs::file_size(LogPath(image_)) - 1);
  ExpectDataLoss(image_);
  fs::remove(image_ + "/WATERMARK");
  {
    const auto store = Open(image_);
    ASSERT_TRUE(store.ok()) << store.status();
    EXPECT_EQ((*store)->open_report().watermark, std::nullopt);
    ExpectRecords(**store, kRecords - 1);
  }
  EXPECT_EQ((*Open(image_))->open_report().watermark, kRecords - 1);
}

TEST_F(RocksdbStoreTest, AWatermarkThatCannotBeReadIsDataLoss) {
  MakeImage();
  Rewrite(image_ + "/WATERMARK", std::string(8192, 'x'));
  EXPECT_TRUE(absl::IsDataLoss(Open(image_).status()));
}

// --- Damage inside the log ---

// Where each record begins in a log of less than one block of 32 KiB: a head of
// 7 bytes (checksum 4, length 2 little endian, type 1), then the record.
std::vector<size_t> RecordStarts(const std::string& log) {
  std::vector<size_t> starts;
  for (size_t at = 0; at + 7 < log.size();) {
    starts.push_back(at);
    at += 7 + static_cast<unsigned char>(log[at + 4]) +
          256 * static_cast<unsigned char>(log[at + 5]);
  }
  return starts;
}

// Every checksum holds and the log's last number is as it should be: RocksDB
// alone opens this in any mode, without the record.
TEST_F(RocksdbStoreTest, ARecordTakenOutOfTheMiddleIsDataLoss) {
  MakeImage(/*unacknowledged=*/0, /*records=*/30);
  std::string log = *ReadFile(LogPath(image_));
  ASSERT_LT(log.size(), 32768);
  const std::vector<size_t> starts = RecordStarts(log);
  ASSERT_EQ(starts.size(), 30);
  log.erase(starts[10], starts[11] - starts[10]);
  Rewrite(LogPath(image_), log);
  ExpectDataLoss(image_, 30);
}

TEST_F(RocksdbStoreTest, AnyDamageOfTheLogIsRefusedOrHarmless) {
  MakeImage();
  const std::string whole = *ReadFile(LogPath(image_));
  int refused = 0;
  for (uint32_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed=", seed));
    std::mt19937 rng(seed);
    CrashImage(image_);
    std::string log = whole;
    const size_t at = rng() % log.size();
    if (seed % 2 == 0) {
      log[at] ^= static_cast<char>(1 << rng() % 8);
    } else {  // zeros to the end of a sector, a page or a block
      const size_t unit = std::vector<size_t>{512, 4096, 32768}[rng() % 3];
      const size_t from = at / unit * unit;
      const size_t size = std::min(unit, log.size() - from);
      log.replace(from, size, size, '\0');
    }
    Rewrite(LogPath(image_), log);
    const auto store = Open(image_);
    if (store.ok()) {
      ExpectRecords(**store, kRecords);
    } else {
      EXPECT_TRUE(absl::IsDataLoss(store.status())) << store.status();
      ++refused;
    }
  }
  EXPECT_GE(refused, 30) << "the damage hit something";
}

TEST_F(RocksdbStoreTest, ADamagedTableIsDataLossWhenRead) {
  {
    auto store = Open(folder_.path());
    ASSERT_TRUE(store.ok());
    // More than the write buffer holds, so that tables are written.
    for (int i = 0; i < 12; ++i) {
      WriteBatch batch;
      std::mt19937 rng(i);
      std::string value(1 << 20, '\0');
      for (char& c : value) c = static_cast<char>(rng());
      batch.Put(Family::kPosting, absl::StrCat(i), std::move(value));
      ASSERT_TRUE((*store)->Write(batch, Durability::kSynced).ok());
    }
  }
  ASSERT_TRUE(Open(folder_.path()).ok());  // writes what is left in the log
  int damaged = 0;
  for (const auto& entry : fs::directory_iterator(folder_ / "store")) {
    if (entry.path().extension() != ".sst" || entry.file_size() < 1 << 20) {
      continue;
    }
    std::string bytes = *ReadFile(entry.path());
    bytes[1000] ^= 1;
    Rewrite(entry.path(), bytes);
    ++damaged;
  }
  ASSERT_GT(damaged, 0);
  const auto store = Open(folder_.path());
  ASSERT_TRUE(store.ok()) << store.status();
  int lost = 0;
  for (int i = 0; i < 12; ++i) {
    const auto value = (*store)->Get(Family::kPosting, absl::StrCat(i));
    lost += absl::IsDataLoss(value.status());
  }
  EXPECT_EQ(lost, damaged);
  const auto cursor = (*store)->Scan(Family::kPosting, {});
  while (cursor->Valid()) cursor->Next();
  EXPECT_TRUE(absl::IsDataLoss(cursor->status())) << cursor->status();
}

}  // namespace
}  // namespace gradmatch
