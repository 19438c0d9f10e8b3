#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/metrics/disk_watch.h"
#include "server/metrics/process_figures.h"

namespace gradmatch {
namespace {

constexpr int64_t kGiB = int64_t{1} << 30;

std::vector<DiskSample> Line(int hours, int64_t first, int64_t an_hour) {
  std::vector<DiskSample> samples;
  for (int i = 0; i <= hours; ++i) {
    samples.push_back({absl::FromUnixSeconds(1'700'000'000) + absl::Hours(i),
                       first + an_hour * i});
  }
  return samples;
}

TEST(DiskForecastTest, FollowsAStraightLine) {
  // 100 GiB, one GiB less an hour: after two days 52 GiB, which last 52 hours.
  EXPECT_NEAR(DaysUntilFull(Line(48, 100 * kGiB, -kGiB)), 52.0 / 24, 1e-6);
  EXPECT_NEAR(DaysUntilFull(Line(1, 10 * kGiB, -kGiB)), 9.0 / 24, 1e-6);
}

TEST(DiskForecastTest, KnowsWhenNothingCanBeSaid) {
  EXPECT_EQ(DaysUntilFull({}), kNeverFullDays);
  EXPECT_EQ(DaysUntilFull(Line(0, kGiB, -1)), kNeverFullDays);
  EXPECT_EQ(DaysUntilFull(Line(48, kGiB, 0)), kNeverFullDays);
  EXPECT_EQ(DaysUntilFull(Line(48, kGiB, kGiB)), kNeverFullDays);
  std::vector<DiskSample> close = Line(1, kGiB, -kGiB / 2);
  close[1].time -= absl::Minutes(1);
  EXPECT_EQ(DaysUntilFull(close), kNeverFullDays) << "less than an hour";
  std::vector<DiskSample> same(9, close[0]);
  EXPECT_EQ(DaysUntilFull(same), kNeverFullDays);
}

TEST(DiskForecastTest, BoundsAreKept) {
  EXPECT_EQ(DaysUntilFull(Line(48, 100 * kGiB, -1)), kNeverFullDays);
  // Fuller than the line had it: never less than now.
  std::vector<DiskSample> samples = Line(48, kGiB, -kGiB);
  EXPECT_EQ(DaysUntilFull(samples), 0);
}

// A merge that takes and gives back room does not change what the week says.
TEST(DiskForecastTest, NoiseDoesNotTurnTheLine) {
  std::vector<DiskSample> samples = Line(24 * 7, 200 * kGiB, -kGiB / 24);
  for (size_t i = 0; i < samples.size(); i += 2) {
    samples[i].free_bytes += (i % 4 == 0 ? 1 : -1) * kGiB / 4;
  }
  EXPECT_NEAR(DaysUntilFull(samples), 193, 3);
}

TEST(DiskWatchTest, LooksAtADisk) {
  ManualClock clock(absl::FromUnixSeconds(1'700'000'000));
  DiskWatch watch("/tmp", clock);
  const auto look = watch.LookNow();
  ASSERT_TRUE(look.has_value());
  EXPECT_GT(look->total_bytes, 0);
  EXPECT_LE(look->free_bytes, look->total_bytes);
  EXPECT_EQ(look->full_days, kNeverFullDays);
  clock.Advance(-absl::Hours(24));
  EXPECT_TRUE(watch.LookNow().has_value());
  DiskWatch nowhere("/no/such/folder", clock);
  EXPECT_FALSE(nowhere.LookNow().has_value());
}

TEST(ProcessFiguresTest, ReadsTheKernelsLine) {
  // A name with blanks and brackets, as any may have.
  const std::string stat =
      "42 (a b) c) S 1 42 42 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 9 0 1000 "
      "123456 77 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0\n";
  const auto figures = ParseProcStat(stat, 100, 4'096);
  ASSERT_TRUE(figures.has_value());
  EXPECT_EQ(figures->cpu_seconds, 3.0);
  EXPECT_EQ(figures->threads, 9);
  EXPECT_EQ(figures->resident_bytes, 77 * 4'096);
  EXPECT_FALSE(ParseProcStat("", 100, 4'096).has_value());
  EXPECT_FALSE(ParseProcStat("42 (a) S 1 2", 100, 4'096).has_value());
}

TEST(ProcessFiguresTest, KnowsThisProcess) {
  const ProcessFigures figures = ReadProcessFigures();
  EXPECT_GT(figures.resident_bytes, 1 << 20);
  EXPECT_GE(figures.cpu_seconds, 0);
  EXPECT_GE(figures.threads, 1);
  EXPECT_GE(figures.open_files, 3);
  EXPECT_GT(figures.max_files, figures.open_files);
}

}  // namespace
}  // namespace gradmatch
