#include "matcher/text/segmenter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "matcher/text/normalize.h"

namespace gradmatch {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Dictionary& Words() { return Dictionary::Default(); }

std::vector<std::string> Split(std::string_view text, Grain grain) {
  const std::string form = MatchingForm(text);
  std::vector<Token> tokens;
  Segment(form, Words(), grain, tokens);
  std::vector<std::string> parts;
  for (const Token& t : tokens) parts.emplace_back(t.text(form));
  return parts;
}

TermKinds KindsOf(std::string_view word) {
  const uint32_t term = Words().Find(MatchingForm(word));
  return term == kNoTerm ? TermKinds{0} : Words().kinds(term);
}

TEST(SegmenterTest, KeepsLatinWordsWhole) {
  EXPECT_THAT(Split("精通C++、C#、.NET和Node.js", Grain::kFine),
              ElementsAre("精通", "c++", "c#", ".net", "和", "node.js"));
  EXPECT_THAT(Split("java+vue", Grain::kFine), ElementsAre("java", "vue"));
  EXPECT_THAT(Split("javax", Grain::kFine), ElementsAre("javax"));
  EXPECT_THAT(Split("qwzx2.5版", Grain::kFine), ElementsAre("qwzx2.5", "版"));
  EXPECT_THAT(Split("qwzx++ 123 4.5", Grain::kFine),
              ElementsAre("qwzx++", "123", "4.5"));
}

TEST(SegmenterTest, TakesTheLongestTerm) {
  EXPECT_THAT(Split("Java开发工程师", Grain::kWhole),
              ElementsAre("java开发工程师"));
  EXPECT_THAT(Split("Java开发工程师", Grain::kFine),
              ElementsAre("java", "开发", "工程师"));
  EXPECT_THAT(Split("机器学习", Grain::kFine), ElementsAre("机器学习"));
}

TEST(SegmenterTest, MakesBigramsOfWhatItDoesNotKnow) {
  EXPECT_THAT(Split("甪魍魉", Grain::kFine), ElementsAre("甪魍", "魍魉"));
  EXPECT_THAT(Split("甪", Grain::kFine), ElementsAre("甪"));
  EXPECT_THAT(Split("甪，魍魉", Grain::kFine), ElementsAre("甪", "魍魉"));
  // Traditional characters are not ours to convert; they pass.
  EXPECT_THAT(Split("軟體", Grain::kFine), ElementsAre("軟體"));
}

TEST(SegmenterTest, GivesNothingForSignsAndEmoji) {
  EXPECT_THAT(Split("！？🔥 … ——\n", Grain::kFine), IsEmpty());
  EXPECT_THAT(Split("", Grain::kFine), IsEmpty());
}

TEST(DictionaryTest, KnowsWhatTermsMean) {
  EXPECT_TRUE(KindsOf("会计学") & kMajorTerm);
  EXPECT_TRUE(KindsOf("会计") & kMajorTerm);
  EXPECT_TRUE(KindsOf("会计") & kFunctionTerm);
  EXPECT_TRUE(KindsOf("广州") & kRegionTerm);
  EXPECT_TRUE(KindsOf("广州市") & kRegionTerm);
  EXPECT_TRUE(KindsOf("Java") & kSkillTerm);
  EXPECT_TRUE(KindsOf("清华大学") & kSchoolTerm);
  EXPECT_TRUE(KindsOf("负责") & kStopTerm);
  EXPECT_TRUE(KindsOf("少数民族") & kSensitiveTerm);
  EXPECT_EQ(KindsOf("魍魉"), 0);
  // Short names of counties are everyday words.
  EXPECT_FALSE(KindsOf("合作") & kRegionTerm);
  EXPECT_FALSE(KindsOf("资源") & kRegionTerm);
}

TEST(DictionaryTest, SpellingsOfASkillMeetInItsName) {
  const auto canonical = [](std::string_view word) -> std::string_view {
    for (const Meaning& m :
         Words().meanings(Words().Find(MatchingForm(word)))) {
      if (m.kind == kSkillTerm) return m.code;
    }
    return "";
  };
  EXPECT_EQ(canonical("SpringBoot"), "Spring Boot");
  EXPECT_EQ(canonical("spring boot"), "Spring Boot");
  EXPECT_EQ(canonical("办公软件"), "Office");
}

TEST(SegmenterPropertyTest, TokensAreOrderedAndInside) {
  static constexpr std::string_view kPieces[] = {
      "计算机", "java", "c",  "+",  "#", ".",  "net", "工程",
      "师",     "广州", "市", "男", "9", "85", "魍",  " ",
      ",",      "大学", "。", "🔥",  "é", "_"};
  for (const uint32_t seed : {11u, 12u}) {
    SCOPED_TRACE("seed=" + std::to_string(seed));
    std::mt19937 rng(seed);
    std::vector<Token> tokens;
    for (int i = 0; i < 20000; ++i) {
      std::string text;
      for (size_t n = rng() % 10; n > 0; --n)
        text += kPieces[rng() % std::size(kPieces)];
      const std::string form = MatchingForm(text);
      for (const Grain grain : {Grain::kWhole, Grain::kFine}) {
        Segment(form, Words(), grain, tokens);
        uint32_t last = 0;
        for (const Token& t : tokens) {
          ASSERT_GE(t.begin, last) << form;
          ASSERT_GT(t.size, 0u) << form;
          ASSERT_LE(t.begin + t.size, form.size()) << form;
          ASSERT_FALSE(FindInvalidUtf8(t.text(form))) << form;
          last = t.begin;
          if (t.term != kNoTerm) {
            ASSERT_EQ(Words().Find(t.text(form)), t.term) << form;
          }
        }
      }
    }
  }
}

TEST(SegmenterPropertyTest, TakesAMegabyteOfAnything) {
  for (std::string_view piece :
       {"计", "a", "计算机科学与技", "c+", "java", "魍", "."}) {
    std::string text;
    while (text.size() < (1u << 20)) text += piece;
    std::vector<Token> tokens;
    Segment(text, Words(), Grain::kWhole, tokens);
    EXPECT_LE(tokens.size(), text.size()) << piece;
  }
}

}  // namespace
}  // namespace gradmatch
