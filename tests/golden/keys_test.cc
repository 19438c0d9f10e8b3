#include "index/keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace gradmatch {
namespace {

using std::string_literals::operator""s;

const std::string kPerson =
    "\x00/\xff\x7f"
    "abcdefghijkl"s;  // 16 bytes

struct KeyCase {
  std::string name;
  std::string key;
  std::string want;
};
class KeyBytesTest : public testing::TestWithParam<KeyCase> {};

// These bytes are on disks. If this test fails, the code is wrong.
TEST_P(KeyBytesTest, StayAsTheyWere) {
  EXPECT_EQ(GetParam().key, GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(
    Keys, KeyBytesTest,
    testing::ValuesIn<KeyCase>({
        {"Meta", MetaKey("generation"), "generation"},
        {"LedgerCounter", LedgerCounterKey("hb/j-1"), "pushed/hb/j-1"},
        {"Uncovered", UncoveredKey("0123456789abcdef"),
         "uncovered/0123456789abcdef"},
        {"Posting", PostingKey("hb", "j-1"), "hb/j-1"},
        {"SourcePrefix", SourcePrefix("hb"), "hb/"},
        {"Graduate", GraduateKey(kPerson), kPerson},
        {"Content", ContentKey("p1"), "p1"},
        {"Source", SourceKey("hb"), "hb"},
        {"Quarantine", QuarantineKey("hb", "q1"), "hb/q1"},
        {"PostingEmbedding",
         EmbeddingKey(RecordKind::kPosting, "hb/j-1", "hash-v1"),
         "phb/j-1/hash-v1"},
        {"GraduateEmbedding",
         EmbeddingKey(RecordKind::kGraduate, kPerson, "hash-v1"),
         "g" + kPerson + "/hash-v1"},
        {"ContentEmbedding",
         EmbeddingKey(RecordKind::kContent, "policy/p1", "e"), "cpolicy/p1/e"},
        {"Fingerprint", FingerprintKey(0x0102030405060708),
         "f\x01\x02\x03\x04\x05\x06\x07\x08"},
        {"Group", GroupKey("hb/j-1"), "mhb/j-1"},
        {"Request", RequestKey("S.Create", "", "r-1"),
         "S.Create/\x2d\x06\x80\x05\x38\xd3\x94\xc2r-1"},
        {"PushPlan", PushPlanKey("p"), "p"},
        {"PushRun", PushRunKey("r"), "r"},
        {"PushItemFirst", PushItemKey("r", 0), "r/0000000000"},
        {"PushItemLast", PushItemKey("r", 9'999'999'999), "r/9999999999"},
        {"PushItemPrefix", PushItemPrefix("r"), "r/"},
        {"Ledger", LedgerKey(kPerson, "hb/j-1"), kPerson + "/hb/j-1"},
        {"LedgerPrefix", LedgerPrefix(kPerson), kPerson + "/"},
        {"Operation", OperationKey("o"), "o"},
        {"Feedback", FeedbackKey(kPerson, "e"), kPerson + "/e"},
        {"Dismissal", DismissalKey(kPerson, "hb/j-1"), kPerson + "/!hb/j-1"},
        {"DismissalOfContent", DismissalKey(kPerson, "p1"), kPerson + "/!p1"},
        {"DismissalPrefix", DismissalPrefix(kPerson), kPerson + "/!"},
        {"GraduatesShown", GraduatesShownKey("2026-03-01"),
         "graduates_shown/2026-03-01"},
        {"Recall", RecallKey("postings"), "recall/postings"},
        {"RecallRun", std::string(kRecallRunPrefix) + "o", "recall_run/o"},
        {"SnapshotRun", std::string(kSnapshotRunPrefix) + "o",
         "snapshot_run/o"},
        {"Audit", AuditKey(1, 2), "\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2"s},
        {"CodeTable", CodeTableKey("s", "2024"), "s/2024"},
        {"Staff", StaffKey("s"), "s"},
        {"Erasure", ErasureKey("e"), "e"},
        {"Erased", ErasedKey("\x00\x1f\xff"s), "h-001fff"},
        {"HandRecommendation", HandRecommendationKey(kPerson, 1, "r"),
         kPerson + "/\xff\xff\xff\xff\xff\xff\xff\xfer"s},
        {"SyncFigures", SyncFiguresKey("hb", 1),
         "hb/\xff\xff\xff\xff\xff\xff\xff\xfe"s},
        {"Token", TokenKey("hb-sync"), "hb-sync"},
    }),
    [](const auto& info) { return info.param.name; });

TEST(FamilyNameTest, StaysAsItWas) {
  std::vector<std::string> names;
  for (int i = 0; i < kFamilyCount; ++i) {
    names.emplace_back(FamilyName(static_cast<Family>(i)));
  }
  EXPECT_THAT(names,
              testing::ElementsAre(
                  "meta", "posting", "raw_row", "graduate", "sealed", "content",
                  "embedding", "source", "duplicate", "quarantine", "request",
                  "push_plan", "push_run", "push_item", "ledger", "operation",
                  "feedback", "audit", "code_table", "staff", "erasure",
                  "hand_recommendation", "sync_figures", "token"));
  EXPECT_EQ(FamilyName(Family::kDuplicateGroup), "duplicate");
  EXPECT_EQ(FamilyName(Family::kAudit), "audit");
}

struct IdCase {
  std::string name;
  std::string id;
  bool want;
};
class IdTest : public testing::TestWithParam<IdCase> {};

TEST_P(IdTest, IsJudged) {
  EXPECT_EQ(IsValidId(GetParam().id), GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(Ids, IdTest,
                         testing::ValuesIn<IdCase>({
                             {"Empty", "", false},
                             {"EveryKind", "aZ09._~-", true},
                             {"Longest", std::string(64, 'x'), true},
                             {"TooLong", std::string(65, 'x'), false},
                             {"Slash", "a/b", false},
                             {"Space", "a b", false},
                             {"Zero", "a\0b"s, false},
                             {"Chinese", "湖北", false},
                             {"HighByte", "\xff", false},
                         }),
                         [](const auto& info) { return info.param.name; });

TEST(ParsePostingKeyTest, ReadsBackAndRejects) {
  const std::string key = PostingKey("hb", "j-1");
  const auto parts = ParsePostingKey(key);
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->source_id, "hb");
  EXPECT_EQ(parts->posting_id, "j-1");
  for (const char* bad : {"", "/", "hb", "hb/", "/j", "a/b/c", "a/ b"}) {
    EXPECT_FALSE(ParsePostingKey(bad)) << bad;
  }
}

TEST(ParseEmbeddingKeyTest, ReadsBackAndRejects) {
  const std::string slashes(kPseudonymBytes, '/');
  const std::string key =
      EmbeddingKey(RecordKind::kGraduate, slashes, "hash-v1");
  const auto parts = ParseEmbeddingKey(key);
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->kind, RecordKind::kGraduate);
  EXPECT_EQ(parts->record_key, slashes);
  EXPECT_EQ(parts->encoder_id, "hash-v1");
  const std::string posting = EmbeddingKey(RecordKind::kPosting, "a/b", "e");
  EXPECT_EQ(ParseEmbeddingKey(posting)->record_key, "a/b");
  for (const char* bad :
       {"", "p", "/e", "xa/b/e", "pa/e", "pa/b/", "gshort/e"}) {
    EXPECT_FALSE(ParseEmbeddingKey(bad)) << bad;
  }
}

TEST(ParsePushItemKeyTest, ReadsBackAndRejects) {
  const std::string key = PushItemKey("r1", 1'234'567);
  const auto parts = ParsePushItemKey(key);
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->run_id, "r1");
  EXPECT_EQ(parts->number, 1'234'567);
  for (const char* bad : {"", "r1", "r1/", "r1/1", "/0000000001",
                          "r1/00000000-1", "r1/00000000011"}) {
    EXPECT_FALSE(ParsePushItemKey(bad)) << bad;
  }
}

TEST(ParseLedgerKeyTest, ReadsBackAndRejects) {
  const std::string key = LedgerKey(kPerson, "hb/j-1");
  const auto parts = ParseLedgerKey(key);
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->pseudonym, kPerson);
  EXPECT_EQ(parts->canonical_posting_key, "hb/j-1");
  for (const std::string& bad :
       {""s, kPerson, kPerson + "/", kPerson + "xhb/j-1", kPerson + "/hb"}) {
    EXPECT_FALSE(ParseLedgerKey(bad)) << bad;
  }
}

TEST(KeyOrderTest, IsTheOrderOfNumbers) {
  const std::vector<int64_t> numbers = {0,   1,      9,       10,           255,
                                        256, 99'999, 100'000, 4'294'967'296};
  std::vector<std::string> items, audits, fingerprints;
  for (int64_t n : numbers) {
    items.push_back(PushItemKey("r", n));
    audits.push_back(AuditKey(n, 0));
    fingerprints.push_back(FingerprintKey(n));
  }
  EXPECT_TRUE(std::is_sorted(items.begin(), items.end()));
  EXPECT_TRUE(std::is_sorted(audits.begin(), audits.end()));
  EXPECT_TRUE(std::is_sorted(fingerprints.begin(), fingerprints.end()));
}

TEST(RequestKeyTest, TellsCallersMethodsAndIdsApart) {
  const std::set<std::string> keys = {
      RequestKey("A", "caller", "1"), RequestKey("A", "caller", "2"),
      RequestKey("A", "other", "1"), RequestKey("B", "caller", "1")};
  EXPECT_EQ(keys.size(), 4);
}

}  // namespace
}  // namespace gradmatch
