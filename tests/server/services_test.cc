// Postings, sources and graduates over a real socket: what it does when all is
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

}  // namespace
}  // namespace gradmatch
