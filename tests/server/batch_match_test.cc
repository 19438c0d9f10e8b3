// Many graduates in one call: each answered as if asked for alone.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "tests/server/match_people_fixture.h"

namespace gradmatch {
namespace {

using Result = v1::BatchMatchPostingsResponse::Result;

class BatchMatchTest : public MatchPeopleTest {
 protected:
  absl::StatusOr<v1::BatchMatchPostingsResponse> Batch(
      const v1::BatchMatchPostingsRequest& request) {
    v1::BatchMatchPostingsResponse response;
    absl::Status status = server_.Call(
        server_.matches(), &Matches::BatchMatchPostings, request, response);
    if (!status.ok()) return status;
    return response;
  }
};

TEST_F(BatchMatchTest, EqualsSingleAnswers) {
  constexpr uint32_t kSeed = 7;
  SCOPED_TRACE(absl::StrCat("seed=", kSeed));
  std::vector<v1::Posting> postings = VariedPostings();
  for (int i = 0; i < 20; ++i) {
    postings.push_back(GoodPosting(absl::StrCat("more-", i)));
  }
  WritePostings(postings);
  const std::vector<v1::Graduate> graduates = VariedGraduates(120, kSeed);
  WriteGraduates(graduates);
  v1::BatchMatchPostingsRequest request;
  for (const v1::Graduate& graduate : graduates) {
    request.add_graduates(graduate.name());
  }
  request.add_graduates("graduates/unknown");
  request.set_page_size(5);
  const auto response = Batch(request);
  ASSERT_TRUE(response.ok()) << response.status();
  ASSERT_EQ(response->results_size(), request.graduates_size());
  int answered = 0, not_served = 0, non_personalised = 0;
  for (const Result& result : response->results()) {
    SCOPED_TRACE(result.graduate());
    const auto single = Match(result.graduate(), 5);
    EXPECT_EQ(result.error().reason(), ReasonOf(single.status()));
    if (!single.ok()) {
      not_served += result.error().reason() == kGraduateNotServed;
      EXPECT_EQ(result.error().message(), single.status().message());
      EXPECT_TRUE(result.matches().empty());
      continue;
    }
    ++answered;
    non_personalised += result.trace().non_personalised();
    EXPECT_EQ(result.trace().versions().generation(),
              response->results(0).trace().versions().generation());
    ASSERT_EQ(result.matches_size(), single->matches_size());
    for (int i = 0; i < result.matches_size(); ++i) {
      EXPECT_EQ(result.matches(i).ShortDebugString(),
                single->matches(i).ShortDebugString());
      EXPECT_TRUE(result.matches(i).posting().description().empty());
    }
    EXPECT_EQ(result.trace().ShortDebugString(),
              single->trace().ShortDebugString());
    EXPECT_FALSE(result.attribution_token().empty());
  }
  EXPECT_GT(answered, 60);
  EXPECT_GT(not_served, 0);
  EXPECT_GT(non_personalised, 0);
  EXPECT_EQ(response->results(120).error().reason(), kGraduateNotFound);
}

TEST_F(BatchMatchTest, AFullResponseSaysWhoIsMissing) {
  server_.Stop();
  server_.Start({{"server.max_message_mb", "1"}});
  std::vector<v1::Posting> postings;
  for (int i = 0; i < 20; ++i) {
    postings.push_back(GoodPosting(absl::StrCat("p-", i)));
    for (int s = 0; s < 30; ++s) {
      postings.back().add_skills(
          std::string(60, static_cast<char>('a' + s % 26)));
    }
  }
  WritePostings(postings);
  std::vector<v1::Graduate> graduates;
  v1::BatchMatchPostingsRequest request;
  for (int i = 0; i < 200; ++i) {
    graduates.push_back(GoodGraduate());
    graduates.back().set_name(absl::StrCat("graduates/g-", i));
    request.add_graduates(graduates.back().name());
  }
  WriteGraduates(graduates);
  request.set_page_size(20);
  const auto response = Batch(request);
  ASSERT_TRUE(response.ok()) << response.status();
  ASSERT_EQ(response->results_size(), 200);
  EXPECT_LE(response->ByteSizeLong(), 1u << 20);
  int answered = 0;
  while (answered < 200 && !response->results(answered).has_error()) ++answered;
  EXPECT_GT(answered, 5);
  EXPECT_LT(answered, 200);
  for (int i = answered; i < 200; ++i) {
    EXPECT_EQ(response->results(i).error().reason(), kBatchTooLarge);
    EXPECT_EQ(response->results(i).graduate(), request.graduates(i));
    EXPECT_TRUE(response->results(i).matches().empty());
  }
  // The same however many threads.
  server_.Stop();
  server_.Start({{"server.max_message_mb", "1"}, {"server.workers", "1"}});
  const auto alone = Batch(request);
  ASSERT_TRUE(alone.ok()) << alone.status();
  EXPECT_FALSE(alone->results(answered - 1).has_error());
  EXPECT_TRUE(alone->results(answered).has_error());
}

TEST_F(BatchMatchTest, RefusesWrongLists) {
  WriteGraduates(VariedGraduates(2, 1));
  const auto with = [](const std::vector<std::string>& names) {
    v1::BatchMatchPostingsRequest request;
    for (const std::string& name : names) request.add_graduates(name);
    return request;
  };
  EXPECT_EQ(Summary(Batch(with({})).status()),
            "INVALID_ARGUMENT FIELD_MISSING graduates");
  EXPECT_EQ(
      Summary(
          Batch(with(std::vector<std::string>(201, "graduates/g"))).status()),
      "INVALID_ARGUMENT BATCH_TOO_LARGE graduates");
  EXPECT_EQ(Summary(Batch(with({"graduates/g-0", "graduates/g-0"})).status()),
            "INVALID_ARGUMENT DUPLICATE_ID graduates[1]");
  EXPECT_EQ(Summary(Batch(with({"graduates/g-0", "g-1"})).status()),
            "INVALID_ARGUMENT NAME_INVALID graduates[1]");
  v1::BatchMatchPostingsRequest negative = with({"graduates/g-0"});
  negative.set_page_size(-1);
  EXPECT_EQ(Summary(Batch(negative).status()),
            "INVALID_ARGUMENT FIELD_OUT_OF_RANGE page_size");
}

}  // namespace
}  // namespace gradmatch
