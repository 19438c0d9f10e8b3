#include "matcher/ingest/duplicate_groups.h"

#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "matcher/posting_schema.h"
#include "tests/matcher/ingest/ingest_fixture.h"

namespace gradmatch {
namespace {

using testing::UnorderedElementsAre;

v1::Posting Make(const std::string& employer, const std::string& title,
                 const std::vector<std::string>& regions) {
  v1::Posting posting;
  posting.mutable_employer()->set_name(employer);
  posting.set_title(title);
  for (const std::string& region : regions) {
    posting.add_locations()->mutable_region()->set_code(region);
  }
  return posting;
}

struct PairCase {
  std::string name;
  v1::Posting a;
  v1::Posting b;
  bool same;
};
class FingerprintTest : public testing::TestWithParam<PairCase> {};
TEST_P(FingerprintTest, TellsTheSameVacancy) {
  EXPECT_EQ(
      DuplicateFingerprint(GetParam().a) == DuplicateFingerprint(GetParam().b),
      GetParam().same);
}
v1::Posting WithUscc(v1::Posting posting, const std::string& uscc) {
  posting.mutable_employer()->set_uscc(uscc);
  return posting;
}
INSTANTIATE_TEST_SUITE_P(
    Pairs, FingerprintTest,
    testing::ValuesIn<PairCase>({
        {"Same", Make("甲公司", "会计", {"420100"}),
         Make("甲公司", "会计", {"420100"}), true},
        {"Width", Make("前锦网络(上海)有限公司", "Java 工程师", {}),
         Make("前锦网络（上海）有限公司", "ｊａｖａ工程师", {}), true},
        {"County", Make("甲", "会计", {"420102"}),
         Make("甲", "会计", {"420106"}), true},
        {"CapitalCounty", Make("甲", "会计", {"110105"}),
         Make("甲", "会计", {"110000"}), true},
        {"CityOrder", Make("甲", "会计", {"420100", "440100"}),
         Make("甲", "会计", {"440100", "420100"}), true},
        {"OtherCity", Make("甲", "会计", {"420100"}),
         Make("甲", "会计", {"440100"}), false},
        {"OtherTitle", Make("甲", "会计", {}), Make("甲", "出纳", {}), false},
        {"OtherEmployer", Make("甲", "会计", {}), Make("乙", "会计", {}),
         false},
        {"Uscc", WithUscc(Make("甲", "会计", {}), "91350100M000100Y43"),
         WithUscc(Make("甲公司", "会计", {}), "91350100M000100Y43"), true},
        {"WrongUscc", WithUscc(Make("甲", "会计", {}), "123"),
         WithUscc(Make("乙", "会计", {}), "123"), false},
    }),
    [](const auto& info) { return info.param.name; });

class GroupTest : public IngestFixture {
 protected:
  static v1::Posting Titled(const std::string& id, const std::string& title) {
    v1::Posting posting = Good(id);
    posting.set_title(title);
    return posting;
  }
  void Put(const std::string& source, const std::string& id,
           const std::string& title) {
    IngestOne(Upsert(Titled(id, title)), {source});
  }
  std::string Canonical(const std::string& source, const std::string& id) {
    return Stored(id, source).canonical_posting();
  }
  std::set<std::string> Members(const std::string& canonical_key) {
    v1::StoredDuplicateGroup group;
    const auto bytes =
        store_.Get(Family::kDuplicateGroup, GroupKey(canonical_key));
    EXPECT_TRUE(!bytes.ok() || group.ParseFromString(*bytes));
    return {group.members().begin(), group.members().end()};
  }
};

TEST_F(GroupTest, TheFirstSeenStandsForTheGroupAcrossSources) {
  Put("a", "1", "会计");
  Put("b", "1", "会计");
  Put("b", "2", "出纳");
  EXPECT_EQ(Canonical("a", "1"), "sources/a/postings/1");
  EXPECT_EQ(Canonical("b", "1"), "sources/a/postings/1");
  EXPECT_EQ(Canonical("b", "2"), "sources/b/postings/2");
  EXPECT_THAT(Members("a/1"), UnorderedElementsAre("a/1", "b/1"));
  EXPECT_TRUE(IsSearched("1", "b")) << "flagged, not merged";
}

TEST_F(GroupTest, DuplicatesWithinOneBatchAreOneGroup) {
  Ingest({Upsert(Titled("1", "会计")), Upsert(Titled("2", "会计"))});
  EXPECT_THAT(Members("hubei/1"), UnorderedElementsAre("hubei/1", "hubei/2"));
}

TEST_F(GroupTest, WhoClosesOrIsDeletedLeavesAndTheNameStays) {
  Put("a", "1", "会计");
  Put("b", "1", "会计");
  IngestOne(Close("1"), {"a"});
  EXPECT_THAT(Members("a/1"), UnorderedElementsAre("b/1"));
  Put("c", "1", "会计");
  EXPECT_EQ(Canonical("c", "1"), "sources/a/postings/1");
  IngestOne(Delete("1"), {"b"});
  IngestOne(Delete("1"), {"c"});
  EXPECT_TRUE(Members("a/1").empty());
  Put("d", "1", "会计");
  EXPECT_EQ(Canonical("d", "1"), "sources/d/postings/1");
}

TEST_F(GroupTest, AChangedTitleMovesAMember) {
  Put("a", "1", "会计");
  Put("b", "1", "会计");
  Put("b", "1", "出纳");
  EXPECT_EQ(Canonical("b", "1"), "sources/b/postings/1");
  EXPECT_THAT(Members("a/1"), UnorderedElementsAre("a/1"));
  // Alone, the founder may change as well; its group ends and is made anew.
  Put("a", "1", "审计");
  EXPECT_EQ(Canonical("a", "1"), "sources/a/postings/1");
  Put("c", "1", "会计");
  EXPECT_EQ(Canonical("c", "1"), "sources/c/postings/1");
}

TEST_F(GroupTest, AFounderOfOthersKeepsItsGroup) {
  Put("a", "1", "会计");
  Put("b", "1", "会计");
  Put("a", "1", "出纳");
  EXPECT_EQ(Canonical("a", "1"), "sources/a/postings/1");
  EXPECT_THAT(Members("a/1"), UnorderedElementsAre("a/1", "b/1"));
  Put("c", "1", "出纳");
  EXPECT_EQ(Canonical("c", "1"), "sources/c/postings/1");
}

TEST_F(GroupTest, SandboxesAndDraftsStandApart) {
  Ingest({Upsert(Titled("1", "会计"))}, {}, {"try", true});
  Put("a", "1", "会计");
  EXPECT_EQ(Canonical("try", "1"), "");
  EXPECT_EQ(Canonical("a", "1"), "sources/a/postings/1");
}

// After any operations, a group's members are the postings that name it.
TEST_F(GroupTest, MembersAndNamesAgree) {
  for (const uint32_t seed : {1u, 2u}) {
    SCOPED_TRACE(absl::StrCat("seed=", seed));
    std::mt19937 rng(seed);
    const std::string prefix = absl::StrCat("m", seed, "-");
    for (int step = 0; step < 400; ++step) {
      const std::string source = prefix + std::to_string(rng() % 4);
      const std::string id = std::to_string(rng() % 3);
      const auto action = rng() % 8;
      if (action < 6) {
        Put(source, id, absl::StrCat(prefix, "题", rng() % 3));
      } else {
        IngestOne(action == 6 ? Close(id) : Delete(id), {source});
      }
    }
    std::map<std::string, std::set<std::string>> named;
    for (int s = 0; s < 4; ++s) {
      for (int i = 0; i < 3; ++i) {
        const std::string source = prefix + std::to_string(s);
        const std::string id = std::to_string(i);
        const auto record =
            catalog_->Get(CollectionId::kPostings, PostingKey(source, id));
        if (!record.ok()) continue;
        const std::string name = Canonical(source, id);
        if (name.empty()) continue;
        named[name].insert(PostingKey(source, id));
      }
    }
    for (const auto& [name, members] : named) {
      EXPECT_EQ(Members(*PostingKeyOfName(name)), members) << name;
    }
  }
}

TEST_F(GroupTest, ConcurrentSourcesFoundOneGroup) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([this, t] {
      const PostingSource source{absl::StrCat("src", t)};
      for (int i = 0; i < 20; ++i) {
        const std::vector<PostingOp> ops = {
            Upsert(Titled("1", absl::StrCat("职位", i))),
            Upsert(Titled("2", absl::StrCat("职位", (i + t) % 20)))};
        ASSERT_TRUE(postings_->Ingest(source, ops).ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int t = 0; t < 8; ++t) {
    for (const char* id : {"1", "2"}) {
      const v1::Posting posting = Stored(id, absl::StrCat("src", t));
      const std::string key = PostingKey(absl::StrCat("src", t), id);
      const auto members =
          Members(*PostingKeyOfName(posting.canonical_posting()));
      EXPECT_TRUE(members.contains(key)) << key;
    }
  }
}

}  // namespace
}  // namespace gradmatch
