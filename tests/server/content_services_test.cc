// ContentService and MatchContents over a real socket.
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "server/time_proto.h"
#include "tests/server/services_fixture.h"
#include "tests/server/test_server.h"

namespace gradmatch {
namespace {

using Contents = v1::ContentService::Stub;
using Result = v1::SyncRowResult;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// The server's clock stands at 2026-03-01 12:00 in China.
absl::Time Day(int month, int day) {
  return absl::FromCivil(absl::CivilDay(2026, month, day), ChinaTime());
}

v1::Content GoodPolicy() {
  v1::Content content;
  content.set_kind(v1::CONTENT_KIND_POLICY);
  content.set_title("毕业生求职补贴");
  content.set_text("毕业年度内可申领。");
  *content.mutable_publish_time() = ToTimestamp(Day(2, 1));
  return content;
}

v1::Content GoodEvent() {
  v1::Content content = GoodPolicy();
  content.set_kind(v1::CONTENT_KIND_EVENT);
  content.set_title("深圳招聘会");
  v1::EventDetails& event = *content.mutable_event();
  *event.mutable_period()->mutable_start_time() = ToTimestamp(Day(3, 20));
  event.mutable_location()->mutable_region()->set_code("440300");
  return content;
}

class ContentServicesTest : public ServicesTest {
 protected:
  absl::StatusOr<v1::Content> CreateContent(
      const std::string& id, const v1::Content& content,
      const std::string& request_id = "") {
    v1::CreateContentRequest request;
    request.set_content_id(id);
    request.set_request_id(request_id);
    *request.mutable_content() = content;
    v1::Content response;
    absl::Status status = server_.Call(
        server_.contents(), &Contents::CreateContent, request, response);
    if (!status.ok()) return status;
    return response;
  }
  absl::StatusOr<v1::Content> GetContent(const std::string& name) {
    v1::GetContentRequest request;
    request.set_name(name);
    v1::Content response;
    absl::Status status = server_.Call(
        server_.contents(), &Contents::GetContent, request, response);
    if (!status.ok()) return status;
    return response;
  }
  absl::StatusOr<v1::Content> UpdateContent(
      const v1::UpdateContentRequest& request) {
    v1::Content response;
    absl::Status status = server_.Call(
        server_.contents(), &Contents::UpdateContent, request, response);
    if (!status.ok()) return status;
    return response;
  }
  absl::StatusOr<v1::ListContentsResponse> ListContents(
      const v1::ListContentsRequest& request) {
    v1::ListContentsResponse response;
    absl::Status status = server_.Call(
        server_.contents(), &Contents::ListContents, request, response);
    if (!status.ok()) return status;
    return response;
  }
  absl::StatusOr<v1::MatchContentsResponse> MatchContents(
      const v1::MatchContentsRequest& request) {
    v1::MatchContentsResponse response;
    absl::Status status = server_.Call(
        server_.matches(), &Matches::MatchContents, request, response);
    if (!status.ok()) return status;
    return response;
  }
  std::vector<std::string> Matched(const std::string& graduate) {
    v1::MatchContentsRequest request;
    request.set_graduate(graduate);
    request.set_page_size(100);
    const auto response = MatchContents(request);
    EXPECT_TRUE(response.ok()) << response.status();
    std::vector<std::string> names;
    if (!response.ok()) return names;
    for (const v1::ContentMatch& match : response->matches()) {
      names.push_back(match.content().name());
    }
    return names;
  }
};

TEST_F(ContentServicesTest, ContentIsCreatedReadAndStillThereAfterARestart) {
  ASSERT_TRUE(CreateGraduate("g-1").ok());
  const auto created = CreateContent("e1", GoodEvent());
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(created->name(), "contents/e1");
  EXPECT_EQ(created->state(), v1::Content::STATE_OPEN);
  EXPECT_FALSE(created->etag().empty());
  EXPECT_EQ(Summary(CreateContent("e1", GoodEvent()).status()),
            "ALREADY_EXISTS ALREADY_EXISTS");
  EXPECT_THAT(Matched("graduates/g-1"), ElementsAre("contents/e1"));

  server_.Stop();
  server_.Start();
  const auto after = GetContent("contents/e1");
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(after->SerializeAsString(), created->SerializeAsString());
  EXPECT_THAT(Matched("graduates/g-1"), ElementsAre("contents/e1"));
}

TEST_F(ContentServicesTest, UpdateChangesWhatTheMaskNames) {
  const auto created = CreateContent("e1", GoodEvent());
  ASSERT_TRUE(created.ok());
  v1::UpdateContentRequest request;
  v1::Content& patch = *request.mutable_content();
  patch.set_name("contents/e1");
  patch.set_title("改期");
  *patch.mutable_event()->mutable_period()->mutable_start_time() =
      ToTimestamp(Day(4, 10));
  request.mutable_update_mask()->add_paths("event.period");
  const auto updated = UpdateContent(request);
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->title(), "深圳招聘会");
  EXPECT_EQ(updated->event().location().region().code(), "440300");
  // Its expiry was derived and follows.
  EXPECT_EQ(updated->expire_time().seconds(), absl::ToUnixSeconds(Day(4, 11)));
  EXPECT_NE(updated->etag(), created->etag());

  patch.set_etag(created->etag());
  EXPECT_EQ(ReasonOf(UpdateContent(request).status()), kEtagMismatch);
  patch.clear_etag();
  request.clear_update_mask();
  request.mutable_update_mask()->add_paths("no_such_field");
  EXPECT_EQ(ReasonOf(UpdateContent(request).status()), kFieldMaskInvalid);

  patch = GoodPolicy();
  patch.set_name("contents/new");
  request.clear_update_mask();
  EXPECT_EQ(ReasonOf(UpdateContent(request).status()), kContentNotFound);
  request.set_allow_missing(true);
  EXPECT_TRUE(UpdateContent(request).ok());
}

TEST_F(ContentServicesTest, ARepeatedRequestIsAnsweredOnce) {
  const auto first = CreateContent("p1", GoodPolicy(), "r-1");
  ASSERT_TRUE(first.ok()) << first.status();
  const auto again = CreateContent("p1", GoodPolicy(), "r-1");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->etag(), first->etag());
  EXPECT_EQ(ReasonOf(CreateContent("p2", GoodPolicy(), "r-1").status()),
            kRequestIdReused);
}

TEST_F(ContentServicesTest, DeletedContentIsGone) {
  ASSERT_TRUE(CreateContent("p1", GoodPolicy()).ok());
  v1::DeleteContentRequest request;
  request.set_name("contents/p1");
  request.set_etag("999");
  google::protobuf::Empty empty;
  const auto remove = [&] {
    return server_.Call(server_.contents(), &Contents::DeleteContent, request,
                        empty);
  };
  EXPECT_EQ(ReasonOf(remove()), kEtagMismatch);
  request.clear_etag();
  EXPECT_TRUE(remove().ok());
  EXPECT_EQ(Summary(GetContent("contents/p1").status()),
            "NOT_FOUND CONTENT_NOT_FOUND");
  EXPECT_EQ(ReasonOf(remove()), kContentNotFound);
  request.set_allow_missing(true);
  EXPECT_TRUE(remove().ok());
}

TEST_F(ContentServicesTest, ListGivesPagesByNameOfTheKindsAskedFor) {
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(CreateContent("p" + std::to_string(i), GoodPolicy()).ok());
    ASSERT_TRUE(CreateContent("e" + std::to_string(i), GoodEvent()).ok());
  }
  v1::ListContentsRequest request;
  request.add_kinds(v1::CONTENT_KIND_POLICY);
  request.set_page_size(2);
  std::vector<std::string> names;
  do {
    const auto page = ListContents(request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const v1::Content& content : page->contents()) {
      names.push_back(content.name());
      EXPECT_TRUE(content.text().empty());
      EXPECT_FALSE(content.title().empty());
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(names, ElementsAre("contents/p0", "contents/p1", "contents/p2",
                                 "contents/p3", "contents/p4"));
  request.Clear();
  EXPECT_EQ(ListContents(request)->contents_size(), 10);
}

TEST_F(ContentServicesTest, BadInputIsNamed) {
  const auto create = [&](const std::string& id,
                          const std::function<void(v1::Content&)>& spoil) {
    v1::Content content = GoodEvent();
    spoil(content);
    return Summary(CreateContent(id, content).status());
  };
  const auto same = [](v1::Content&) {};
  EXPECT_EQ(create("", same), "INVALID_ARGUMENT FIELD_MISSING content_id");
  EXPECT_EQ(create("-a", same), "INVALID_ARGUMENT NAME_INVALID content_id");
  EXPECT_EQ(create("a", [](auto& c) { c.clear_title(); }),
            "INVALID_ARGUMENT FIELD_MISSING content.title");
  EXPECT_EQ(create("a", [](auto& c) { c.set_kind(v1::CONTENT_KIND_POSTING); }),
            "INVALID_ARGUMENT FIELD_INVALID content.kind");
  EXPECT_EQ(create("a", [](auto& c) { c.set_source("sources/none"); }),
            "NOT_FOUND SOURCE_NOT_FOUND");
  EXPECT_EQ(
      create("a", [](auto& c) { c.mutable_audience()->add_regions("x"); }),
      "INVALID_ARGUMENT CODE_UNKNOWN content.audience.regions[0]");
  EXPECT_EQ(Summary(GetContent("").status()),
            "INVALID_ARGUMENT FIELD_MISSING name");
  EXPECT_EQ(Summary(GetContent("graduates/a").status()),
            "INVALID_ARGUMENT NAME_INVALID name");
  v1::ListContentsRequest list;
  list.add_kinds(v1::CONTENT_KIND_POSTING);
  EXPECT_EQ(Summary(ListContents(list).status()),
            "INVALID_ARGUMENT FIELD_INVALID kinds[0]");
  list.Clear();
  list.set_page_token("made-up");
  EXPECT_EQ(ReasonOf(ListContents(list).status()), kPageTokenInvalid);
  v1::MatchContentsRequest match;
  match.set_graduate("graduates/nobody");
  EXPECT_EQ(ReasonOf(MatchContents(match).status()), kGraduateNotFound);
  match.set_page_size(-1);
  EXPECT_EQ(MatchContents(match).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(ContentServicesTest, ASourceWithContentStays) {
  v1::Content content = GoodPolicy();
  content.set_source("sources/gd");
  ASSERT_TRUE(CreateContent("p1", content).ok());
  v1::DeleteSourceRequest request;
  request.set_name("sources/gd");
  google::protobuf::Empty empty;
  EXPECT_EQ(ReasonOf(server_.Call(server_.sources(), &Sources::DeleteSource,
                                  request, empty)),
            kSourceNotEmpty);
}

// --- The sync stream ---

class ContentSender {
 public:
  ContentSender(TestServer& server, const v1::SyncBegin& begin)
      : stub_(server.contents()), stream_(stub_->SyncContents(&context_)) {
    v1::SyncContentsRequest request;
    *request.mutable_begin() = begin;
    stream_->Write(request);
  }
  static v1::SyncBegin Incremental(const std::string& source = "") {
    v1::SyncBegin begin;
    begin.set_mode(v1::SYNC_MODE_INCREMENTAL);
    begin.set_source(source);
    return begin;
  }
  void Row(const v1::SyncContentRow& row) {
    v1::SyncContentsRequest request;
    *request.mutable_row() = row;
    request.mutable_row()->set_row_number(++rows_);
    stream_->Write(request);
  }
  void Upsert(const std::string& id, v1::Content content) {
    content.set_name("contents/" + id);
    v1::SyncContentRow row;
    *row.mutable_upsert() = std::move(content);
    Row(row);
  }
  void Delete(const std::string& name) {
    v1::SyncContentRow row;
    row.mutable_delete_()->set_name(name);
    Row(row);
  }
  absl::Status Commit() {
    v1::SyncContentsRequest request;
    request.mutable_commit();
    stream_->Write(request);
    stream_->WritesDone();
    for (v1::SyncContentsResponse response; stream_->Read(&response);) {
      if (response.has_committed()) committed = response.committed();
      for (const Result& result : response.results().results()) {
        results.push_back(result);
      }
    }
    return TestServer::FromWire(stream_->Finish());
  }
  std::vector<Result::Status> Statuses() const {
    std::vector<Result::Status> statuses;
    for (const Result& result : results) statuses.push_back(result.status());
    return statuses;
  }

  std::vector<Result> results;
  v1::SyncCommitted committed;

 private:
  grpc::ClientContext context_;
  std::unique_ptr<Contents> stub_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::SyncContentsRequest,
                                           v1::SyncContentsResponse>>
      stream_;
  int64_t rows_ = 0;
};

TEST_F(ContentServicesTest, TheStreamAnswersEveryRowAndCountsAddUp) {
  ContentSender sender(server_, ContentSender::Incremental());
  sender.Upsert("a", GoodPolicy());
  sender.Upsert("b", GoodEvent());
  sender.Upsert("a", GoodPolicy());  // the same again
  v1::Content bad = GoodEvent();
  bad.mutable_event()->clear_location();
  sender.Upsert("c", bad);
  sender.Delete("contents/b");
  sender.Delete("b");
  sender.Row({});  // no operation
  v1::Content newer = GoodPolicy();
  newer.set_revision(5);
  newer.set_title("第五稿");
  sender.Upsert("a", newer);
  newer.set_revision(4);
  newer.set_title("第四稿");
  sender.Upsert("a", newer);
  const absl::Status status = sender.Commit();
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_THAT(sender.Statuses(),
              ElementsAre(Result::STATUS_CREATED, Result::STATUS_CREATED,
                          Result::STATUS_UNCHANGED, Result::STATUS_REJECTED,
                          Result::STATUS_CLOSED, Result::STATUS_REJECTED,
                          Result::STATUS_REJECTED, Result::STATUS_UPDATED,
                          Result::STATUS_STALE));
  EXPECT_EQ(sender.results[3].error().field(), "event.location");
  EXPECT_EQ(sender.results[5].error().field(), "delete.name");
  EXPECT_EQ(sender.committed.received(), 9);
  EXPECT_EQ(sender.committed.created(), 2);
  EXPECT_EQ(sender.committed.rejected(), 3);
  EXPECT_EQ(GetContent("contents/a")->title(), "第五稿");
}

TEST_F(ContentServicesTest, AStreamOfASourceWritesForItAlone) {
  server_.AddSource("bj");
  {
    ContentSender sender(server_, ContentSender::Incremental("sources/gd"));
    sender.Upsert("a", GoodPolicy());
    ASSERT_TRUE(sender.Commit().ok());
    EXPECT_EQ(GetContent("contents/a")->source(), "sources/gd");
  }
  ContentSender sender(server_, ContentSender::Incremental("sources/bj"));
  v1::Content theirs = GoodPolicy();
  theirs.set_title("改写");
  sender.Upsert("a", theirs);
  sender.Delete("contents/a");
  ASSERT_TRUE(sender.Commit().ok());
  EXPECT_THAT(sender.Statuses(),
              ElementsAre(Result::STATUS_REJECTED, Result::STATUS_REJECTED));
  EXPECT_EQ(sender.results[0].error().reason(), kFieldReadOnly);
  EXPECT_EQ(GetContent("contents/a")->title(), GoodPolicy().title());

  ContentSender nobody(server_, ContentSender::Incremental("sources/none"));
  EXPECT_EQ(ReasonOf(nobody.Commit()), kSourceNotFound);
}

TEST_F(ContentServicesTest, ADryRunWritesNothing) {
  v1::SyncBegin begin = ContentSender::Incremental();
  begin.set_validate_only(true);
  ContentSender sender(server_, begin);
  sender.Upsert("a", GoodPolicy());
  ASSERT_TRUE(sender.Commit().ok());
  EXPECT_THAT(sender.Statuses(), ElementsAre(Result::STATUS_CREATED));
  EXPECT_EQ(ReasonOf(GetContent("contents/a").status()), kContentNotFound);
}

// --- Matching ---

TEST_F(ContentServicesTest, MatchGivesPagesWithReasonsAndAToken) {
  ASSERT_TRUE(CreateGraduate("g-1").ok());
  ASSERT_TRUE(Create(GoodPosting("A-1")).ok());
  v1::Content event = GoodEvent();
  event.mutable_event()->add_postings("sources/gd/postings/A-1");
  ASSERT_TRUE(CreateContent("e1", event).ok());
  v1::Content policy = GoodPolicy();
  policy.mutable_audience()->add_graduation_years(2026);
  ASSERT_TRUE(CreateContent("p1", policy).ok());
  policy.mutable_audience()->add_levels(v1::EDUCATION_LEVEL_DOCTOR);
  ASSERT_TRUE(CreateContent("doctors", policy).ok());

  v1::MatchContentsRequest request;
  request.set_graduate("graduates/g-1");
  request.set_page_size(1);
  std::set<std::string> names, texts;
  int rank = 0;
  do {
    const auto response = MatchContents(request);
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_FALSE(response->attribution_token().empty());
    EXPECT_FALSE(response->non_personalised());
    for (const v1::ContentMatch& match : response->matches()) {
      EXPECT_EQ(match.rank(), ++rank);
      EXPECT_TRUE(match.content().text().empty());
      names.insert(match.content().name());
      for (const v1::Reason& reason : match.reasons()) {
        texts.insert(reason.text_zh());
      }
    }
    request.set_page_token(response->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(names, UnorderedElementsAre("contents/e1", "contents/p1"));
  EXPECT_TRUE(texts.contains("面向2026届毕业生的政策"));
  EXPECT_TRUE(texts.contains("活动在深圳，3月20日"));
  EXPECT_TRUE(texts.contains("有 1 个符合条件的岗位参加"));

  request.Clear();
  request.set_graduate("graduates/g-1");
  request.add_kinds(v1::CONTENT_KIND_EVENT);
  EXPECT_EQ(MatchContents(request)->matches_size(), 1);
  // Over the next day.
  server_.clock().Set(Day(3, 21));
  EXPECT_EQ(MatchContents(request)->matches_size(), 0);
}

TEST_F(ContentServicesTest, WhatAGraduateMutesOrSwitchesOffIsObeyedAtOnce) {
  ASSERT_TRUE(CreateGraduate("g-1").ok());
  ASSERT_TRUE(CreateContent("e1", GoodEvent()).ok());
  ASSERT_TRUE(CreateContent("p1", GoodPolicy()).ok());
  v1::UpdateGraduateRequest update;
  v1::Graduate& graduate = *update.mutable_graduate();
  graduate.set_name("graduates/g-1");
  graduate.mutable_preferences()->add_muted_kinds(v1::CONTENT_KIND_EVENT);
  graduate.mutable_preferences()->set_personalisation(false);
  v1::Graduate stored;
  ASSERT_TRUE(
      server_
          .Call(server_.graduates(), &Graduates::UpdateGraduate, update, stored)
          .ok());
  EXPECT_THAT(Matched("graduates/g-1"), ElementsAre("contents/p1"));
  v1::MatchContentsRequest request;
  request.set_graduate("graduates/g-1");
  EXPECT_TRUE(MatchContents(request)->non_personalised());
}

TEST_F(ContentServicesTest, ContentOfASandboxReachesNobody) {
  v1::CreateSourceRequest source;
  source.set_source_id("try-out");
  source.mutable_source()->set_display_name("试用来源");
  source.mutable_source()->set_sandbox(true);
  v1::Source made;
  ASSERT_TRUE(
      server_.Call(server_.sources(), &Sources::CreateSource, source, made)
          .ok());
  ASSERT_TRUE(CreateGraduate("g-1").ok());
  v1::Content content = GoodPolicy();
  content.set_source("sources/try-out");
  ASSERT_TRUE(CreateContent("p1", content).ok());
  EXPECT_THAT(Matched("graduates/g-1"), IsEmpty());
  server_.Stop();
  server_.Start();
  EXPECT_THAT(Matched("graduates/g-1"), IsEmpty());
}

}  // namespace
}  // namespace gradmatch
