#include "index/embedding.h"

#include <cmath>
#include <limits>

#include "gtest/gtest.h"
#include "tests/index/catalog_fixture.h"

namespace gradmatch {
namespace {

using absl::StatusCode;

TEST(EmbeddingTest, DimensionIsAMultipleOf32) {
  for (size_t good : {32, 64, 256, 4096}) {
    EXPECT_TRUE(ValidateDimension(good).ok()) << good;
  }
  for (size_t bad : {0, 1, 31, 33, 100, 4128}) {
    EXPECT_EQ(ValidateDimension(bad).code(), StatusCode::kInvalidArgument)
        << bad;
  }
}

struct Case {
  std::string name;
  Embedding values;
  bool valid;
};

Embedding With(float first) {
  Embedding values(32, 0.0F);
  values[0] = first;
  return values;
}

class ValidateEmbeddingTest : public testing::TestWithParam<Case> {};

TEST_P(ValidateEmbeddingTest, Decides) {
  EXPECT_EQ(ValidateEmbedding(GetParam().values, 32).ok(), GetParam().valid);
}

INSTANTIATE_TEST_SUITE_P(
    Values, ValidateEmbeddingTest,
    testing::ValuesIn<Case>({{"Unit", With(1), true},
                             {"MinusUnit", With(-1), true},
                             {"AlmostUnit", With(1.0005F), true},
                             {"SaysNothing", With(0), true},
                             {"TooLong", With(1.01F), false},
                             {"TooShort", With(0.5F), false},
                             {"NaN", With(NAN), false},
                             {"Infinite", With(INFINITY), false},
                             {"Huge", With(std::numeric_limits<float>::max()),
                              false},
                             {"OtherDimension", Embedding(64, 0.125F), false},
                             {"Empty", {}, false}}),
    [](const auto& info) { return info.param.name; });

TEST(EmbeddingTest, NormalizeGivesUnitLengthOrZeros) {
  Embedding values(32, 3.0F);
  EXPECT_TRUE(Normalize(values));
  EXPECT_TRUE(ValidateEmbedding(values, 32).ok());
  Embedding zeros(32, 0.0F);
  EXPECT_FALSE(Normalize(zeros));
  Embedding broken = With(NAN);
  EXPECT_FALSE(Normalize(broken));
  EXPECT_EQ(broken, zeros);
}

TEST(EmbeddingTest, BytesAreLittleEndianFloats) {
  const std::string bytes = EncodeEmbedding(With(1));
  ASSERT_EQ(bytes.size(), 128u);
  EXPECT_EQ(bytes.substr(0, 8), std::string("\0\0\x80\x3f\0\0\0\0", 8));
}

TEST(EmbeddingTest, SurvivesTheRoundTrip) {
  const Embedding values = RandomEmbedding(5, 256);
  const auto decoded = DecodeEmbedding(EncodeEmbedding(values), 256);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, values);
}

TEST(EmbeddingTest, DamagedBytesAreDataLoss) {
  const std::string bytes = EncodeEmbedding(With(1));
  EXPECT_EQ(DecodeEmbedding(bytes.substr(1), 32).status().code(),
            StatusCode::kDataLoss);
  EXPECT_EQ(DecodeEmbedding(bytes, 64).status().code(), StatusCode::kDataLoss);
  EXPECT_EQ(DecodeEmbedding(EncodeEmbedding(With(NAN)), 32).status().code(),
            StatusCode::kDataLoss);
}

}  // namespace
}  // namespace gradmatch
