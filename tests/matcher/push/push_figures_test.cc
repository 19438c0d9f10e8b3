#include "matcher/push/push_figures.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace gradmatch {
namespace {

struct GiniCase {
  std::string name;
  std::vector<int64_t> values;
  double want;
};
class GiniTest : public testing::TestWithParam<GiniCase> {};

TEST_P(GiniTest, IsAsDefined) {
  // The definition: mean absolute difference over twice the mean.
  double difference = 0;
  double sum = 0;
  for (int64_t a : GetParam().values) {
    sum += static_cast<double>(a);
    for (int64_t b : GetParam().values) difference += std::abs(a - b);
  }
  const auto n = static_cast<double>(GetParam().values.size());
  const double oracle = sum == 0 ? 0 : difference / (2 * n * sum);
  EXPECT_NEAR(Gini(GetParam().values), GetParam().want, 1e-12);
  EXPECT_NEAR(oracle, GetParam().want, 1e-12);
}
INSTANTIATE_TEST_SUITE_P(
    Values, GiniTest,
    testing::ValuesIn<GiniCase>({{"None", {}, 0},
                                 {"AllZero", {0, 0, 0}, 0},
                                 {"Even", {4, 4, 4, 4}, 0},
                                 {"OneHasAll", {0, 0, 0, 8}, 0.75},
                                 {"Unsorted", {3, 1, 2}, 2.0 / 9},
                                 {"Half", {0, 1}, 0.5}}),
    [](const auto& info) { return info.param.name; });

TEST(SuppressionCountsTest, AddUpInTheOrderOfTheChecks) {
  v1::PushRunCounts counts;
  SuppressionCounts added{};
  added[static_cast<size_t>(Suppression::kCapsExhausted)] = 2;
  AddSuppressions(added, counts);
  added[static_cast<size_t>(Suppression::kPlaced)] = 5;
  AddSuppressions(added, counts);
  ASSERT_EQ(counts.suppressions_size(), 2);
  EXPECT_EQ(counts.suppressions(0).code(), "PLACED");
  EXPECT_EQ(counts.suppressions(0).graduates(), 5);
  EXPECT_EQ(counts.suppressions(0).text_zh(), "已登记毕业去向");
  EXPECT_EQ(counts.suppressions(1).code(), "CAPS_EXHAUSTED");
  EXPECT_EQ(counts.suppressions(1).graduates(), 4);
  EXPECT_EQ(SelectionSuppressed(counts), 5);
}

StageRates TestRates() {
  StageRates rates{};
  rates[v1::PushRun::STATE_SELECTING] = 1000;
  rates[v1::PushRun::STATE_RETRIEVING] = 10;
  rates[v1::PushRun::STATE_ALLOCATING] = 100;
  rates[v1::PushRun::STATE_WRITING] = 50;
  return rates;
}

struct EtaCase {
  std::string name;
  EtaInput input;
  double want;
};
class EtaTest : public testing::TestWithParam<EtaCase> {};

TEST_P(EtaTest, CoversAllStages) {
  EXPECT_NEAR(EstimateEta(GetParam().input, TestRates()), GetParam().want,
              1e-9);
}
INSTANTIATE_TEST_SUITE_P(
    Stages, EtaTest,
    testing::ValuesIn<EtaCase>({
        {"Waiting", {.stage = v1::PushRun::STATE_PENDING}, -1},
        {"TotalUnknown", {.stage = v1::PushRun::STATE_SELECTING}, -1},
        {"Selecting",
         {.stage = v1::PushRun::STATE_SELECTING, .done = 0, .total = 100},
         0.1 + 10 + 1 + 2},
        {"RetrievingAtItsOwnRate",
         {.stage = v1::PushRun::STATE_RETRIEVING,
          .done = 40,
          .total = 100,
          .selected = 100,
          .rate = 20},
         3 + 1 + 2},
        {"RetrievingRateUnknown",
         {.stage = v1::PushRun::STATE_RETRIEVING,
          .done = 40,
          .total = 100,
          .selected = 100},
         6 + 1 + 2},
        {"Writing",
         {.stage = v1::PushRun::STATE_WRITING,
          .done = 90,
          .total = 100,
          .selected = 100},
         0.2},
        {"Ready", {.stage = v1::PushRun::STATE_READY}, 0},
        {"Failed", {.stage = v1::PushRun::STATE_FAILED}, 0},
    }),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace gradmatch
