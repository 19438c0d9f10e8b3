#include "matcher/text/normalize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "matcher/text/html.h"
#include "matcher/text/unicode.h"
#include "matcher/text/utf8.h"

namespace gradmatch {
namespace {

using ::testing::HasSubstr;

struct NormalizeCase {
  std::string_view name;
  std::string_view text;
  std::string_view matching;
  std::string_view display;
};

class NormalizeTest : public testing::TestWithParam<NormalizeCase> {};

TEST_P(NormalizeTest, GivesBothForms) {
  const NormalizeCase& c = GetParam();
  EXPECT_EQ(*Normalize(c.text, TextForm::kMatching), c.matching);
  EXPECT_EQ(*Normalize(c.text, TextForm::kDisplay), c.display);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, NormalizeTest,
    testing::ValuesIn<NormalizeCase>({
        {"Empty", "", "", ""},
        {"OnlyBlanks", " \t\r\n\u3000", "", ""},
        {"FullWidth", "ＪＡＶＡ（高级）１５Ｋ", "java(高级)15k",
         "ＪＡＶＡ（高级）１５Ｋ"},
        {"HalfWidthKana", "ｶﾞ", "ガ", "ｶﾞ"},
        {"Case", "C++ / Node.JS", "c++ / node.js", "C++ / Node.JS"},
        {"Blanks", "a \t\u3000b\u00a0c", "a b c", "a b c"},
        {"Lines", "a\r\nb\n\n\nc", "a\nb\nc", "a\nb\n\nc"},
        {"Break", "一<br />二<BR>三<br/>四", "一\n二\n三\n四",
         "一\n二\n三\n四"},
        {"Entities", "薪资&nbsp;&lt;面议&gt;&amp;", "薪资 <面议>&",
         "薪资 <面议>&"},
        {"TwiceEscaped", "a&amp;amp;nbsp;b", "a b", "a b"},
        {"EscapedTag", "a&lt;br&gt;b", "a\nb", "a\nb"},
        {"NumericEntity", "a&#12289;b&#x3001;c", "a、b、c", "a、b、c"},
        {"FoldsNumericEntity", "&#65313;", "a", "Ａ"},
        {"BadNumericEntity", "&#0;&#xd800;&#9999999;", "&#0;&#xd800;&#9999999;",
         "&#0;&#xd800;&#9999999;"},
        {"SpreadsheetBreak", "一_x000D_\n二", "一\n二", "一\n\n二"},
        {"TagWithAttributes", "<p style=\"a\">一</p>", "一", "一"},
        {"NoTag", "经验<3年, vector<T> a<b", "经验<3年, vector<t> a<b",
         "经验<3年, vector<T> a<b"},
        {"Comparison", "a<b and c>d", "a<b and c>d", "a<b and c>d"},
        {"ZeroWidth", "数\u200b据\ufeff分\u00ad析", "数据分析", "数据分析"},
        {"Control",
         std::string_view("a\0b\x07"
                          "c",
                          5),
         "abc", "abc"},
        {"Emoji", "高薪🔥招聘👍", "高薪🔥招聘👍", "高薪🔥招聘👍"},
        {"Traditional", "軟體工程師", "軟體工程師", "軟體工程師"},
        {"Ligature", "ﬁ①㎡", "fi1m2", "ﬁ①㎡"},
        {"Combining", "e\u0301", "\u00e9", "e\u0301"},
    }),
    [](const auto& info) { return std::string(info.param.name); });

struct BadCase {
  std::string_view name;
  std::string_view text;
  size_t offset;
};

TEST(NormalizeErrorTest, NamesTheByteThatIsNotUtf8) {
  for (const BadCase& c : {BadCase{"Gbk", "ab\xD6\xD0", 2},
                           {"Cut", "中\xE4\xB8", 3},
                           {"Overlong", "\xC0\x80", 0},
                           {"OverlongThree", "a\xE0\x80\x80", 1},
                           {"Surrogate", "abc\xED\xA0\x80", 3},
                           {"TooLarge", "\xF4\x90\x80\x80", 0},
                           {"LoneContinuation", "aaaaaaaa\x80", 8},
                           {"FiveBytes", "\xF8\x88\x80\x80\x80", 0}}) {
    EXPECT_EQ(FindInvalidUtf8(c.text), c.offset) << c.name;
    const auto got = Normalize(c.text, TextForm::kMatching);
    ASSERT_FALSE(got.ok()) << c.name;
    EXPECT_EQ(got.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(got.status().message()),
                HasSubstr("byte " + std::to_string(c.offset) + " "))
        << c.name;
  }
  EXPECT_EQ(FindInvalidUtf8("\U0010FFFF\uD7FF\uE000a"), std::nullopt);
  EXPECT_EQ(MatchingForm("A\xFF"
                         "B"),
            "a b");
}

std::string RandomText(std::mt19937& rng) {
  static constexpr std::string_view kPieces[] = {
      "&",      "amp;",   "lt;",        "gt;",        "<",       ">",
      "br",     "/",      "b",          "p",          " ",       "\n",
      "#38;",   "#x26;",  "nbsp;",      "_x000d_",    "_x000D_", "_",
      "\u200b", "\u3000", "Ａ",         "＜",         "＆",      "e",
      "\u0301", "J",      "\u030c",     "\u0130",     "가",      "ᄀ",
      "ᅡ",     "ﾞ",      "ｶ",          "中",         "文",      "。",
      "①",      "½",      "\U0001F600", "\U0001D400", "=",       "\"",
      "\r",     "ß",      "ſ"};
  std::string text;
  const size_t n = rng() % 12;
  for (size_t i = 0; i < n; ++i) text += kPieces[rng() % std::size(kPieces)];
  return text;
}

TEST(NormalizePropertyTest, IsIdempotentAndAgreesWithTheSlowFold) {
  for (const uint32_t seed : {1u, 2u, 3u}) {
    SCOPED_TRACE("seed=" + std::to_string(seed));
    std::mt19937 rng(seed);
    for (int i = 0; i < 20000; ++i) {
      const std::string text = RandomText(rng);
      EXPECT_EQ(FoldText(text), FoldTextSlowly(text)) << text;
      for (const TextForm form : {TextForm::kMatching, TextForm::kDisplay}) {
        const std::string once = *Normalize(text, form);
        ASSERT_EQ(*Normalize(once, form), once) << text;
      }
    }
  }
}

TEST(NormalizePropertyTest, FoldsEveryCharacterAsUtf8procDoes) {
  for (char32_t c = 1; c < 0x20000; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;
    std::string text = "中";
    AppendChar(c, text);
    text += "x";
    ASSERT_EQ(FoldText(text), FoldTextSlowly(text)) << std::hex << uint32_t{c};
  }
}

// Work that grows with the square of these would take hours, and the test's
// time limit would tell.
TEST(NormalizePropertyTest, TakesAMegabyteOfAnything) {
  for (std::string_view piece :
       {"a", "<", "&", "amp;", "&amp;", "<p ", "<br>", "中", "\u0301", " ",
        "\n", "\u200b", "_x000d_", "🔥", "&#", "﷽"}) {
    std::string text;
    while (text.size() < (1u << 20)) text += piece;
    for (const TextForm form : {TextForm::kMatching, TextForm::kDisplay}) {
      const auto got = Normalize(text, form);
      ASSERT_TRUE(got.ok()) << piece;
      EXPECT_LE(got->size(), text.size() * 12) << piece;
    }
  }
}

TEST(CutUtf8Test, NeverCutsACharacter) {
  EXPECT_EQ(CutUtf8("abc", 10), "abc");
  EXPECT_EQ(CutUtf8("中文", 5), "中");
  EXPECT_EQ(CutUtf8("中文", 3), "中");
  EXPECT_EQ(CutUtf8("中文", 2), "");
  EXPECT_EQ(CutUtf8("🔥", 3), "");
  EXPECT_EQ(CutUtf8("abc", 0), "");
}

}  // namespace
}  // namespace gradmatch
