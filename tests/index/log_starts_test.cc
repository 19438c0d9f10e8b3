#include "index/log_starts.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/fakes/temp_folder.h"

namespace gradmatch {
namespace {

LogStarts TwoLogs() {
  LogStarts starts;
  starts.Add({10, 1});
  starts.Add({14, 101});
  return starts;
}

TEST(LogStartsTest, TheOldestLogFromANumberOn) {
  const LogStarts starts = TwoLogs();
  const struct {
    uint64_t least;
    uint64_t log;  // 0: none
    uint64_t write;
  } cases[] = {
      {0, 10, 1}, {10, 10, 1}, {11, 14, 101}, {14, 14, 101}, {15, 0, 0}};
  for (const auto& c : cases) {
    const auto start = starts.OldestFrom(c.least);
    EXPECT_EQ(start.has_value() ? start->log : 0, c.log) << c.least;
    EXPECT_EQ(start.has_value() ? start->write : 0, c.write) << c.least;
  }
}

TEST(LogStartsTest, TheFirstWordOnALogCounts) {
  LogStarts starts = TwoLogs();
  EXPECT_FALSE(starts.Add({14, 200}));
  EXPECT_EQ(starts.OldestFrom(14)->write, 101u);
}

TEST(LogStartsTest, OnlyTheNewestAreKept) {
  LogStarts starts;
  for (uint64_t log = 1; log <= 1'000; ++log) starts.Add({log, log});
  EXPECT_EQ(starts.OldestFrom(0)->log, 937u);
  EXPECT_EQ(starts.OldestFrom(1'000)->log, 1'000u);
}

TEST(LogStartsTest, IsReadAsItWasWritten) {
  const TempFolder folder;
  LogStarts starts = TwoLogs();
  starts.SetLost(14);
  ASSERT_TRUE(starts.Write(folder / "LOGSTARTS").ok());
  const auto read = LogStarts::Read(folder / "LOGSTARTS");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->Serialize(), starts.Serialize());
  EXPECT_EQ(read->lost(), 14u);
}

TEST(LogStartsTest, NoFileIsNothingKnown) {
  const TempFolder folder;
  const auto read = LogStarts::Read(folder / "LOGSTARTS");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_FALSE(read->OldestFrom(0).has_value());
}

TEST(LogStartsTest, EveryChangedBitAndEveryCutIsDamage) {
  const std::string whole = TwoLogs().Serialize();
  ASSERT_TRUE(LogStarts::Parse(whole).ok());
  for (size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string text = whole;
    text[bit / 8] ^= static_cast<char>(1 << bit % 8);
    EXPECT_TRUE(absl::IsDataLoss(LogStarts::Parse(text).status())) << bit;
  }
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_TRUE(
        absl::IsDataLoss(LogStarts::Parse(whole.substr(0, size)).status()))
        << size;
  }
}

}  // namespace
}  // namespace gradmatch
