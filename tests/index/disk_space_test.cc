#include "index/disk_space.h"

#include <gtest/gtest.h>

namespace gradmatch {
namespace {

TEST(DiskSpaceTest, WritesAreBlockedAndAllowedAtTwoLimits) {
  const struct {
    int used;
    int free;
    bool was;
    bool want;
  } cases[] = {
      {0, 100, false, false},   {84, 16, false, false},
      {85, 15, false, true},    {100, 0, false, true},
      {100, 0, true, true},     {85, 15, true, true},
      {84, 16, true, true},     {83, 17, true, false},
      {0, 100, true, false},    {8499, 1501, false, false},
      {8301, 1699, true, true}, {0, 0, false, true},  // a disk without any room
  };
  for (const auto& c : cases) {
    EXPECT_EQ(IsFeedBlocked(c.was, {c.used, c.free}, {85, 83}), c.want)
        << c.used << " used, " << c.free << " free, was " << c.was;
  }
}

TEST(DiskSpaceTest, OneLimitForBothIsAllowed) {
  EXPECT_TRUE(IsFeedBlocked(false, {90, 10}, {90, 90}));
  EXPECT_FALSE(IsFeedBlocked(true, {90, 10}, {90, 90}));
  EXPECT_TRUE(IsFeedBlocked(true, {91, 9}, {90, 90}));
}

TEST(DiskSpaceTest, OfARealDisk) {
  const auto space = ReadDiskSpace("/");
  ASSERT_TRUE(space.ok()) << space.status();
  EXPECT_GT(space->used_bytes + space->free_bytes, 0);
  EXPECT_TRUE(absl::IsNotFound(ReadDiskSpace("/no/such/folder").status()));
}

}  // namespace
}  // namespace gradmatch
