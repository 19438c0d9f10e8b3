// Matching and administration over a real socket: what it does when all is
// well.
#include <set>
#include <string>

#include "gtest/gtest.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "tests/server/services_fixture.h"
#include "tests/server/test_server.h"

namespace gradmatch {
namespace {

class MatchServicesTest : public ServicesTest {
 protected:
  MatchServicesTest() {
    for (int i = 0; i < 5; ++i) {
      EXPECT_TRUE(Create(GoodPosting("A-" + std::to_string(i))).ok());
    }
    EXPECT_TRUE(CreateGraduate("g-1").ok());
  }
};

TEST_F(MatchServicesTest, MatchGivesRankedPagesWithReasons) {
  v1::MatchPostingsRequest request;
  request.set_graduate("graduates/g-1");
  request.set_page_size(2);
  request.set_include_features(true);
  std::set<std::string> names;
  int rank = 0;
  do {
    v1::MatchPostingsResponse response;
    const absl::Status status = server_.Call(
        server_.matches(), &Matches::MatchPostings, request, response);
    ASSERT_TRUE(status.ok()) << status;
    for (const v1::Match& match : response.matches()) {
      EXPECT_EQ(match.rank(), ++rank);
      EXPECT_FALSE(match.reasons().empty());
      EXPECT_FALSE(match.features().empty());
      names.insert(match.posting().name());
    }
    EXPECT_FALSE(response.attribution_token().empty());
    EXPECT_FALSE(response.trace().versions().encoder().empty());
    EXPECT_EQ(response.trace().considered(), 5);
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(names.size(), 5u);
}

TEST_F(MatchServicesTest, SearchByTextAndByProfileStoresNothing) {
  v1::SearchPostingsRequest request;
  request.set_text("深圳 软件工程师 Java");
  v1::SearchPostingsResponse response;
  absl::Status status = server_.Call(
      server_.matches(), &Matches::SearchPostings, request, response);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(response.matches_size(), 5);
  *request.mutable_profile() = GoodGraduate().profile();
  request.add_regions("110000");
  status = server_.Call(server_.matches(), &Matches::SearchPostings, request,
                        response);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(response.matches_size(), 0);
  EXPECT_FALSE(response.trace().summary_zh().empty());
  v1::ListGraduatesResponse list;
  ASSERT_TRUE(server_
                  .Call(server_.graduates(), &Graduates::ListGraduates,
                        v1::ListGraduatesRequest(), list)
                  .ok());
  EXPECT_EQ(list.graduates_size(), 1);
}

TEST_F(MatchServicesTest, ExplainAndCheckSpeakOfThePair) {
  v1::ExplainMatchRequest explain;
  explain.set_graduate("graduates/g-1");
  explain.set_posting("sources/gd/postings/A-0");
  v1::ExplainMatchResponse explained;
  absl::Status status = server_.Call(server_.matches(), &Matches::ExplainMatch,
                                     explain, explained);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_FALSE(explained.summary_zh().empty());
  EXPECT_EQ(explained.match().eligibility().outcome(),
            v1::Eligibility::OUTCOME_ELIGIBLE);

  v1::CheckEligibilityRequest check;
  *check.mutable_profile() = GoodGraduate().profile();
  check.mutable_profile()->mutable_educations(0)->set_level(
      v1::EDUCATION_LEVEL_VOCATIONAL);
  check.mutable_profile()->mutable_educations(0)->clear_majors();
  check.set_posting("sources/gd/postings/A-0");
  v1::CheckEligibilityResponse checked;
  status = server_.Call(server_.matches(), &Matches::CheckEligibility, check,
                        checked);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(checked.eligibility().outcome(),
            v1::Eligibility::OUTCOME_INELIGIBLE);
  EXPECT_FALSE(checked.eligibility().reasons().empty());
}

TEST_F(MatchServicesTest, PlacedGraduateIsNotServed) {
  v1::UpdateGraduateRequest update;
  update.mutable_graduate()->set_name("graduates/g-1");
  update.mutable_graduate()->set_lifecycle(v1::Graduate::LIFECYCLE_PLACED);
  v1::Graduate graduate;
  ASSERT_TRUE(server_
                  .Call(server_.graduates(), &Graduates::UpdateGraduate, update,
                        graduate)
                  .ok());
  v1::MatchPostingsRequest request;
  request.set_graduate("graduates/g-1");
  v1::MatchPostingsResponse response;
  const absl::Status status = server_.Call(
      server_.matches(), &Matches::MatchPostings, request, response);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(status), kGraduateNotServed);
}

TEST_F(MatchServicesTest, AdminTellsWhatIsLoaded) {
  v1::ServerInfo info;
  absl::Status status =
      server_.Call(server_.admin(), &v1::AdminService::Stub::GetServerInfo,
                   v1::GetServerInfoRequest(), info);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(info.state(), v1::ServerInfo::STATE_SERVING);
  EXPECT_EQ(info.postings().at("STATE_OPEN"), 5);
  EXPECT_EQ(info.searchable_postings(), 5);
  EXPECT_EQ(info.graduates(), 1);
  EXPECT_EQ(info.sources(), 1);
  EXPECT_EQ(info.dimension(), 256);
  EXPECT_EQ(info.open_mode(), "CREATED");
  EXPECT_GT(info.memory_bytes(), 0);
  v1::EffectiveConfig config;
  status =
      server_.Call(server_.admin(), &v1::AdminService::Stub::GetEffectiveConfig,
                   v1::GetEffectiveConfigRequest(), config);
  ASSERT_TRUE(status.ok()) << status;
  bool seen = false;
  for (const v1::ConfigEntry& entry : config.entries()) {
    if (entry.name() != "server.grpc_listen") continue;
    seen = true;
    EXPECT_EQ(entry.value(), "127.0.0.1:0");
    EXPECT_EQ(entry.origin(), v1::ConfigEntry::ORIGIN_FLAG);
  }
  EXPECT_TRUE(seen);
}

TEST_F(MatchServicesTest, LogHoldsNothingOfPeopleOrTexts) {
  v1::MatchPostingsRequest request;
  request.set_graduate("graduates/g-1");
  v1::MatchPostingsResponse response;
  ASSERT_TRUE(
      server_
          .Call(server_.matches(), &Matches::MatchPostings, request, response)
          .ok());
  request.set_graduate("graduates/g-unknown");
  EXPECT_FALSE(
      server_
          .Call(server_.matches(), &Matches::MatchPostings, request, response)
          .ok());
  ASSERT_FALSE(server_.log_lines().empty());
  for (const std::string& line : server_.log_lines()) {
    for (const char* secret : {"g-1", "g-unknown", "软件", "Java"}) {
      EXPECT_EQ(line.find(secret), std::string::npos) << line;
    }
  }
}

}  // namespace
}  // namespace gradmatch
