// What graduates decide about their records, over a real socket: preferences,
// tags, placement, freeze, erasure.

#include <atomic>
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "index/byte_search.h"
#include "index/pseudonym.h"
#include "index/store.h"
#include "matcher/matcher.h"
#include "tests/server/push_fixture.h"

namespace gradmatch {
namespace {

using Graduates = v1::GraduateService::Stub;
using testing::Contains;
using testing::Each;
using testing::IsEmpty;
using testing::Not;

constexpr char kName[] = "graduates/g-0";

class GraduateRightsTest : public PushFixture {
 protected:
  template <typename Request, typename Response>
  absl::Status Do(grpc::Status (Graduates::*method)(grpc::ClientContext*,
                                                    const Request&, Response*),
                  const Request& request, Response& response) {
    return server_.Call(server_.graduates(), method, request, response);
  }
  // The same without an answer that matters.
  template <typename Request, typename Response>
  std::string Try(grpc::Status (Graduates::*method)(grpc::ClientContext*,
                                                    const Request&, Response*),
                  const Request& request) {
    Response response;
    return Summary(Do(method, request, response));
  }

  v1::Preferences Preferences(const std::string& name = kName) {
    v1::GetPreferencesRequest request;
    request.set_name(name + "/preferences");
    v1::Preferences preferences;
    const absl::Status status =
        Do(&Graduates::GetPreferences, request, preferences);
    EXPECT_TRUE(status.ok()) << status;
    return preferences;
  }
  static v1::UpdatePreferencesRequest Personalise(
      bool on, const std::string& name = kName) {
    v1::UpdatePreferencesRequest request;
    request.mutable_preferences()->set_name(name + "/preferences");
    request.mutable_preferences()->set_personalisation(on);
    return request;
  }
  absl::Status Match(v1::MatchPostingsResponse& response,
                     const std::string& name = kName) {
    v1::MatchPostingsRequest request;
    request.set_graduate(name);
    return server_.Call(server_.matches(),
                        &v1::MatchService::Stub::MatchPostings, request,
                        response);
  }
  std::string TryMatch(const std::string& name = kName) {
    v1::MatchPostingsResponse response;
    return Summary(Match(response, name));
  }
  std::vector<v1::Tag> Tags() {
    v1::ListTagsRequest request;
    request.set_parent(kName);
    request.set_page_size(2);
    std::vector<v1::Tag> tags;
    do {
      v1::ListTagsResponse response;
      const absl::Status status = Do(&Graduates::ListTags, request, response);
      EXPECT_TRUE(status.ok()) << status;
      if (!status.ok()) break;
      tags.insert(tags.end(), response.tags().begin(), response.tags().end());
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty());
    return tags;
  }
  v1::Graduate Get(const std::string& name = kName) {
    v1::GetGraduateRequest request;
    request.set_name(name);
    v1::Graduate graduate;
    const absl::Status status = Do(&Graduates::GetGraduate, request, graduate);
    EXPECT_TRUE(status.ok()) << status;
    return graduate;
  }

  // States of a graduate's items in a run, as the stream gives them now.
  std::vector<v1::PushItem::State> States(const std::string& run,
                                          const std::string& graduate) {
    v1::StreamPushItemsRequest request;
    request.set_parent("pushRuns/" + run);
    std::vector<v1::PushItem> items;
    std::string cursor;
    const absl::Status status = Stream(request, items, cursor);
    EXPECT_TRUE(status.ok()) << status;
    std::vector<v1::PushItem::State> states;
    for (const v1::PushItem& item : items) {
      if (item.graduate() == graduate) states.push_back(item.state());
    }
    return states;
  }

  template <typename Request>
  static Request Because(const std::string& name = kName,
                         const std::string& purpose = "本人申请") {
    Request request;
    request.set_name(name);
    request.set_purpose(purpose);
    return request;
  }
  v1::EraseGraduateRequest EraseNow(const std::string& name = kName) {
    auto request = Because<v1::EraseGraduateRequest>(name);
    request.set_purge_now(true);
    return request;
  }
  v1::ErasureReceipt Receipt(const Operation& operation) {
    v1::EraseGraduateMetadata metadata;
    EXPECT_TRUE(operation.metadata().UnpackTo(&metadata));
    v1::GetErasureReceiptRequest request;
    request.set_name(metadata.erasure());
    v1::ErasureReceipt receipt;
    const absl::Status status =
        Do(&Graduates::GetErasureReceipt, request, receipt);
    EXPECT_TRUE(status.ok()) << status;
    return receipt;
  }
  // Files in which the graduate is to be found.
  size_t FilesWith(const std::string& id) {
    const Engine& engine = server_.server().runtime().engine();
    ByteSearch needles;
    needles.Add("graduates/" + id, 0);
    needles.Add(engine.pseudonyms.Of(id), 0);
    const auto search = engine.store.Search(needles);
    EXPECT_TRUE(search.ok()) << search.status();
    return search->found.size();
  }
};

TEST_F(GraduateRightsTest, PreferencesAreInForceOnceAnswered) {
  ASSERT_NO_FATAL_FAILURE(Fill(12, 2));
  const v1::Preferences before = Preferences();
  EXPECT_EQ(before.name(), "graduates/g-0/preferences");
  EXPECT_EQ(before.etag(), Get().etag());
  EXPECT_FALSE(before.has_personalisation());

  v1::MatchPostingsResponse answer;
  ASSERT_TRUE(Match(answer).ok());
  EXPECT_FALSE(answer.trace().non_personalised());

  v1::UpdatePreferencesRequest off = Personalise(false);
  off.set_request_id("off-1");
  v1::Preferences after;
  ASSERT_TRUE(Do(&Graduates::UpdatePreferences, off, after).ok());
  EXPECT_FALSE(after.personalisation());
  EXPECT_NE(after.etag(), before.etag());
  EXPECT_EQ(Get().revision(), 1) << "the source's own numbers go on";
  v1::Preferences repeated;
  ASSERT_TRUE(Do(&Graduates::UpdatePreferences, off, repeated).ok());
  EXPECT_EQ(repeated.SerializeAsString(), after.SerializeAsString());

  const int64_t reads =
      server_.server().runtime().engine().matcher.profile_reads();
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(Match(answer).ok());
    EXPECT_TRUE(answer.trace().non_personalised());
  }
  EXPECT_EQ(server_.server().runtime().engine().matcher.profile_reads(), reads);

  v1::UpdatePreferencesRequest stale = Personalise(true);
  stale.mutable_preferences()->set_etag(before.etag());
  EXPECT_EQ((Try<v1::UpdatePreferencesRequest, v1::Preferences>(
                &Graduates::UpdatePreferences, stale)),
            "ABORTED ETAG_MISMATCH");
  stale.mutable_preferences()->set_etag(after.etag());
  ASSERT_TRUE(Do(&Graduates::UpdatePreferences, stale, after).ok());
  ASSERT_TRUE(Match(answer).ok());
  EXPECT_FALSE(answer.trace().non_personalised());
}

TEST_F(GraduateRightsTest, PauseAndMutedKindsHoldBackWhatARunHasMade) {
  ASSERT_NO_FATAL_FAILURE(Fill(12, 2));
  ASSERT_NO_FATAL_FAILURE(MakePlan("p"));
  RunToTheEnd("p", "r");
  ASSERT_THAT(States("r", kName), Contains(v1::PushItem::STATE_INTENT));
  v1::UpdatePreferencesRequest pause;
  pause.mutable_preferences()->set_name("graduates/g-0/preferences");
  pause.mutable_preferences()->mutable_pause_end_time()->set_seconds(
      absl::ToUnixSeconds(server_.clock().Now() + absl::Hours(1)));
  v1::Preferences stored;
  ASSERT_TRUE(Do(&Graduates::UpdatePreferences, pause, stored).ok());
  EXPECT_THAT(States("r", kName), Each(v1::PushItem::STATE_SUPPRESSED));
  server_.clock().Advance(absl::Hours(2));
  EXPECT_THAT(States("r", kName), Each(v1::PushItem::STATE_INTENT));
  v1::UpdatePreferencesRequest mute;
  mute.mutable_preferences()->set_name("graduates/g-0/preferences");
  mute.mutable_preferences()->add_muted_kinds(v1::CONTENT_KIND_POSTING);
  ASSERT_TRUE(Do(&Graduates::UpdatePreferences, mute, stored).ok());
  EXPECT_THAT(States("r", kName), Each(v1::PushItem::STATE_SUPPRESSED));
  v1::MatchPostingsResponse answer;
  ASSERT_TRUE(Match(answer).ok());
  EXPECT_EQ(answer.matches_size(), 0);
}

TEST_F(GraduateRightsTest, TagsAreListedAndDeleted) {
  ASSERT_NO_FATAL_FAILURE(Fill(0, 1));
  std::vector<v1::Tag> tags = Tags();
  ASSERT_EQ(tags.size(), 2);  // Java, 深圳
  EXPECT_EQ(tags[0].tag(), "Java");
  v1::DeleteTagRequest request;
  request.set_name(tags[0].name());
  request.set_request_id("tag-1");
  google::protobuf::Empty empty;
  ASSERT_TRUE(Do(&Graduates::DeleteTag, request, empty).ok());
  EXPECT_TRUE(Do(&Graduates::DeleteTag, request, empty).ok()) << "a repeat";
  request.set_request_id("tag-2");
  EXPECT_EQ((Try<v1::DeleteTagRequest, google::protobuf::Empty>(
                &Graduates::DeleteTag, request)),
            "NOT_FOUND TAG_NOT_FOUND");
  tags = Tags();
  ASSERT_EQ(tags.size(), 1);
  EXPECT_EQ(tags[0].kind(), v1::Tag::KIND_PLACE);
  EXPECT_EQ(Get().profile().skills_size(), 0);
}

TEST_F(GraduateRightsTest, APlacementHoldsBackAndItsEndLetsGo) {
  ASSERT_NO_FATAL_FAILURE(Fill(12, 3));
  ASSERT_NO_FATAL_FAILURE(MakePlan("p"));
  RunToTheEnd("p", "r");
  v1::ReportPlacementRequest report;
  report.set_name(kName);
  report.mutable_placement()->set_kind(v1::Placement::KIND_EMPLOYED);
  report.mutable_placement()->set_registration_id("gd-2026-1");
  v1::Graduate graduate;
  ASSERT_TRUE(Do(&Graduates::ReportPlacement, report, graduate).ok());
  EXPECT_EQ(graduate.lifecycle(), v1::Graduate::LIFECYCLE_PLACED);
  EXPECT_EQ(graduate.placement().registration_id(), "gd-2026-1");
  EXPECT_EQ(TryMatch(), "FAILED_PRECONDITION GRADUATE_NOT_SERVED");
  EXPECT_THAT(States("r", kName), Each(v1::PushItem::STATE_SUPPRESSED));
  EXPECT_THAT(States("r", "graduates/g-1"), Each(v1::PushItem::STATE_INTENT));

  // A write of the record does not take it back.
  v1::UpdateGraduateRequest update;
  *update.mutable_graduate() = GoodGraduate();
  update.mutable_graduate()->set_name(kName);
  update.mutable_graduate()->set_lifecycle(v1::Graduate::LIFECYCLE_ACTIVE);
  ASSERT_TRUE(Do(&Graduates::UpdateGraduate, update, graduate).ok());
  EXPECT_EQ(graduate.lifecycle(), v1::Graduate::LIFECYCLE_PLACED);

  ASSERT_TRUE(Do(&Graduates::RevokePlacement,
                 Because<v1::RevokePlacementRequest>(), graduate)
                  .ok());
  EXPECT_EQ(graduate.lifecycle(), v1::Graduate::LIFECYCLE_ACTIVE);
  EXPECT_FALSE(graduate.has_placement());
  EXPECT_EQ(TryMatch(), "OK");
  EXPECT_THAT(States("r", kName), Each(v1::PushItem::STATE_INTENT));
}

TEST_F(GraduateRightsTest, AFreezeStoresOnlyAndGoesBackToWhatWas) {
  ASSERT_NO_FATAL_FAILURE(Fill(3, 1));
  for (const auto before :
       {v1::Graduate::LIFECYCLE_ACTIVE, v1::Graduate::LIFECYCLE_OPTED_OUT}) {
    v1::UpdateGraduateRequest update;
    update.mutable_graduate()->set_name(kName);
    update.mutable_graduate()->set_lifecycle(before);
    v1::Graduate graduate;
    ASSERT_TRUE(Do(&Graduates::UpdateGraduate, update, graduate).ok());
    for (int repeat = 0; repeat < 2; ++repeat) {
      ASSERT_TRUE(Do(&Graduates::FreezeGraduate,
                     Because<v1::FreezeGraduateRequest>(), graduate)
                      .ok());
      EXPECT_EQ(graduate.lifecycle(), v1::Graduate::LIFECYCLE_FROZEN);
    }
    EXPECT_EQ(Get().profile().skills_size(), 1) << "reads are allowed";
    EXPECT_EQ(TryMatch(), "FAILED_PRECONDITION GRADUATE_NOT_SERVED");
    v1::CheckEligibilityRequest check;
    check.set_graduate(kName);
    check.set_posting("sources/hubei/postings/p-0");
    v1::CheckEligibilityResponse checked;
    EXPECT_EQ(Summary(server_.Call(server_.matches(),
                                   &v1::MatchService::Stub::CheckEligibility,
                                   check, checked)),
              "FAILED_PRECONDITION GRADUATE_NOT_SERVED");
    ASSERT_TRUE(Do(&Graduates::UnfreezeGraduate,
                   Because<v1::UnfreezeGraduateRequest>(), graduate)
                    .ok());
    EXPECT_EQ(graduate.lifecycle(), before);
    EXPECT_EQ(graduate.lifecycle_before_freeze(),
              v1::Graduate::LIFECYCLE_UNSPECIFIED);
  }
}

TEST_F(GraduateRightsTest, AnErasedGraduateIsInNoFileAndStaysAway) {
  ASSERT_NO_FATAL_FAILURE(Fill(12, 4));
  ASSERT_NO_FATAL_FAILURE(MakePlan("p"));
  const v1::PushRun run = RunToTheEnd("p", "r");
  v1::UpdatePreferencesRequest kept = Personalise(true);
  kept.set_request_id("kept-answer");
  v1::Preferences preferences;
  ASSERT_TRUE(Do(&Graduates::UpdatePreferences, kept, preferences).ok());
  ASSERT_GT(FilesWith("g-0"), 0) << "else nothing is shown";

  v1::EraseGraduateRequest erase = EraseNow();
  erase.set_request_id("erase-1");
  Operation operation;
  ASSERT_TRUE(Do(&Graduates::EraseGraduate, erase, operation).ok());
  EXPECT_EQ(TryMatch(), "NOT_FOUND GRADUATE_NOT_FOUND");
  const std::string name = operation.name();
  ASSERT_TRUE(WaitForTheEnd(name, operation).ok());
  v1::ErasureReceipt receipt;
  ASSERT_TRUE(operation.response().UnpackTo(&receipt))
      << operation.ShortDebugString();
  EXPECT_EQ(receipt.state(), v1::ErasureReceipt::STATE_PURGED);
  EXPECT_GT(receipt.files_searched(), 5);
  EXPECT_EQ(receipt.deleted().at("ledger"), 2);
  EXPECT_EQ(receipt.deleted().at("push_item"), 2);
  EXPECT_EQ(receipt.deleted().at("embedding"), 1);
  EXPECT_GE(receipt.deleted().at("request"), 1);
  EXPECT_EQ(Receipt(operation).SerializeAsString(),
            receipt.SerializeAsString());
  EXPECT_EQ(FilesWith("g-0"), 0);
  EXPECT_GT(FilesWith("g-1"), 0);
  Operation again;
  ASSERT_TRUE(Do(&Graduates::EraseGraduate, erase, again).ok()) << "a repeat";
  EXPECT_EQ(again.name(), name);

  // The figures of the run are those it had.
  v1::GetPushRunRequest get;
  get.set_name("pushRuns/r");
  v1::PushRun now;
  ASSERT_TRUE(server_.Call(push(), &Push::GetPushRun, get, now).ok());
  EXPECT_EQ(now.counts().SerializeAsString(), run.counts().SerializeAsString());
  EXPECT_EQ(Items("r").size(), 8);
  EXPECT_THAT(States("r", kName), IsEmpty());
  EXPECT_THAT(States("r", ""), Each(v1::PushItem::STATE_SUPPRESSED));
  RunToTheEnd("p", "r2");
  EXPECT_THAT(States("r2", kName), IsEmpty());

  for (int round = 0; round < 2; ++round) {
    SCOPED_TRACE(round);  // the second time after a restart
    EXPECT_EQ((Try<v1::EraseGraduateRequest, Operation>(
                  &Graduates::EraseGraduate, EraseNow())),
              "FAILED_PRECONDITION GRADUATE_ERASED");
    v1::CreateGraduateRequest create;
    create.set_graduate_id("g-0");
    *create.mutable_graduate() = GoodGraduate();
    EXPECT_EQ((Try<v1::CreateGraduateRequest, v1::Graduate>(
                  &Graduates::CreateGraduate, create)),
              "FAILED_PRECONDITION GRADUATE_ERASED");
    EXPECT_EQ(FilesWith("g-0"), 0);
    server_.Stop();
    server_.Start();
  }
  EXPECT_EQ(Receipt(operation).state(), v1::ErasureReceipt::STATE_PURGED);
}

TEST_F(GraduateRightsTest, ASyncRowOfAnErasedGraduateIsRejected) {
  ASSERT_NO_FATAL_FAILURE(Fill(0, 2));
  Operation operation;
  ASSERT_TRUE(Do(&Graduates::EraseGraduate, EraseNow(), operation).ok());
  grpc::ClientContext context;
  const auto stub = server_.graduates();
  const auto stream = stub->SyncGraduates(&context);
  v1::SyncGraduatesRequest request;
  request.mutable_begin()->set_mode(v1::SYNC_MODE_INCREMENTAL);
  stream->Write(request);
  for (int i = 0; i < 2; ++i) {
    v1::SyncGraduateRow& row = *request.mutable_row();
    row.set_row_number(i + 1);
    *row.mutable_upsert() = GoodGraduate();
    row.mutable_upsert()->set_name(absl::StrCat("graduates/g-", i));
    row.mutable_upsert()->set_revision(7);
    stream->Write(request);
  }
  request.mutable_commit();
  stream->Write(request);
  stream->WritesDone();
  std::vector<std::string> reasons;
  v1::SyncGraduatesResponse response;
  while (stream->Read(&response)) {
    for (const auto& result : response.results().results()) {
      reasons.push_back(result.error().reason());
    }
  }
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_THAT(reasons, testing::ElementsAre("GRADUATE_ERASED", ""));
}

TEST_F(GraduateRightsTest, WithoutHasteTheFilesAreCleanWhenTimeIsUp) {
  ASSERT_NO_FATAL_FAILURE(Fill(0, 3));
  std::vector<Operation> operations(2);
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(
        Do(&Graduates::EraseGraduate,
           Because<v1::EraseGraduateRequest>(absl::StrCat("graduates/g-", i)),
           operations[i])
            .ok());
  }
  // Not before; a restart in between changes nothing.
  server_.Stop();
  server_.Start();
  Operation operation;
  ASSERT_TRUE(Wait(operations[0].name(), operation, 1).ok());
  EXPECT_FALSE(operation.done());
  EXPECT_EQ(Receipt(operation).state(), v1::ErasureReceipt::STATE_DELETED);
  server_.clock().Advance(absl::Hours(24));
  for (const Operation& one : operations) {
    ASSERT_TRUE(WaitForTheEnd(one.name(), operation).ok());
    EXPECT_TRUE(operation.has_response());
  }
  EXPECT_EQ(FilesWith("g-0") + FilesWith("g-1"), 0);
}

TEST_F(GraduateRightsTest, OperationsOfAllKindsAreOneList) {
  ASSERT_NO_FATAL_FAILURE(Fill(3, 3));
  ASSERT_NO_FATAL_FAILURE(MakePlan("p"));
  RunToTheEnd("p", "a");
  RunToTheEnd("p", "b");
  std::set<std::string> want = {"operations/push-a", "operations/push-b"};
  Operation operation;
  for (const char* name : {"graduates/g-0", "graduates/g-1"}) {
    ASSERT_TRUE(Do(&Graduates::EraseGraduate, EraseNow(name), operation).ok());
    want.insert(operation.name());
    ASSERT_TRUE(WaitForTheEnd(operation.name(), operation).ok());
  }
  for (int size : {1, 2, 3, 50}) {
    google::longrunning::ListOperationsRequest request;
    request.set_page_size(size);
    std::vector<std::string> names;
    do {
      google::longrunning::ListOperationsResponse page;
      ASSERT_TRUE(
          server_.Call(operations(), &Operations::ListOperations, request, page)
              .ok());
      for (const Operation& one : page.operations()) {
        names.push_back(one.name());
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    EXPECT_EQ(names, std::vector<std::string>(want.begin(), want.end()));
  }
  google::longrunning::DeleteOperationRequest remove;
  remove.set_name(operation.name());
  google::protobuf::Empty empty;
  EXPECT_TRUE(
      server_.Call(operations(), &Operations::DeleteOperation, remove, empty)
          .ok());
  EXPECT_EQ(Summary(Wait(operation.name(), operation)),
            "NOT_FOUND OPERATION_NOT_FOUND");
  EXPECT_EQ(Summary(Wait("operations/other-1", operation)),
            "NOT_FOUND OPERATION_NOT_FOUND");
}

TEST_F(GraduateRightsTest, NoAnswerStartedAfterTheDecisionGoesAgainstIt) {
  constexpr int kPeople = 40;
  ASSERT_NO_FATAL_FAILURE(Fill(20, kPeople));
  std::vector<std::atomic<int>> decided(kPeople);  // 1: off, 2: placed
  std::atomic<bool> stop = false;
  std::atomic<int> answers = 0, wrong = 0;
  std::vector<std::thread> readers;
  for (int r = 0; r < 3; ++r) {
    readers.emplace_back([&, r] {
      for (int i = r; !stop; ++i) {
        const int person = i % kPeople;
        const int before = decided[person];
        v1::MatchPostingsResponse response;
        const absl::Status status =
            Match(response, absl::StrCat("graduates/g-", person));
        const bool personal =
            status.ok() && !response.trace().non_personalised();
        ++answers;
        if (before != 0 && personal) ++wrong;
        if (before == 2 && status.ok()) ++wrong;
      }
    });
  }
  for (int person = 0; person < kPeople; ++person) {
    const std::string name = absl::StrCat("graduates/g-", person);
    if (person % 2 == 0) {
      v1::Preferences preferences;
      ASSERT_TRUE(Do(&Graduates::UpdatePreferences, Personalise(false, name),
                     preferences)
                      .ok());
      decided[person] = 1;
    } else {
      v1::ReportPlacementRequest report;
      report.set_name(name);
      report.mutable_placement()->set_kind(v1::Placement::KIND_STUDY);
      v1::Graduate graduate;
      ASSERT_TRUE(Do(&Graduates::ReportPlacement, report, graduate).ok());
      decided[person] = 2;
    }
  }
  while (answers < 4 * kPeople) std::this_thread::yield();
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(GraduateRightsTest, BadInputIsRefusedWithItsReason) {
  ASSERT_NO_FATAL_FAILURE(Fill(0, 1));
  const std::string long_text = std::string(3 * 201, 'x');
  const auto prefs = [&](const std::function<void(v1::Preferences&)>& change,
                         const std::string& path = "") {
    v1::UpdatePreferencesRequest request;
    request.mutable_preferences()->set_name("graduates/g-0/preferences");
    change(*request.mutable_preferences());
    if (!path.empty()) request.mutable_update_mask()->add_paths(path);
    return Try<v1::UpdatePreferencesRequest, v1::Preferences>(
        &Graduates::UpdatePreferences, request);
  };
  using P = v1::Preferences;
  EXPECT_EQ(prefs([](P& p) { p.set_name(""); }),
            "INVALID_ARGUMENT FIELD_MISSING preferences.name");
  EXPECT_EQ(prefs([](P& p) { p.set_name("graduates/g-0"); }),
            "INVALID_ARGUMENT NAME_INVALID preferences.name");
  EXPECT_EQ(prefs([](P& p) { p.set_name("graduates/no/preferences"); }),
            "NOT_FOUND GRADUATE_NOT_FOUND");
  EXPECT_EQ(prefs([](P& p) { p.add_tags(); }),
            "INVALID_ARGUMENT FIELD_MISSING preferences.tags[0].tag");
  EXPECT_EQ(prefs([&](P& p) { p.add_tags()->set_tag(long_text); }),
            "INVALID_ARGUMENT FIELD_TOO_LONG preferences.tags[0].tag");
  EXPECT_EQ(
      prefs([](P& p) { p.add_muted_kinds(static_cast<v1::ContentKind>(77)); }),
      "INVALID_ARGUMENT FIELD_INVALID preferences.muted_kinds[0]");
  EXPECT_EQ(
      prefs([](P& p) {
        p.add_muted_posting_kinds(static_cast<v1::PostingKind>(77));
      }),
      "INVALID_ARGUMENT FIELD_INVALID preferences.muted_posting_kinds[0]");
  EXPECT_EQ(prefs([](P&) {}, "no.field"),
            "INVALID_ARGUMENT FIELD_MASK_INVALID update_mask");

  v1::ReportPlacementRequest report;
  report.set_name(kName);
  const auto place = [&] {
    return Try<v1::ReportPlacementRequest, v1::Graduate>(
        &Graduates::ReportPlacement, report);
  };
  EXPECT_EQ(place(), "INVALID_ARGUMENT FIELD_INVALID placement.kind");
  report.mutable_placement()->set_kind(v1::Placement::KIND_STUDY);
  report.mutable_placement()->set_posting("p-0");
  EXPECT_EQ(place(), "INVALID_ARGUMENT NAME_INVALID placement.posting");
  report.mutable_placement()->clear_posting();
  report.set_etag("0");
  EXPECT_EQ(place(), "ABORTED ETAG_MISMATCH");

  const auto freeze = [&](const std::string& name, const std::string& why) {
    return Try<v1::FreezeGraduateRequest, v1::Graduate>(
        &Graduates::FreezeGraduate,
        Because<v1::FreezeGraduateRequest>(name, why));
  };
  EXPECT_EQ(freeze(kName, ""), "INVALID_ARGUMENT FIELD_MISSING purpose");
  EXPECT_EQ(freeze(kName, long_text),
            "INVALID_ARGUMENT FIELD_TOO_LONG purpose");
  EXPECT_EQ(freeze("", "x"), "INVALID_ARGUMENT FIELD_MISSING name");
  EXPECT_EQ(freeze("graduates/no", "x"), "NOT_FOUND GRADUATE_NOT_FOUND");

  const auto erase = [&](const std::string& name, const std::string& why) {
    return Try<v1::EraseGraduateRequest, Operation>(
        &Graduates::EraseGraduate,
        Because<v1::EraseGraduateRequest>(name, why));
  };
  EXPECT_EQ(erase(kName, ""), "INVALID_ARGUMENT FIELD_MISSING purpose");
  EXPECT_EQ(erase(kName, "g-0 本人申请"),
            "INVALID_ARGUMENT FIELD_INVALID purpose");
  EXPECT_EQ(erase("graduates/no", "x"), "NOT_FOUND GRADUATE_NOT_FOUND");
  v1::GetErasureReceiptRequest get;
  const auto receipt = [&](const std::string& name) {
    get.set_name(name);
    return Try<v1::GetErasureReceiptRequest, v1::ErasureReceipt>(
        &Graduates::GetErasureReceipt, get);
  };
  EXPECT_EQ(receipt("erasures/no"), "NOT_FOUND ERASURE_NOT_FOUND");
  EXPECT_EQ(receipt("erasures/h-00"), "NOT_FOUND ERASURE_NOT_FOUND");
  EXPECT_EQ(receipt("x"), "INVALID_ARGUMENT NAME_INVALID name");

  v1::FreezeGraduateRequest first = Because<v1::FreezeGraduateRequest>();
  first.set_request_id("same-id");
  EXPECT_EQ((Try<v1::FreezeGraduateRequest, v1::Graduate>(
                &Graduates::FreezeGraduate, first)),
            "OK");
  first.set_purpose("别的理由");
  EXPECT_EQ((Try<v1::FreezeGraduateRequest, v1::Graduate>(
                &Graduates::FreezeGraduate, first)),
            "ABORTED REQUEST_ID_REUSED");
}

}  // namespace
}  // namespace gradmatch
