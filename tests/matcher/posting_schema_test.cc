#include "matcher/posting_schema.h"

#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "index/keys.h"
#include "matcher/posting_keys.h"
#include "tests/matcher/builders.h"

namespace gradmatch {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;

TEST(PostingSchemaTest, AttributesFitTheSchema) {
  const AttributeRow row = PostingAttributes(OpenPosting(), false);
  EXPECT_TRUE(ValidateAttributes(row, PostingSchema()).ok());
  EXPECT_EQ(PostingSchema().scalars.size(), kPostingScalarCount);
  EXPECT_EQ(PostingSchema().sets.size(), kPostingSetCount);
}

TEST(PostingSchemaTest, NothingStatedHasItsOwnKeys) {
  const AttributeRow row = PostingAttributes(OpenPosting(), false);
  EXPECT_EQ(row.scalars[kMinLevelColumn], 0);
  EXPECT_EQ(row.scalars[kMaxLevelColumn], kNoMaxLevel);
  EXPECT_EQ(row.scalars[kExpireColumn], std::numeric_limits<int32_t>::max());
  EXPECT_EQ(row.scalars[kOpeningsColumn], 1);
  EXPECT_EQ(row.scalars[kKindColumn], v1::POSTING_KIND_REGULAR);
  EXPECT_THAT(row.sets[kMajorColumn], ElementsAre(AnyMajorKey(0)));
  EXPECT_THAT(row.sets[kPlaceColumn], ElementsAre(kNotStatedKey));
  EXPECT_THAT(row.sets[kFunctionColumn], ElementsAre(kNotStatedKey));
  EXPECT_THAT(row.sets[kGraduationYearColumn], ElementsAre(kAnyKey));
  EXPECT_THAT(row.sets[kVisibilityColumn], ElementsAre(kAnyKey));
}

TEST(PostingSchemaTest, PlacesAreFoundAtEveryDepth) {
  v1::Posting posting = OpenPosting();
  *posting.add_locations()->mutable_region() = MakeCode("region", "440305");
  const AttributeRow row = PostingAttributes(posting, false);
  for (const char* digits : {"44", "4403", "440305"}) {
    EXPECT_THAT(row.sets[kPlaceColumn], Contains(WithinKey(digits)));
  }
  EXPECT_THAT(row.sets[kPlaceColumn], Contains(AtKey("440305")));
  EXPECT_THAT(row.sets[kPlaceColumn], Not(Contains(AtKey("4403"))));
}

TEST(PostingSchemaTest, SkillsComeFromTheListAndTheText) {
  v1::Posting posting = OpenPosting();
  posting.add_skills("ＰＹＴＨＯＮ");
  posting.set_description("熟悉 MySQL，了解Linux。");
  const AttributeRow row = PostingAttributes(posting, false);
  for (const char* skill : {"Python", "mysql", "Linux"}) {
    EXPECT_THAT(row.sets[kSkillColumn], Contains(SkillKey(skill))) << skill;
  }
  EXPECT_THAT(row.sets[kSkillColumn], Not(Contains(SkillKey("Java"))));
}

// A graduate who holds one is not to be scored, or told so, for it.
TEST(PostingSchemaTest, WhatIsSensitiveIsNoSkill) {
  v1::Posting posting = OpenPosting();
  posting.add_skills("残疾证");
  posting.add_skills("女性");
  posting.add_skills("Excel");
  EXPECT_THAT(PostingAttributes(posting, false).sets[kSkillColumn],
              ElementsAre(SkillKey("Excel")));
}

TEST(PostingSchemaTest, DuplicatesShareTheCanonicalKey) {
  v1::Posting first = OpenPosting("a");
  v1::Posting second = OpenPosting("b");
  second.set_canonical_posting(first.name());
  EXPECT_EQ(PostingAttributes(first, false).sets[kCanonicalColumn],
            PostingAttributes(second, false).sets[kCanonicalColumn]);
}

TEST(PostingSchemaTest, OnlyOpenPostingsAreSearchable) {
  v1::Posting posting = OpenPosting();
  for (int state = 0; state <= v1::Posting::STATE_DELETED; ++state) {
    posting.set_state(static_cast<v1::Posting::State>(state));
    EXPECT_EQ(IsSearchable(posting), state == v1::Posting::STATE_OPEN);
  }
}

TEST(PostingSchemaTest, NamesBecomeKeys) {
  EXPECT_EQ(PostingKeyOfName("sources/s/postings/p"), PostingKey("s", "p"));
  for (const char* name :
       {"", "sources/s", "sources/s/postings/", "sources//postings/p",
        "sources/s/postings/p/q", "graduates/g"}) {
    EXPECT_EQ(PostingKeyOfName(name), std::nullopt) << name;
  }
}

struct DigitsCase {
  const char* code;
  const char* want;
};

TEST(PostingKeysTest, DigitsOfRegions) {
  for (const DigitsCase& c : std::vector<DigitsCase>{{"440000", "44"},
                                                     {"44", "44"},
                                                     {"440300", "4403"},
                                                     {"440305", "440305"},
                                                     {"110100", "11"},
                                                     {"110108", "110108"},
                                                     {"500200", "5002"},
                                                     {"4403050", ""},
                                                     {"44x3", ""},
                                                     {"", ""}}) {
    EXPECT_EQ(RegionDigits(c.code), c.want) << c.code;
  }
}

TEST(PostingKeysTest, DigitsOfMajors) {
  for (const DigitsCase& c : std::vector<DigitsCase>{{"080901", "080901"},
                                                     {"080904K", "080904"},
                                                     {"080911TK", "080911"},
                                                     {"B0809", "0809"},
                                                     {"A08", "08"},
                                                     {"0809x1", ""},
                                                     {"809", ""},
                                                     {"", ""}}) {
    EXPECT_EQ(MajorDigits(c.code), c.want) << c.code;
  }
}

TEST(PostingKeysTest, KeysOfDifferentThingsDiffer) {
  std::vector<uint64_t> keys = {kAnyKey, kNotStatedKey, kSchoolsNamedKey};
  for (int level = 0; level <= 6; ++level) {
    keys.push_back(AnyMajorKey(level));
    keys.push_back(MajorLevelKey(level));
    for (int number = 1; number <= 31; ++number) {
      const MajorSystem system = static_cast<MajorSystem>(number);
      keys.push_back(MajorSystemKey(level, system));
      for (const char* digits : {"08", "0809", "080901"}) {
        keys.push_back(MajorKey(level, system, digits));
        keys.push_back(MajorBelowKey(level, system, digits));
      }
    }
  }
  for (const char* digits : {"08", "0809", "080901"}) {
    keys.push_back(WithinKey(digits));
    keys.push_back(AtKey(digits));
  }
  keys.push_back(ProvinceKey("08"));
  keys.push_back(SchoolKey("08"));
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(std::adjacent_find(keys.begin(), keys.end()), keys.end());
}

}  // namespace
}  // namespace gradmatch
