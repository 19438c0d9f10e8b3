#include "index/data_snapshot/retention.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace gradmatch {
namespace {

using testing::ElementsAreArray;

const absl::Time kNow = absl::FromUnixSeconds(1'000'000'000);

std::vector<KeptSnapshot> Aged(const std::vector<int>& hours) {
  std::vector<KeptSnapshot> snapshots;
  for (const int age : hours) {
    snapshots.push_back({std::to_string(age), kNow - absl::Hours(age)});
  }
  return snapshots;
}

TEST(RetentionTest, KeepsTheNewestAndNoneThatIsTooOld) {
  const struct {
    const char* name;
    std::vector<int> ages;
    int keep;
    std::vector<std::string> gone;
  } cases[] = {
      {"none", {}, 3, {}},
      {"few", {1, 2}, 3, {}},
      {"many", {5, 1, 3, 2}, 2, {"3", "5"}},
      {"old", {1, 48, 47}, 9, {"48"}},
      {"all are old, the newest too", {48, 50}, 9, {"48", "50"}},
      {"both", {1, 2, 100}, 1, {"2", "100"}},
      {"of the future", {-5, 1}, 1, {"1"}},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(SnapshotsToDelete(Aged(c.ages), c.keep, absl::Hours(48), kNow),
                ElementsAreArray(c.gone))
        << c.name;
  }
}

TEST(RetentionTest, AnotherIsDueWhenNoneIsYoungEnough) {
  EXPECT_FALSE(SnapshotIsDue({}, absl::ZeroDuration(), kNow)) << "no schedule";
  EXPECT_TRUE(SnapshotIsDue({}, absl::Hours(6), kNow));
  EXPECT_FALSE(SnapshotIsDue(Aged({5, 20}), absl::Hours(6), kNow));
  EXPECT_TRUE(SnapshotIsDue(Aged({6}), absl::Hours(6), kNow));
  EXPECT_TRUE(SnapshotIsDue(Aged({-3}), absl::Hours(6), kNow))
      << "the clock was set back";
}

}  // namespace
}  // namespace gradmatch
