#include "server/identity/token_text.h"

#include <gtest/gtest.h>

#include <string>

namespace gradmatch {
namespace {

const std::string kHex(64, 'a');

struct BearerCase {
  std::string name;
  std::string text;
  bool want;
};
class BearerTest : public testing::TestWithParam<BearerCase> {};

TEST_P(BearerTest, IsJudged) {
  EXPECT_EQ(ParseBearer(GetParam().text).has_value(), GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(
    Texts, BearerTest,
    testing::ValuesIn<BearerCase>({
        {"Right", "gm_hb-sync_" + kHex, true},
        {"OneCharacter", "gm_a_" + kHex, true},
        {"LongestId", "gm_" + std::string(40, 'x') + "_" + kHex, true},
        {"TooLongId", "gm_" + std::string(41, 'x') + "_" + kHex, false},
        {"NoId", "gm__" + kHex, false},
        {"UpperCaseId", "gm_A_" + kHex, false},
        {"DashFirst", "gm_-a_" + kHex, false},
        {"SlashInId", "gm_a/b_" + kHex, false},
        {"NoPrefix", "hb_" + kHex, false},
        {"OtherPrefix", "gh_a_" + kHex, false},
        {"NoSecret", "gm_a_", false},
        {"NoUnderscore", "gm_a" + kHex, false},
        {"ShortSecret", "gm_a_" + kHex.substr(1), false},
        {"LongSecret", "gm_a_" + kHex + "a", false},
        {"UpperCaseSecret", "gm_a_" + std::string(64, 'A'), false},
        {"NoHex", "gm_a_" + std::string(64, 'g'), false},
        {"SpaceBehind", "gm_a_" + kHex + " ", false},
        {"ZeroByte", "gm_a_" + kHex.substr(1) + std::string(1, '\0'), false},
        {"Empty", "", false},
    }),
    [](const auto& info) { return info.param.name; });

TEST(BearerTextTest, ReadsBackWhatWasMade) {
  const std::string text = MakeBearer("hb-sync", kHex);
  const auto bearer = ParseBearer(text);
  ASSERT_TRUE(bearer);
  EXPECT_EQ(bearer->id, "hb-sync");
  EXPECT_EQ(bearer->secret, kHex);
}

TEST(BearerOfHeaderTest, TakesTheSchemeInAnyCaseAndNoOther) {
  EXPECT_EQ(BearerOfHeader("Bearer x").value_or(""), "x");
  EXPECT_EQ(BearerOfHeader("bearer   x").value_or(""), "x");
  EXPECT_EQ(BearerOfHeader("BEARER x y").value_or(""), "x y");
  for (const char* bad : {"", "Bearer", "Bearer ", "Bearer   ", "Bearerx",
                          "Basic x", "gm_a_b", " Bearer x", "Bearer\tx"}) {
    EXPECT_FALSE(BearerOfHeader(bad)) << bad;
  }
}

}  // namespace
}  // namespace gradmatch
