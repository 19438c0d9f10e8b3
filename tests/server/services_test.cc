// Every service over a real socket: what it does when all is well.
#include <set>
#include <string>

#include "gradmatch/v1/push_service.grpc.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "gtest/gtest.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "tests/server/test_server.h"

namespace gradmatch {
namespace {

using Postings = v1::PostingService::Stub;
using Sources = v1::SourceService::Stub;
using Graduates = v1::GraduateService::Stub;
using Matches = v1::MatchService::Stub;

class ServicesTest : public testing::Test {
 protected:
  ServicesTest() { server_.AddSource("gd"); }

  absl::StatusOr<v1::Posting> Create(const v1::Posting& posting,
                                     const std::string& request_id = "") {
    v1::CreatePostingRequest request;
    request.set_parent("sources/gd");
    request.set_request_id(request_id);
    *request.mutable_posting() = posting;
    v1::Posting response;
    absl::Status status = server_.Call(
        server_.postings(), &Postings::CreatePosting, request, response);
    if (!status.ok()) return status;
    return response;
  }
  absl::StatusOr<v1::Posting> Get(const std::string& name) {
    v1::GetPostingRequest request;
    request.set_name(name);
    v1::Posting response;
    absl::Status status = server_.Call(
        server_.postings(), &Postings::GetPosting, request, response);
    if (!status.ok()) return status;
    return response;
  }
  absl::StatusOr<v1::Posting> Update(const v1::UpdatePostingRequest& request) {
    v1::Posting response;
    absl::Status status = server_.Call(
        server_.postings(), &Postings::UpdatePosting, request, response);
    if (!status.ok()) return status;
    return response;
  }
  absl::StatusOr<v1::Graduate> CreateGraduate(const std::string& id) {
    v1::CreateGraduateRequest request;
    request.set_graduate_id(id);
    *request.mutable_graduate() = GoodGraduate();
    v1::Graduate response;
    absl::Status status = server_.Call(
        server_.graduates(), &Graduates::CreateGraduate, request, response);
    if (!status.ok()) return status;
    return response;
  }

  TestServer server_;
};

TEST_F(ServicesTest, PostingIsCreatedReadAndStillThereAfterARestart) {
  const auto created = Create(GoodPosting("A-1"));
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(created->name(), "sources/gd/postings/A-1");
  EXPECT_EQ(created->state(), v1::Posting::STATE_OPEN);
  EXPECT_FALSE(created->etag().empty());
  const auto got = Get(created->name());
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->SerializeAsString(), created->SerializeAsString());
  EXPECT_EQ(ReasonOf(Create(GoodPosting("A-1")).status()), kAlreadyExists);

  server_.Stop();
  server_.Start();
  const auto after = Get(created->name());
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(after->SerializeAsString(), created->SerializeAsString());
}

TEST_F(ServicesTest, OddSourceIdsGetAHashedName) {
  const auto created = Create(GoodPosting("岗位/1"));
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(created->name().find("sources/gd/postings/h-"), 0u);
  EXPECT_TRUE(Get(created->name()).ok());
}

TEST_F(ServicesTest, UpdateChangesWhatTheMaskNames) {
  const auto created = Create(GoodPosting("A-1"));
  ASSERT_TRUE(created.ok());
  v1::UpdatePostingRequest request;
  request.mutable_posting()->set_name(created->name());
  request.mutable_posting()->set_title("高级软件工程师");
  request.mutable_posting()->set_openings(9);
  request.mutable_update_mask()->add_paths("title");
  const auto updated = Update(request);
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->title(), "高级软件工程师");
  EXPECT_EQ(updated->openings(), 3);
  EXPECT_NE(updated->etag(), created->etag());
  EXPECT_GT(updated->revision(), created->revision());

  request.mutable_posting()->set_etag(created->etag());
  const auto stale = Update(request);
  EXPECT_EQ(stale.status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(ReasonOf(stale.status()), kEtagMismatch);
}

TEST_F(ServicesTest, UpdateCreatesWithAllowMissingOnly) {
  v1::UpdatePostingRequest request;
  *request.mutable_posting() = GoodPosting("A-2");
  request.mutable_posting()->set_name("sources/gd/postings/A-2");
  EXPECT_EQ(ReasonOf(Update(request).status()), kPostingNotFound);
  request.set_allow_missing(true);
  const auto created = Update(request);
  ASSERT_TRUE(created.ok()) << created.status();
  request.mutable_posting()->set_source_posting_id("A-3");
  EXPECT_EQ(ReasonOf(Update(request).status()), kFieldReadOnly);
}

TEST_F(ServicesTest, DeletedPostingIsGone) {
  const auto created = Create(GoodPosting("A-1"));
  ASSERT_TRUE(created.ok());
  v1::DeletePostingRequest request;
  request.set_name(created->name());
  request.set_etag("999");
  google::protobuf::Empty empty;
  EXPECT_EQ(ReasonOf(server_.Call(server_.postings(), &Postings::DeletePosting,
                                  request, empty)),
            kEtagMismatch);
  request.clear_etag();
  EXPECT_TRUE(
      server_.Call(server_.postings(), &Postings::DeletePosting, request, empty)
          .ok());
  EXPECT_EQ(ReasonOf(Get(created->name()).status()), kPostingNotFound);
  EXPECT_EQ(ReasonOf(server_.Call(server_.postings(), &Postings::DeletePosting,
                                  request, empty)),
            kPostingNotFound);
  request.set_allow_missing(true);
  EXPECT_TRUE(
      server_.Call(server_.postings(), &Postings::DeletePosting, request, empty)
          .ok());
}

TEST_F(ServicesTest, ListWalksAllPagesOnceAndShowsWhatWasAskedFor) {
  server_.AddSource("bj");
  for (int i = 0; i < 7; ++i) {
    ASSERT_TRUE(Create(GoodPosting("A-" + std::to_string(i))).ok());
  }
  v1::ListPostingsRequest request;
  request.set_parent("sources/gd");
  request.set_page_size(3);
  std::vector<std::string> names;
  do {
    v1::ListPostingsResponse response;
    const absl::Status status = server_.Call(
        server_.postings(), &Postings::ListPostings, request, response);
    ASSERT_TRUE(status.ok()) << status;
    for (const v1::Posting& posting : response.postings()) {
      names.push_back(posting.name());
      EXPECT_TRUE(posting.description().empty());
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(names.size(), 7u);
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), 7u);

  v1::ListPostingsResponse response;
  request.set_parent("sources/bj");
  ASSERT_TRUE(
      server_
          .Call(server_.postings(), &Postings::ListPostings, request, response)
          .ok());
  EXPECT_EQ(response.postings_size(), 0);
  request.set_parent("sources/-");
  request.set_page_size(100);
  request.set_view(v1::POSTING_VIEW_FULL);
  request.add_states(v1::Posting::STATE_CLOSED);
  ASSERT_TRUE(
      server_
          .Call(server_.postings(), &Postings::ListPostings, request, response)
          .ok());
  EXPECT_EQ(response.postings_size(), 0);
  request.set_states(0, v1::Posting::STATE_OPEN);
  ASSERT_TRUE(
      server_
          .Call(server_.postings(), &Postings::ListPostings, request, response)
          .ok());
  ASSERT_EQ(response.postings_size(), 7);
  EXPECT_FALSE(response.postings(0).description().empty());
}

TEST_F(ServicesTest, BatchIsAllOrNothing) {
  v1::BatchUpdatePostingsRequest batch;
  batch.set_parent("sources/gd");
  for (int i = 0; i < 3; ++i) {
    v1::UpdatePostingRequest& one = *batch.add_requests();
    *one.mutable_posting() = GoodPosting("B-" + std::to_string(i));
    one.mutable_posting()->set_name("sources/gd/postings/B-" +
                                    std::to_string(i));
    one.set_allow_missing(true);
  }
  batch.mutable_requests(1)->mutable_posting()->clear_title();
  v1::BatchUpdatePostingsResponse response;
  const absl::Status refused = server_.Call(
      server_.postings(), &Postings::BatchUpdatePostings, batch, response);
  EXPECT_EQ(Summary(refused),
            "INVALID_ARGUMENT FIELD_MISSING requests[1].posting.title");
  EXPECT_FALSE(Get("sources/gd/postings/B-0").ok());

  batch.mutable_requests(1)->mutable_posting()->set_title("会计");
  const absl::Status taken = server_.Call(
      server_.postings(), &Postings::BatchUpdatePostings, batch, response);
  ASSERT_TRUE(taken.ok()) << taken;
  ASSERT_EQ(response.postings_size(), 3);
  EXPECT_EQ(response.postings(2).name(), "sources/gd/postings/B-2");
  EXPECT_TRUE(Get("sources/gd/postings/B-1").ok());
}

TEST_F(ServicesTest, RepeatedRequestIsAnsweredTheSameAndDoneOnce) {
  const auto first = Create(GoodPosting("A-1"), "r-1");
  const auto second = Create(GoodPosting("A-1"), "r-1");
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(first->SerializeAsString(), second->SerializeAsString());
  const auto other = Create(GoodPosting("A-2"), "r-1");
  EXPECT_EQ(other.status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(ReasonOf(other.status()), kRequestIdReused);
  EXPECT_FALSE(Get("sources/gd/postings/A-2").ok());
  // The answer is as durable as the change.
  server_.Stop();
  server_.Start();
  const auto third = Create(GoodPosting("A-1"), "r-1");
  ASSERT_TRUE(third.ok()) << third.status();
  EXPECT_EQ(first->SerializeAsString(), third->SerializeAsString());
}

TEST_F(ServicesTest, RefusedRequestMayBeRepeatedCorrected) {
  v1::Posting bad = GoodPosting("A-1");
  bad.clear_title();
  EXPECT_EQ(ReasonOf(Create(bad, "r-2").status()), kFieldMissing);
  EXPECT_TRUE(Create(GoodPosting("A-1"), "r-2").ok());
}

TEST_F(ServicesTest, QuarantinedPostingIsKeptAndListedWithItsReason) {
  v1::Posting posting = GoodPosting("Q-1");
  posting.set_requirements("仅限985、211院校毕业生。");
  const auto created = Create(posting);
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(created->state(), v1::Posting::STATE_QUARANTINED);
  v1::ListQuarantineEntriesRequest request;
  request.set_parent("sources/gd");
  v1::ListQuarantineEntriesResponse response;
  const absl::Status status = server_.Call(
      server_.sources(), &Sources::ListQuarantineEntries, request, response);
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_EQ(response.quarantine_entries_size(), 1);
  EXPECT_EQ(response.quarantine_entries(0).posting(), created->name());
  EXPECT_EQ(response.quarantine_entries(0).verdicts(0).rule(),
            "DISCRIMINATORY_SCHOOL_TIER");
}

TEST_F(ServicesTest, SourceIsReadListedChangedAndDeletedWhenEmpty) {
  v1::GetSourceRequest get;
  get.set_name("sources/gd");
  v1::Source source;
  ASSERT_TRUE(
      server_.Call(server_.sources(), &Sources::GetSource, get, source).ok());
  v1::UpdateSourceRequest update;
  *update.mutable_source() = source;
  update.mutable_source()->set_display_name("广东省");
  update.mutable_update_mask()->add_paths("display_name");
  v1::Source updated;
  ASSERT_TRUE(
      server_.Call(server_.sources(), &Sources::UpdateSource, update, updated)
          .ok());
  EXPECT_EQ(updated.display_name(), "广东省");
  EXPECT_EQ(ReasonOf(server_.Call(server_.sources(), &Sources::UpdateSource,
                                  update, updated)),
            kEtagMismatch);
  v1::ListSourcesResponse list;
  ASSERT_TRUE(server_
                  .Call(server_.sources(), &Sources::ListSources,
                        v1::ListSourcesRequest(), list)
                  .ok());
  EXPECT_EQ(list.sources_size(), 1);

  ASSERT_TRUE(Create(GoodPosting("A-1")).ok());
  v1::DeleteSourceRequest remove;
  remove.set_name("sources/gd");
  google::protobuf::Empty empty;
  EXPECT_EQ(ReasonOf(server_.Call(server_.sources(), &Sources::DeleteSource,
                                  remove, empty)),
            kSourceNotEmpty);
  v1::DeletePostingRequest posting;
  posting.set_name("sources/gd/postings/A-1");
  ASSERT_TRUE(
      server_.Call(server_.postings(), &Postings::DeletePosting, posting, empty)
          .ok());
  EXPECT_TRUE(
      server_.Call(server_.sources(), &Sources::DeleteSource, remove, empty)
          .ok());
  EXPECT_EQ(ReasonOf(server_.Call(server_.sources(), &Sources::GetSource, get,
                                  source)),
            kSourceNotFound);
}

TEST_F(ServicesTest, GraduateLivesThroughAllMethods) {
  const auto created = CreateGraduate("g-1");
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(created->name(), "graduates/g-1");
  EXPECT_EQ(ReasonOf(CreateGraduate("g-1").status()), kAlreadyExists);

  v1::UpdateGraduateRequest update;
  update.mutable_graduate()->set_name("graduates/g-1");
  update.mutable_graduate()->mutable_preferences()->set_push(false);
  v1::Graduate updated;
  ASSERT_TRUE(server_
                  .Call(server_.graduates(), &Graduates::UpdateGraduate, update,
                        updated)
                  .ok());
  EXPECT_FALSE(updated.preferences().push());
  EXPECT_EQ(updated.profile().skills(0), "Java");

  v1::BatchUpdateGraduatesRequest batch;
  for (const char* id : {"g-1", "g-2", "g-3"}) {
    v1::UpdateGraduateRequest& one = *batch.add_requests();
    *one.mutable_graduate() = GoodGraduate();
    one.mutable_graduate()->set_name(std::string("graduates/") + id);
    one.set_allow_missing(true);
  }
  v1::BatchUpdateGraduatesResponse batched;
  const absl::Status status = server_.Call(
      server_.graduates(), &Graduates::BatchUpdateGraduates, batch, batched);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(batched.graduates_size(), 3);

  v1::ListGraduatesRequest list;
  list.set_page_size(2);
  std::set<std::string> names;
  do {
    v1::ListGraduatesResponse page;
    ASSERT_TRUE(
        server_.Call(server_.graduates(), &Graduates::ListGraduates, list, page)
            .ok());
    for (const auto& graduate : page.graduates()) names.insert(graduate.name());
    list.set_page_token(page.next_page_token());
  } while (!list.page_token().empty());
  EXPECT_EQ(names.size(), 3u);

  v1::DeleteGraduateRequest remove;
  remove.set_name("graduates/g-2");
  google::protobuf::Empty empty;
  ASSERT_TRUE(
      server_
          .Call(server_.graduates(), &Graduates::DeleteGraduate, remove, empty)
          .ok());
  v1::GetGraduateRequest get;
  get.set_name("graduates/g-2");
  EXPECT_EQ(ReasonOf(server_.Call(server_.graduates(), &Graduates::GetGraduate,
                                  get, updated)),
            kGraduateNotFound);
}

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
