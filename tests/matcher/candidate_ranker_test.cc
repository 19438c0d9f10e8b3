#include "matcher/candidate_ranker.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "index/base/clock.h"
#include "matcher/candidates.h"
#include "matcher/encoder_input.h"
#include "tests/matcher/builders.h"

namespace gradmatch {
namespace {

std::vector<v1::Posting> Postings(int count) {
  std::vector<v1::Posting> postings;
  for (int i = 0; i < count; ++i) {
    v1::Posting posting = OpenPosting(absl::StrCat("p", i));
    posting.set_title(absl::StrCat("岗位", i * 7919 % 1000));
    *posting.add_functions() = MakeCode(
        "function", std::vector<std::string>{"010101", "070304", "0d0110",
                                             "050101"}[i % 4]);
    *posting.add_locations()->mutable_region() =
        MakeCode("region", i % 3 == 0 ? "420111" : "440300");
    posting.mutable_publish_time()->set_seconds(absl::ToUnixSeconds(TestNow()) -
                                                86'400 * (i % 5));
    postings.push_back(std::move(posting));
  }
  return postings;
}

ProfileQuery Query(const v1::Profile& profile) {
  const FakeEncoder encoder;
  return CompileProfile(profile, *EncodeProfile(encoder, profile), TestNow());
}

v1::Profile Accountant() {
  v1::Profile profile;
  AddEducation(profile, 4, "undergraduate", "120203", 2026);
  *profile.mutable_intent()->add_functions() = MakeCode("function", "070304");
  *profile.mutable_intent()->add_places() = MakeCode("region", "420100");
  return profile;
}

std::vector<std::string> Names(const Snapshot& snapshot,
                               const CandidateList& list) {
  std::vector<std::string> names;
  for (const RankedRow& row : list.rows) {
    names.push_back(
        absl::StrCat(std::string(snapshot.Id(row.row)), " ", row.score.score));
  }
  return names;
}

TEST(CandidateRankerTest, SameWhateverTheSegmentsAre) {
  std::vector<v1::Posting> postings = Postings(700);
  const ProfileQuery query = Query(Accountant());
  const CandidateOptions options = {
      .max_rows = 60, .by_similarity = 40, .by_function = 40};
  std::vector<std::string> first;
  for (size_t rows : {1000u, 100u, 37u}) {
    const auto snapshot = SnapshotOf(postings, rows);
    const auto list = RankCandidates(*snapshot, query, options);
    ASSERT_TRUE(list.ok());
    EXPECT_FALSE(list->exact);
    if (first.empty()) first = Names(*snapshot, *list);
    EXPECT_EQ(Names(*snapshot, *list), first) << rows;
    std::reverse(postings.begin(), postings.end());
  }
  EXPECT_EQ(first.size(), 60);
}

// Whatever the embedding thinks, what is wished for at the wished place leads.
TEST(CandidateRankerTest, ObviousPostingsAreNeverHidden) {
  const std::vector<v1::Posting> postings = Postings(600);
  const auto snapshot = SnapshotOf(postings);
  ProfileQuery query = Query(Accountant());
  std::fill(query.embedding.begin(), query.embedding.end(), 0.0f);
  query.embedding[3] = 1;  // meaningless
  const auto list =
      RankCandidates(*snapshot, query,
                     {.max_rows = 10, .by_similarity = 10, .by_function = 50});
  ASSERT_TRUE(list.ok());
  for (const RankedRow& row : list->rows) {
    const int number = std::stoi(std::string(snapshot->Id(row.row)).substr(20));
    EXPECT_EQ(number % 12, 9) << number;  // accountant (1 mod 4) and Wuhan
  }
}

TEST(CandidateRankerTest, ScoresEverythingWhenThatIsLittle) {
  const std::vector<v1::Posting> postings = Postings(80);
  const auto snapshot = SnapshotOf(postings);
  const ProfileQuery query = Query(Accountant());
  const auto list = RankCandidates(*snapshot, query,
                                   {.by_similarity = 40, .by_function = 40});
  ASSERT_TRUE(list.ok());
  EXPECT_TRUE(list->exact);
  ASSERT_EQ(list->rows.size(), 80);
  for (const RankedRow& row : list->rows) {
    const auto alone = ScoreRow(*snapshot, query, row.row);
    ASSERT_TRUE(alone.ok());
    EXPECT_EQ(alone->score.score, row.score.score);
    EXPECT_EQ(alone->conditional, row.conditional);
  }
}

TEST(CandidateRankerTest, ProfileThatSaysNothingGetsTheFreshest) {
  const std::vector<v1::Posting> postings = Postings(300);
  const auto snapshot = SnapshotOf(postings);
  const auto list =
      RankCandidates(*snapshot, CompileProfile({}, {}, TestNow()),
                     {.max_rows = 20, .by_similarity = 20, .by_function = 20});
  ASSERT_TRUE(list.ok());
  ASSERT_EQ(list->rows.size(), 20);
  const int today = ChinaDay(TestNow());
  for (const RankedRow& row : list->rows) {
    EXPECT_EQ(snapshot->Scalar(kPublishDayColumn, row.row), today);
  }
}

TEST(CandidateRankerTest, NoPostingsNoRows) {
  const auto snapshot = SnapshotOf({});
  const auto list = RankCandidates(*snapshot, Query(Accountant()));
  ASSERT_TRUE(list.ok());
  EXPECT_TRUE(list->rows.empty());
}

TEST(CandidateRankerTest, EmbeddingOfAnotherDimensionIsRefused) {
  const std::vector<v1::Posting> postings = Postings(50);
  const auto snapshot = SnapshotOf(postings);
  ProfileQuery query = Query(Accountant());
  query.embedding.assign(64, 0.125f);
  EXPECT_EQ(RankCandidates(*snapshot, query).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(FreshestTest, TakesTheLatestDaysFirst) {
  const std::vector<v1::Posting> postings = Postings(100);
  const auto snapshot = SnapshotOf(postings, 30);
  for (size_t n : {0u, 1u, 20u, 33u, 99u, 100u, 200u}) {
    const std::vector<RowId> rows = Freshest(*snapshot, snapshot->live(), n);
    ASSERT_EQ(rows.size(), std::min<size_t>(n, 100));
    std::vector<int> days, all;
    for (RowId row : rows) {
      days.push_back(snapshot->Scalar(kPublishDayColumn, row));
    }
    for (RowId row : snapshot->live()) {
      all.push_back(snapshot->Scalar(kPublishDayColumn, row));
    }
    std::sort(all.rbegin(), all.rend());
    all.resize(rows.size());
    EXPECT_EQ(days, all);
  }
}

}  // namespace
}  // namespace gradmatch
