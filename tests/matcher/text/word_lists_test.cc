#include "matcher/text/word_lists.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "index/codes/code_table.h"
#include "matcher/text/dictionary.h"
#include "matcher/text/normalize.h"

namespace gradmatch {
namespace {

TEST(WordListsTest, AreAsLargeAsPromised) {
  const WordLists& lists = WordLists::Get();
  EXPECT_GE(lists.skills.size(), 300u);
  EXPECT_GE(lists.majors.size(), 150u);
  EXPECT_GE(lists.functions.size(), 300u);
  EXPECT_GE(lists.stop_words.size(), 300u);
  EXPECT_GE(lists.sensitive_words.size(), 200u);
}

TEST(WordListsTest, AliasesLeadToCodesThatExist) {
  const CodeTable& majors = *CodeTable::Get("undergraduate");
  const CodeTable& functions = *CodeTable::Get("function");
  for (const WordLists::Alias& a : WordLists::Get().majors) {
    EXPECT_FALSE(a.codes.empty()) << a.word;
    for (std::string_view c : a.codes)
      EXPECT_NE(majors.Find(c), nullptr) << a.word;
  }
  for (const WordLists::Alias& a : WordLists::Get().functions) {
    EXPECT_FALSE(a.codes.empty()) << a.word;
    for (std::string_view c : a.codes) {
      ASSERT_NE(functions.Find(c), nullptr) << a.word;
      EXPECT_EQ(functions.Find(c)->level, 3) << a.word;
    }
  }
}

TEST(WordListsTest, NoWordStandsTwice) {
  std::set<std::string_view> seen;
  for (const WordLists::Alias& a : WordLists::Get().majors) {
    EXPECT_TRUE(seen.insert(a.word).second) << a.word;
  }
  seen.clear();
  for (const WordLists::Alias& a : WordLists::Get().functions) {
    EXPECT_TRUE(seen.insert(a.word).second) << a.word;
  }
}

TEST(WordListsTest, EveryGroupOfMajorsLeadsSomewhere) {
  const CodeTable& majors = *CodeTable::Get("undergraduate");
  const CodeTable& functions = *CodeTable::Get("function");
  std::set<std::string_view> have;
  for (const auto& line : WordLists::Get().major_functions) {
    EXPECT_TRUE(have.insert(line.major).second) << line.major;
    // The name stands beside the code so that neither can be wrong unseen.
    EXPECT_EQ(majors.Name(line.major), line.name);
    EXPECT_GE(line.functions.size(), 1u) << line.name;
    std::set<std::string_view> once;
    for (const auto& f : line.functions) {
      ASSERT_NE(functions.Find(f.code), nullptr) << line.name << " " << f.code;
      EXPECT_GE(functions.Find(f.code)->level, 2) << line.name;
      EXPECT_TRUE(once.insert(f.code).second) << line.name << " " << f.code;
      EXPECT_TRUE(f.weight >= 1 && f.weight <= 3) << line.name << " " << f.code;
    }
  }
  for (const CodeEntry& e : majors.entries()) {
    if (e.level == 2) {
      EXPECT_TRUE(have.contains(e.code)) << Describe(e);
    }
  }
}

TEST(WordListsTest, CrossingsNameWhatTheyCross) {
  for (const auto& c : WordLists::Get().crossings) {
    const std::string system =
        std::string("gd2025-").append(c.group.substr(0, 1));
    EXPECT_EQ(CodeTable::Get(system)->Name(c.group), c.name);
    EXPECT_NE(CodeTable::Get("undergraduate")->Find(c.major), nullptr)
        << c.name;
  }
}

TEST(WordListsTest, SensitiveWordsAreWholeTerms) {
  for (std::string_view w : WordLists::Get().sensitive_words) {
    const uint32_t term = Dictionary::Default().Find(MatchingForm(w));
    ASSERT_NE(term, kNoTerm) << w;
    EXPECT_TRUE(Dictionary::Default().kinds(term) & kSensitiveTerm) << w;
  }
}

}  // namespace
}  // namespace gradmatch
