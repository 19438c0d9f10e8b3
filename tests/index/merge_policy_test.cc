#include "index/merge_policy.h"

#include <random>
#include <string>

#include "gtest/gtest.h"

namespace gradmatch {
namespace {

constexpr MergeOptions kOptions{
    .factor = 4, .max_merge_rows = 1'000, .max_dead_share = 0.2};

SegmentSize Live(size_t rows) { return {rows, rows}; }

struct Case {
  std::string name;
  std::vector<SegmentSize> segments;
  std::vector<size_t> want;
};
class ChooseMergeTest : public testing::TestWithParam<Case> {};

TEST_P(ChooseMergeTest, Picks) {
  EXPECT_EQ(ChooseMerge(GetParam().segments, kOptions), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    Sizes, ChooseMergeTest,
    testing::ValuesIn<Case>({
        {"Nothing", {}, {}},
        {"OneSmall", {Live(1)}, {}},
        {"FewerThanTheFactor", {Live(1), Live(1), Live(1)}, {}},
        {"AFullClass", {Live(1), Live(2), Live(3), Live(1)}, {0, 1, 2, 3}},
        {"OthersStay",
         {Live(100), Live(1), Live(2), Live(20), Live(3), Live(1)},
         {1, 2, 4, 5}},
        {"SmallestClassFirst",
         {Live(20), Live(20), Live(20), Live(20), Live(1), Live(1), Live(1),
          Live(1)},
         {4, 5, 6, 7}},
        {"OnlyWhatFits",
         {Live(400), Live(300), Live(450), Live(310), Live(500)},
         {1, 3}},
        {"NothingFits", {Live(501), Live(700), Live(800), Live(900)}, {}},
        {"ManyDead", {Live(600), {600, 479}}, {1}},
        {"JustNotTooManyDead", {{600, 480}}, {}},
        {"LargeWithManyDeadIsRewritten", {{1'000'000, 700'000}}, {0}},
    }),
    [](const auto& info) { return info.param.name; });

// What the collection does: commits of random sizes, rows dying, merging until
// the policy is content.
TEST(ChooseMergeTest, ManyCommitsLeaveFewSegmentsAndLittleWork) {
  const MergeOptions options{};
  for (uint32_t seed : {1u, 2u, 3u}) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 rng(seed);
    std::vector<SegmentSize> segments;
    size_t written = 0;
    size_t added = 0;
    for (int commit = 0; commit < 3'000; ++commit) {
      segments.push_back(Live(1 + rng() % 256));
      added += segments.back().rows;
      SegmentSize& hit = segments[rng() % segments.size()];
      hit.live -= std::min<size_t>(hit.live, rng() % 64);
      std::erase_if(segments, [](const SegmentSize& s) { return s.live == 0; });
      for (int merges = 0;; ++merges) {
        ASSERT_LT(merges, 100) << "does not come to an end";
        const std::vector<size_t> chosen = ChooseMerge(segments, options);
        if (chosen.empty()) break;
        size_t live = 0;
        for (size_t i = chosen.size(); i-- > 0;) {
          live += segments[chosen[i]].live;
          segments.erase(segments.begin() + chosen[i]);
        }
        ASSERT_TRUE(chosen.size() == 1 || live <= options.max_merge_rows);
        segments.push_back(Live(live));
        written += live;
      }
      ASSERT_LT(segments.size(), 60u);
    }
    // Each row is written again about once a size class.
    EXPECT_LT(written, added * 8);
  }
}

}  // namespace
}  // namespace gradmatch
