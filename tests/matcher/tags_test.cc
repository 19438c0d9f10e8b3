#include "matcher/tags.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "matcher/encoder_input.h"
#include "matcher/hash_encoder.h"
#include "matcher/profile_in_use.h"
#include "tests/matcher/builders.h"

namespace gradmatch {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;

v1::Graduate SomeGraduate() {
  v1::Graduate graduate;
  graduate.set_name("graduates/g");
  v1::Profile& profile = *graduate.mutable_profile();
  profile.add_skills("Python");
  *profile.mutable_intent()->add_functions() = MakeCode("function", "010101");
  *profile.mutable_intent()->add_places() = MakeCode("region", "420100");
  profile.set_text("熟悉 Java 和 Python，做过数据分析；会用 C++。女，湖北人。");
  return graduate;
}

std::vector<std::string> Tags(const v1::Graduate& graduate,
                              v1::Tag::Kind kind) {
  std::vector<std::string> tags;
  for (const v1::Tag& tag : TagsOf(graduate)) {
    if (tag.kind() == kind) tags.push_back(tag.tag());
  }
  return tags;
}

v1::Tag TagOf(const v1::Graduate& graduate, const std::string& text) {
  for (const v1::Tag& tag : TagsOf(graduate)) {
    if (tag.tag() == text) return tag;
  }
  ADD_FAILURE() << "no tag " << text;
  return {};
}

TEST(TagsTest, AreWhatMatchingUses) {
  const v1::Graduate graduate = SomeGraduate();
  EXPECT_THAT(Tags(graduate, v1::Tag::KIND_SKILL), ElementsAre("Python"));
  EXPECT_THAT(Tags(graduate, v1::Tag::KIND_FUNCTION), ElementsAre("010101"));
  EXPECT_THAT(Tags(graduate, v1::Tag::KIND_PLACE), ElementsAre("420100"));
  const auto words = Tags(graduate, v1::Tag::KIND_TEXT);
  EXPECT_THAT(words, IsSupersetOf({"java", "数据分析", "c++"}));
  // A skill already says it; the encoder leaves these out.
  for (const char* word : {"python", "女", "湖北"}) {
    EXPECT_THAT(words, Not(Contains(word)));
  }
  const v1::Tag place = TagOf(graduate, "420100");
  EXPECT_THAT(place.name(), testing::StartsWith("graduates/g/tags/place-"));
  EXPECT_EQ(place.display(), "武汉");
  EXPECT_TRUE(place.enabled());
}

// What is listed is all there is: without any of it nothing is left to encode.
TEST(TagsTest, WithAllOfThemOffNothingIsLeft) {
  HashEncoderOptions options;
  const auto encoder = NewHashEncoder(options);
  ASSERT_TRUE(encoder.ok());
  for (const char* text :
       {"熟悉 Java 和 Python，做过数据分析；会用 C++。",
        "本人热爱篆刻与古琴，曾任社团团长，负责策划新生晚会",
        "Kubernetes、k8s、vue.js、.net 开发", "一二三四五六七八九十"}) {
    SCOPED_TRACE(text);
    v1::Graduate graduate = SomeGraduate();
    graduate.mutable_profile()->set_text(text);
    for (const v1::Tag& tag : TagsOf(graduate)) {
      graduate.mutable_preferences()->add_tags()->set_tag(tag.tag());
    }
    for (const v1::Tag& tag : TagsOf(graduate)) EXPECT_FALSE(tag.enabled());
    const auto left = EncodeProfile(**encoder, ProfileInUse(graduate));
    ASSERT_TRUE(left.ok());
    EXPECT_TRUE(IsEmptyEmbedding(*left)) << ProfileInUse(graduate).text();
  }
}

TEST(TagsTest, SwitchedOffWordsAreNotRead) {
  struct Case {
    std::string tag;
    std::string text;
    std::string want;
  };
  for (const Case& c : std::vector<Case>{
           {"java", "Java 与 JavaScript", "与 javascript"},
           {"Java", "会ＪＡＶＡ", "会"},
           {"c", "c 与 c++", "与 c++"},
           {"c++", "c 与 C++", "c 与"},
           {"数据分析", "做过数据分析工作", "做过 工作"},
           {"没有这个", "做过数据分析", "做过数据分析"},
       }) {
    SCOPED_TRACE(c.tag);
    v1::Graduate graduate;
    graduate.mutable_profile()->set_text(c.text);
    graduate.mutable_preferences()->add_tags()->set_tag(c.tag);
    std::string used = ProfileInUse(graduate).text();
    while (used.starts_with(' ')) used.erase(0, 1);
    while (used.ends_with(' ')) used.pop_back();
    EXPECT_EQ(used, c.want);
  }
}

TEST(TagsTest, ADeletedTagLeavesAndIsNotMadeAgain) {
  for (const char* word : {"Python", "010101", "420100", "java", "数据分析"}) {
    SCOPED_TRACE(word);
    v1::Graduate graduate = SomeGraduate();
    const std::string text = graduate.profile().text();
    const size_t before = TagsOf(graduate).size();
    DeleteTag(TagOf(graduate, word), graduate);
    EXPECT_EQ(TagsOf(graduate).size(), before - 1);
    for (const v1::Tag& tag : TagsOf(graduate)) {
      EXPECT_NE(tag.tag(), word);
      EXPECT_TRUE(tag.enabled()) << tag.tag();
    }
    // The text comes again as it was, from somebody who knows no better.
    graduate.mutable_profile()->set_text(text);
    EXPECT_THAT(ProfileInUse(graduate).text(), Not(HasSubstr(word)));
  }
  v1::Graduate graduate = SomeGraduate();
  DeleteTag(TagOf(graduate, "java"), graduate);
  // The rest of the text stays as it was written.
  EXPECT_THAT(graduate.profile().text(), HasSubstr("做过数据分析；会用 C++。"));
  EXPECT_THAT(graduate.profile().text(), Not(HasSubstr("Java")));
}

}  // namespace
}  // namespace gradmatch
