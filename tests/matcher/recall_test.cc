#include "matcher/recall.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "matcher/encoder_input.h"
#include "tests/matcher/builders.h"

namespace gradmatch {
namespace {

TEST(MeasureRecallTest, EveryPlanFindsAll) {
  std::vector<v1::Posting> postings;
  for (int i = 0; i < 300; ++i) {
    postings.push_back(OpenPosting(absl::StrCat("p", i)));
    // Every third one is like the one before: ties.
    postings.back().set_title(absl::StrCat("岗位", i - (i % 3 == 2)));
  }
  const auto snapshot = SnapshotOf(postings, /*segment_rows=*/70);
  const FakeEncoder encoder;
  v1::Profile profile = Bachelor();
  const auto embedding = EncodeProfile(encoder, profile);
  ASSERT_TRUE(embedding.ok());
  const ProfileQuery query = CompileProfile(profile, *embedding, TestNow());
  const std::vector<int> depths = {1, 10, 1000};
  for (const PlanOptions& plan :
       {PlanOptions{}, PlanOptions{.coded_min_eligible = 1},
        PlanOptions{.flat_min_share = 0}}) {
    const auto recall = MeasureRecall(*snapshot, query, depths, plan);
    ASSERT_TRUE(recall.ok()) << recall.status();
    ASSERT_TRUE(recall->has_value());
    EXPECT_EQ((*recall)->at_k, (std::vector<double>{1, 1, 1}))
        << PlanName((*recall)->plan);
  }
}

TEST(MeasureRecallTest, NothingToFindIsNoMeasurement) {
  const auto snapshot = SnapshotOf(std::vector<v1::Posting>{OpenPosting()});
  const std::vector<int> depths = {1};
  const ProfileQuery no_embedding = CompileProfile(Bachelor(), {}, TestNow());
  EXPECT_FALSE(MeasureRecall(*snapshot, no_embedding, depths)->has_value());
  const FakeEncoder encoder;
  v1::Profile elsewhere = Bachelor();
  *elsewhere.mutable_intent()->add_places() = MakeCode("region", "110000");
  elsewhere.mutable_intent()->set_places_strength(v1::INTENT_STRENGTH_HARD);
  v1::Posting here = OpenPosting();
  *here.add_locations()->mutable_region() = MakeCode("region", "440300");
  const auto other = SnapshotOf(std::vector<v1::Posting>{here});
  const auto embedding = EncodeProfile(encoder, elsewhere);
  EXPECT_FALSE(MeasureRecall(*other,
                             CompileProfile(elsewhere, *embedding, TestNow()),
                             depths)
                   ->has_value());
}

TEST(SampleKeysTest, DependsOnKeysAndSeedAlone) {
  std::vector<std::string> keys;
  for (int i = 0; i < 1000; ++i) keys.push_back(absl::StrCat("key-", i));
  const auto sample = SampleKeys(keys, 50, 1);
  std::mt19937 rng(5);
  std::shuffle(keys.begin(), keys.end(), rng);
  EXPECT_EQ(SampleKeys(keys, 50, 1), sample);
  EXPECT_NE(SampleKeys(keys, 50, 2), sample);
  // Sampling a sample changes nothing: large stores are thinned on the way.
  EXPECT_EQ(SampleKeys(SampleKeys(keys, 200, 1), 50, 1), sample);
  EXPECT_EQ(SampleKeys({"a", "b"}, 50, 1).size(), 2u);
}

}  // namespace
}  // namespace gradmatch
