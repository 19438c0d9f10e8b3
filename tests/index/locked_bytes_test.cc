#include "index/base/locked_bytes.h"

#include <unistd.h>

#include <fstream>
#include <string>

#include "gtest/gtest.h"

namespace gradmatch {
namespace {

// The flags of the mapping that `at` lies in, as /proc/self/smaps has them:
// "lo" is locked, "dd" not in a core file.
std::string FlagsOf(const void* at) {
  std::ifstream in("/proc/self/smaps");
  const auto address = reinterpret_cast<uintptr_t>(at);
  bool here = false;
  for (std::string line; std::getline(in, line);) {
    unsigned long begin = 0, end = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &begin, &end) == 2) {
      here = begin <= address && address < end;
    } else if (here && line.starts_with("VmFlags:")) {
      return line + " ";
    }
  }
  return "";
}

TEST(LockedBytesTest, AreOutOfSwapAndOfCoreFiles) {
  const LockedBytes bytes("0123456789abcdef");
  EXPECT_EQ(bytes.view(), "0123456789abcdef");
  const std::string flags = FlagsOf(bytes.view().data());
  ASSERT_FALSE(flags.empty());
  EXPECT_NE(flags.find(" dd "), std::string::npos) << flags;
  EXPECT_EQ(flags.find(" wr "), std::string::npos) << flags;
#ifndef __SANITIZE_ADDRESS__  // which makes mlock do nothing and say it did
  EXPECT_EQ(flags.find(" lo ") != std::string::npos, bytes.locked()) << flags;
#endif
  EXPECT_TRUE(bytes.locked()) << "what is RLIMIT_MEMLOCK here?";
}

TEST(LockedBytesTest, MovingLeavesNothingAndEndsTheOld) {
  LockedBytes one("one");
  LockedBytes two(std::move(one));
  EXPECT_EQ(one.view(), "");
  EXPECT_EQ(two.view(), "one");
  two = LockedBytes("two");
  EXPECT_EQ(two.view(), "two");
  EXPECT_EQ(LockedBytes().view(), "");
  const std::string large(10'000, 'x');
  EXPECT_EQ(LockedBytes(large).view(), large);
}

}  // namespace
}  // namespace gradmatch
