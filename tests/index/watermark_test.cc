#include "index/watermark.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "index/file_system.h"
#include "tests/fakes/temp_folder.h"

namespace gradmatch {
namespace {

class WatermarkTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(Watermark::Create(path_, 7).ok()); }

  std::unique_ptr<Watermark> Open() {
    auto watermark = Watermark::Open(path_, absl::ZeroDuration());
    EXPECT_TRUE(watermark.ok()) << watermark.status();
    return *std::move(watermark);
  }

  void Damage(size_t offset) {
    std::string bytes = *ReadFile(path_);
    bytes[offset] ^= 0x10;
    ASSERT_TRUE(WriteFileDurably(path_, bytes).ok());
  }

  TempFolder folder_;
  const std::string path_ = folder_ / "WATERMARK";
};

TEST_F(WatermarkTest, MissingIsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(Watermark::Open(folder_ / "other").status()));
}

TEST_F(WatermarkTest, OnlyRisesAndIsReadBack) {
  EXPECT_EQ(Open()->value(), 7);
  {
    const auto watermark = Open();
    for (uint64_t sequence : {10, 9, 12, 12, 3}) {
      ASSERT_TRUE(watermark->Advance(sequence).ok());
    }
    EXPECT_EQ(watermark->value(), 12);
    ASSERT_TRUE(watermark->Sync().ok());
  }
  EXPECT_EQ(Open()->value(), 12);
  ASSERT_TRUE(Open()->Advance(13).ok());
  EXPECT_EQ(Open()->value(), 13);
}

// Slot 1 has the last of an odd number of advances after Create, slot 0 that of
// an even number; a damaged last slot leaves the one before it.
TEST_F(WatermarkTest, EveryDamagedByteOfASlotIsNoticed) {
  for (size_t i = 0; i < 32; ++i) {
    SCOPED_TRACE(i);
    ASSERT_TRUE(Watermark::Create(path_, 7).ok());
    ASSERT_TRUE(Open()->Advance(100).ok());  // turn 2: slot 0
    Damage(i);
    EXPECT_EQ(Open()->value(), 7);
    ASSERT_TRUE(Open()->Advance(101).ok());  // writes the damaged slot
    EXPECT_EQ(Open()->value(), 101);
    ASSERT_TRUE(Open()->Advance(102).ok());
    Damage(i);
    EXPECT_EQ(Open()->value(), 102);
  }
}

TEST_F(WatermarkTest, BothSlotsDamagedIsDataLoss) {
  Damage(3);
  Damage(4096 + 20);
  const absl::Status s = Watermark::Open(path_).status();
  EXPECT_TRUE(absl::IsDataLoss(s)) << s;
  EXPECT_THAT(std::string(s.message()), testing::HasSubstr(path_));
}

TEST_F(WatermarkTest, AnyTruncationLeavesAWholeSlotOrIsDataLoss) {
  const std::string bytes = *ReadFile(path_);
  for (size_t size : {0, 31, 32, 4096, 4127, 4128, 8191}) {
    ASSERT_TRUE(WriteFileDurably(path_, bytes.substr(0, size)).ok());
    const auto watermark = Watermark::Open(path_);
    if (size < 32) {
      EXPECT_TRUE(absl::IsDataLoss(watermark.status())) << size;
    } else {
      ASSERT_TRUE(watermark.ok()) << size;
      EXPECT_EQ((*watermark)->value(), 7);
    }
  }
}

TEST_F(WatermarkTest, ThreadsEndAtTheHighest) {
  const auto watermark = Open();
  std::vector<std::thread> threads;
  for (uint64_t start = 0; start < 4; ++start) {
    threads.emplace_back([&, start] {
      for (uint64_t i = 0; i < 200; ++i) {
        EXPECT_TRUE(watermark->Advance(8 + 4 * i + start).ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(watermark->value(), 8 + 4 * 199 + 3);
  EXPECT_EQ(Open()->value(), 8 + 4 * 199 + 3);
}

}  // namespace
}  // namespace gradmatch
