#include "server/descriptors.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace gradmatch {
namespace {

constexpr DescriptorWants kUsual = {512, 256, 1'024};

TEST(DescriptorPlanTest, DividesWhatThereIs) {
  struct Case {
    int64_t limit;
    DescriptorWants wants;
    int tables, http, grpc;
    bool cut;
  };
  const Case cases[] = {
      {20'000, kUsual, 512, 256, 1'024, false},
      {1'856, kUsual, 512, 256, 1'024, false},
      {1'855, kUsual, 512, 256, 1'023, true},
      {1'024, kUsual, 320, 256, 384, true},
      {128, kUsual, 21, 21, 22, true},
      {0, kUsual, 20, 4, 8, true},
      {1'024, {512, 0, 1'024}, 320, 0, 640, true},
      {256, {64, 10, 0}, 64, 10, 0, false},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(absl::StrCat("limit ", c.limit));
    const DescriptorPlan plan = PlanDescriptors(c.limit, c.wants);
    EXPECT_EQ(plan.table_files, c.tables);
    EXPECT_EQ(plan.http_connections, c.http);
    EXPECT_EQ(plan.grpc_connections, c.grpc);
    EXPECT_EQ(plan.cut, c.cut);
  }
  EXPECT_EQ(DescriptorsFor(kUsual), 1'856);
}

TEST(DescriptorPlanTest, TogetherTheyFitWhateverTheLimit) {
  for (int64_t limit = 128; limit < 3'000; ++limit) {
    const DescriptorPlan plan = PlanDescriptors(limit, kUsual);
    ASSERT_LE(plan.table_files + plan.http_connections + plan.grpc_connections,
              limit - 64)
        << limit;
  }
}

TEST(DescriptorReserveTest, IsThereWhenNothingElseIs) {
  struct rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  DescriptorReserve reserve(3);
  struct rlimit low = before;
  low.rlim_cur = 64;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  std::vector<int> taken;
  const auto take = [&taken] {
    int count = 0;
    for (int fd; (fd = open("/dev/null", O_RDONLY)) >= 0; ++count) {
      taken.push_back(fd);
    }
    return count;
  };
  take();
  reserve.Release();
  EXPECT_EQ(take(), 3);
  EXPECT_FALSE(reserve.Hold());
  for (const int fd : taken) close(fd);
  EXPECT_TRUE(reserve.Hold());
  EXPECT_EQ(DescriptorLimit(), 64);
  EXPECT_EQ(RaiseDescriptorLimit(), static_cast<int64_t>(before.rlim_max));
  EXPECT_EQ(DescriptorLimit(), static_cast<int64_t>(before.rlim_max));
  setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace gradmatch
