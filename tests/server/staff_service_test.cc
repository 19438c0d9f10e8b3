// Staff over the wire: records, digests, recommendations by hand.

#include <gmock/gmock.h>

#include <set>
#include <string>
#include <vector>

#include "gradmatch/v1/staff_service.grpc.pb.h"
#include "index/base/error_reasons.h"
#include "index/codes/code_table.h"
#include "index/keys.h"
#include "index/pseudonym.h"
#include "index/store.h"
#include "tests/server/sealed_fixture.h"

namespace gradmatch {
namespace {

using Stub = v1::StaffService::Stub;
using testing::ElementsAre;
using testing::HasSubstr;

class StaffTest : public SealedFixture {
 protected:
  static std::string School(size_t n) {
    return std::string(CodeTable::Get("school")->entries()[n].code);
  }
  std::unique_ptr<Stub> stub() {
    return v1::StaffService::NewStub(server_.channel());
  }
  static v1::Staff GoodStaff() {
    v1::Staff staff;
    staff.set_kind(v1::Staff::KIND_COUNSELLOR);
    staff.add_schools(School(0));
    return staff;
  }
  absl::Status Create(const std::string& id, const v1::Staff& staff,
                      v1::Staff& response, const std::string& request_id = "") {
    v1::CreateStaffRequest request;
    request.set_staff_id(id);
    *request.mutable_staff() = staff;
    request.set_request_id(request_id);
    return server_.Call(stub(), &Stub::CreateStaff, request, response);
  }
  void AddStaff(const std::string& id, const std::string& class_code = "") {
    v1::Staff staff = GoodStaff();
    if (!class_code.empty()) staff.add_class_codes(class_code);
    const absl::Status status = Create(id, staff, staff);
    ASSERT_TRUE(status.ok()) << status;
  }
  absl::Status Delete(const std::string& id, const std::string& etag = "") {
    v1::DeleteStaffRequest request;
    request.set_name("staff/" + id);
    request.set_etag(etag);
    google::protobuf::Empty empty;
    return server_.Call(stub(), &Stub::DeleteStaff, request, empty);
  }
  void PutStudent(
      const std::string& id, const std::string& class_code,
      v1::Graduate::Lifecycle lifecycle = v1::Graduate::LIFECYCLE_ACTIVE,
      bool push = true) {
    v1::UpdateGraduateRequest request;
    v1::Graduate& graduate = *request.mutable_graduate();
    graduate = GoodGraduate();
    graduate.set_name("graduates/" + id);
    graduate.set_class_code(class_code);
    graduate.set_lifecycle(lifecycle);
    if (!push) graduate.mutable_preferences()->set_push(false);
    v1::Code& school =
        *graduate.mutable_profile()->mutable_educations(0)->mutable_school();
    school.set_system("school");
    school.set_code(School(0));
    request.mutable_update_mask()->add_paths("*");
    request.set_allow_missing(true);
    v1::Graduate response;
    const absl::Status status = server_.Call(
        server_.graduates(), &Graduates::UpdateGraduate, request, response);
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ(response.class_code(), class_code);
  }
  absl::Status Recommend(const std::string& graduate,
                         const std::string& posting, const std::string& staff,
                         v1::HandRecommendation& response,
                         const std::string& request_id = "",
                         const std::string& note = "很适合你") {
    v1::RecommendPostingRequest request;
    request.set_graduate("graduates/" + graduate);
    request.set_posting("sources/hubei/postings/" + posting);
    request.set_staff("staff/" + staff);
    request.set_note(note);
    request.set_request_id(request_id);
    return server_.Call(stub(), &Stub::RecommendPosting, request, response);
  }
  std::string RecommendSummary(const std::string& graduate,
                               const std::string& posting,
                               const std::string& staff) {
    v1::HandRecommendation response;
    return Summary(Recommend(graduate, posting, staff, response));
  }
  absl::StatusOr<v1::StaffDigest> Digest(v1::GetStaffDigestRequest request) {
    v1::StaffDigest response;
    const absl::Status status =
        server_.Call(stub(), &Stub::GetStaffDigest, request, response);
    if (!status.ok()) return status;
    return response;
  }
  absl::StatusOr<v1::StaffDigest> Digest(const std::string& name) {
    v1::GetStaffDigestRequest request;
    request.set_name(name);
    return Digest(request);
  }
};

TEST_F(StaffTest, RecordsAreCreatedReadListedChangedAndDeleted) {
  v1::Staff created;
  ASSERT_TRUE(Create("t-1", GoodStaff(), created, "r-1").ok());
  EXPECT_EQ(created.name(), "staff/t-1");
  EXPECT_NE(created.etag(), "");
  v1::Staff again;
  ASSERT_TRUE(Create("t-1", GoodStaff(), again, "r-1").ok());
  EXPECT_EQ(again.SerializeAsString(), created.SerializeAsString());
  EXPECT_EQ(Summary(Create("t-1", GoodStaff(), again)),
            "ALREADY_EXISTS ALREADY_EXISTS");
  ASSERT_TRUE(Create("t-2", GoodStaff(), again).ok());

  v1::UpdateStaffRequest update;
  update.mutable_staff()->set_name("staff/t-1");
  update.mutable_staff()->add_class_codes("c1");
  update.mutable_staff()->set_etag(created.etag());
  update.mutable_update_mask()->add_paths("class_codes");
  v1::Staff updated;
  ASSERT_TRUE(server_.Call(stub(), &Stub::UpdateStaff, update, updated).ok());
  EXPECT_EQ(updated.schools_size(), 1);
  EXPECT_EQ(updated.class_codes_size(), 1);
  EXPECT_EQ(Summary(server_.Call(stub(), &Stub::UpdateStaff, update, updated)),
            "ABORTED ETAG_MISMATCH");

  // It stays over a restart.
  Restart();
  v1::ListStaffRequest list;
  list.set_page_size(1);
  v1::ListStaffResponse page;
  ASSERT_TRUE(server_.Call(stub(), &Stub::ListStaff, list, page).ok());
  ASSERT_EQ(page.staff_size(), 1);
  EXPECT_EQ(page.staff(0).class_codes(0), "c1");
  list.set_page_token(page.next_page_token());
  ASSERT_TRUE(server_.Call(stub(), &Stub::ListStaff, list, page).ok());
  ASSERT_EQ(page.staff_size(), 1);
  EXPECT_EQ(page.staff(0).name(), "staff/t-2");
  EXPECT_EQ(page.next_page_token(), "");

  EXPECT_EQ(Summary(Delete("t-1", created.etag())), "ABORTED ETAG_MISMATCH");
  EXPECT_TRUE(Delete("t-1").ok());
  v1::GetStaffRequest get;
  get.set_name("staff/t-1");
  EXPECT_EQ(Summary(server_.Call(stub(), &Stub::GetStaff, get, updated)),
            "NOT_FOUND STAFF_NOT_FOUND");
  EXPECT_EQ(Summary(Delete("t-1")), "NOT_FOUND STAFF_NOT_FOUND");
}

TEST_F(StaffTest, BadInput) {
  v1::Staff response;
  EXPECT_EQ(Summary(Create("", GoodStaff(), response)),
            "INVALID_ARGUMENT FIELD_MISSING staff_id");
  EXPECT_EQ(Summary(Create("a/b", GoodStaff(), response)),
            "INVALID_ARGUMENT NAME_INVALID staff_id");
  EXPECT_EQ(Summary(Create("a", v1::Staff(), response)),
            "INVALID_ARGUMENT FIELD_MISSING staff.kind");
  EXPECT_EQ(Summary(Digest("staff/a").status()),
            "INVALID_ARGUMENT NAME_INVALID name");
  EXPECT_EQ(Summary(Digest("staff/a/digests/r1").status()),
            "NOT_FOUND STAFF_NOT_FOUND");
  AddStaff("a");
  EXPECT_EQ(Summary(Digest("staff/a/digests/r1").status()),
            "NOT_FOUND PUSH_RUN_NOT_FOUND");
  v1::GetStaffDigestRequest digest;
  digest.set_name("staff/a/digests/r1");
  digest.set_page_token("made-up");
  EXPECT_EQ(Summary(Digest(digest).status()),
            "INVALID_ARGUMENT PAGE_TOKEN_INVALID page_token");
  v1::HandRecommendation made;
  EXPECT_EQ(Summary(Recommend("g", "p", "a", made, "", std::string(501, 'x'))),
            "INVALID_ARGUMENT FIELD_TOO_LONG note");
  EXPECT_EQ(Summary(Recommend("g", "p", "b", made)),
            "NOT_FOUND STAFF_NOT_FOUND");
  EXPECT_EQ(Summary(Recommend("g", "p", "a", made)),
            "NOT_FOUND GRADUATE_NOT_FOUND");
  PutStudent("g", "");
  EXPECT_EQ(Summary(Recommend("g", "p", "a", made)),
            "NOT_FOUND POSTING_NOT_FOUND");
  v1::ListHandRecommendationsRequest list;
  v1::ListHandRecommendationsResponse page;
  EXPECT_EQ(
      Summary(server_.Call(stub(), &Stub::ListHandRecommendations, list, page)),
      "INVALID_ARGUMENT FIELD_MISSING parent");
  list.set_parent("graduates/unknown");
  EXPECT_EQ(
      Summary(server_.Call(stub(), &Stub::ListHandRecommendations, list, page)),
      "NOT_FOUND GRADUATE_NOT_FOUND");
}

TEST_F(StaffTest, ADigestTellsWhoNeedsHelpAndIsAudited) {
  Fill(3, 5);  // five of no school
  for (int i = 0; i < 4; ++i) PutStudent(absl::StrCat("s-", i), "c1");
  PutStudent("s-other", "c2");
  PutStudent("s-placed", "c1", v1::Graduate::LIFECYCLE_PLACED);
  PutStudent("s-off", "c1", v1::Graduate::LIFECYCLE_ACTIVE, false);
  AddStaff("t-1", "c1");
  AddStaff("office");
  MakePlan("nightly");
  RunToTheEnd("nightly", "r1");

  auto digest = Digest("staff/t-1/digests/r1");
  ASSERT_TRUE(digest.ok()) << digest.status();
  EXPECT_EQ(digest->students(), 6);
  EXPECT_EQ(digest->covered(), 4);
  EXPECT_EQ(digest->not_covered(), 2);
  ASSERT_EQ(digest->student_digests_size(), 6);
  EXPECT_EQ(digest->student_digests(0).graduate(), "graduates/s-off");
  EXPECT_EQ(digest->student_digests(0).not_covered().code(), "PUSH_OFF");
  EXPECT_EQ(digest->student_digests(1).not_covered().code(), "PLACED");
  EXPECT_EQ(digest->student_digests(2).items(), 2);
  EXPECT_EQ(Digest("staff/office/digests/r1")->students(), 7);

  // Page by page.
  v1::GetStaffDigestRequest request;
  request.set_name("staff/t-1/digests/r1");
  request.set_page_size(4);
  std::vector<std::string> names;
  do {
    digest = Digest(request);
    ASSERT_TRUE(digest.ok()) << digest.status();
    EXPECT_EQ(digest->students(), 6);
    for (const auto& student : digest->student_digests()) {
      names.push_back(student.graduate());
    }
    request.set_page_token(digest->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(names.size(), 6);
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), 6);

  request.set_attention_only(true);
  digest = Digest(request);
  ASSERT_TRUE(digest.ok());
  EXPECT_EQ(digest->student_digests_size(), 2);
  const auto audited = Audit("StaffService.GetStaffDigest");
  EXPECT_EQ(audited.size(), 5);
  EXPECT_EQ(audited.back().resource(), "staff/t-1/digests/r1");
  EXPECT_EQ(audited.back().role(), "platform");
  EXPECT_EQ(audited.back().principal(), "local");
}

TEST_F(StaffTest, ADigestNamesUsedUpCaps) {
  Fill(1, 0);
  for (int i = 0; i < 6; ++i) PutStudent(absl::StrCat("s-", i), "c1");
  AddStaff("t-1");
  v1::PushPlan plan;
  plan.set_applicants_per_opening(1);  // three openings
  plan.set_include_conditional(true);
  ASSERT_TRUE(CreatePlan("tight", plan, plan).ok());
  RunToTheEnd("tight", "r1");
  const auto digest = Digest("staff/t-1/digests/r1");
  ASSERT_TRUE(digest.ok()) << digest.status();
  EXPECT_EQ(digest->covered(), 3);
  ASSERT_EQ(digest->suppressions_size(), 1);
  EXPECT_EQ(digest->suppressions(0).code(), "CAPS_EXHAUSTED");
  EXPECT_EQ(digest->suppressions(0).graduates(), 3);
}

TEST_F(StaffTest, FiveItemsWithoutAnEventAreNoReaction) {
  Fill(6, 0);
  PutStudent("s-1", "c1");
  AddStaff("t-1");
  v1::PushPlan plan;
  plan.set_slots(5);
  plan.set_include_conditional(true);
  ASSERT_TRUE(CreatePlan("five", plan, plan).ok());
  RunToTheEnd("five", "r1");
  EXPECT_EQ(Digest("staff/t-1/digests/r1")->no_reaction(), 1);
  // An event of any kind, as feedback keeps it.
  const Engine& engine = server_.server().runtime().engine();
  WriteBatch batch;
  batch.Put(Family::kFeedback,
            FeedbackKey(engine.pseudonyms.Of("s-1"), "event-1"), "");
  ASSERT_TRUE(engine.store.Write(batch, Durability::kSynced).ok());
  const auto digest = Digest("staff/t-1/digests/r1");
  EXPECT_EQ(digest->no_reaction(), 0);
  EXPECT_EQ(digest->student_digests(0).reactions(), 1);
}

TEST_F(StaffTest, AHandRecommendationIsListedAndNeverRepeated) {
  Fill(2, 0);
  PutStudent("s-1", "c1");
  AddStaff("t-1", "c1");
  v1::HandRecommendation made;
  ASSERT_TRUE(Recommend("s-1", "p-0", "t-1", made, "r-1").ok());
  EXPECT_THAT(made.name(), HasSubstr("graduates/s-1/handRecommendations/"));
  EXPECT_EQ(made.note(), "很适合你");
  EXPECT_EQ(made.staff(), "staff/t-1");
  ASSERT_GT(made.reasons_size(), 1);
  EXPECT_EQ(made.reasons(0).code(), "STAFF_RECOMMENDED");
  EXPECT_THAT(made.reasons(0).text_zh(), HasSubstr("人工推荐"));
  EXPECT_NE(made.attribution_token(), "");
  EXPECT_NE(made.eligibility().outcome(), v1::Eligibility::OUTCOME_INELIGIBLE);
  v1::HandRecommendation again;
  ASSERT_TRUE(Recommend("s-1", "p-0", "t-1", again, "r-1").ok());
  EXPECT_EQ(BytesOf(again), BytesOf(made));
  EXPECT_EQ(RecommendSummary("s-1", "p-0", "t-1"),
            "ALREADY_EXISTS ALREADY_EXISTS");

  server_.clock().Advance(absl::Seconds(1));
  ASSERT_TRUE(Recommend("s-1", "p-1", "t-1", again).ok());
  v1::ListHandRecommendationsRequest list;
  list.set_parent("graduates/s-1");
  list.set_page_size(1);
  v1::ListHandRecommendationsResponse page;
  ASSERT_TRUE(
      server_.Call(stub(), &Stub::ListHandRecommendations, list, page).ok());
  ASSERT_EQ(page.hand_recommendations_size(), 1);
  EXPECT_EQ(page.hand_recommendations(0).posting(),
            "sources/hubei/postings/p-1");  // newest first
  list.set_page_token(page.next_page_token());
  ASSERT_TRUE(
      server_.Call(stub(), &Stub::ListHandRecommendations, list, page).ok());
  ASSERT_EQ(page.hand_recommendations_size(), 1);
  EXPECT_EQ(BytesOf(page.hand_recommendations(0)), BytesOf(made));
  EXPECT_EQ(page.next_page_token(), "");

  // A run tells the student of neither, and they count in the caps.
  PutStudent("s-2", "c1");
  PutStudent("s-3", "c1");
  PutStudent("s-4", "c1");
  v1::PushPlan plan;
  plan.set_applicants_per_opening(1);
  plan.set_include_conditional(true);
  ASSERT_TRUE(CreatePlan("tight", plan, plan).ok());
  RunToTheEnd("tight", "run");
  const std::vector<v1::PushItem> items = Items("run");
  EXPECT_EQ(items.size(), 4);  // of 2 x 3 places two are taken
  for (const v1::PushItem& item : items) {
    EXPECT_NE(item.graduate(), "graduates/s-1");
  }
  EXPECT_EQ(Digest("staff/t-1/digests/run")->student_digests(0).graduate(),
            "graduates/s-1");
  // And the other way round.
  const std::string told = items[0].posting();
  EXPECT_EQ(RecommendSummary(items[0].graduate().substr(10),
                             told.substr(told.rfind('/') + 1), "t-1"),
            "ALREADY_EXISTS ALREADY_EXISTS");
  // Why it was not pushed is explained.
  v1::ExplainMatchRequest explain;
  explain.set_graduate("graduates/s-1");
  explain.set_posting("sources/hubei/postings/p-0");
  v1::ExplainMatchResponse explained;
  ASSERT_TRUE(server_
                  .Call(server_.matches(),
                        &v1::MatchService::Stub::ExplainMatch, explain,
                        explained)
                  .ok());
  ASSERT_GT(explained.push_reasons_size(), 0);
  EXPECT_EQ(explained.push_reasons(0).code(), "STAFF_RECOMMENDED");
}

TEST_F(StaffTest, RefusalsAndScopeHoldForStaffToo) {
  Fill(1, 1);
  AddStaff("t-1", "c1");
  PutStudent("s-1", "c1");
  PutStudent("s-other", "c2");
  EXPECT_EQ(RecommendSummary("s-other", "p-0", "t-1"),
            "PERMISSION_DENIED STAFF_SCOPE");
  EXPECT_EQ(RecommendSummary("g-0", "p-0", "t-1"),
            "PERMISSION_DENIED STAFF_SCOPE");
  for (const auto lifecycle :
       {v1::Graduate::LIFECYCLE_PLACED, v1::Graduate::LIFECYCLE_OPTED_OUT,
        v1::Graduate::LIFECYCLE_FROZEN}) {
    PutStudent("s-1", "c1", lifecycle);
    EXPECT_EQ(RecommendSummary("s-1", "p-0", "t-1"),
              "FAILED_PRECONDITION GRADUATE_NOT_SERVED");
  }
  PutStudent("s-1", "c1", v1::Graduate::LIFECYCLE_ACTIVE, false);
  EXPECT_EQ(RecommendSummary("s-1", "p-0", "t-1"),
            "FAILED_PRECONDITION GRADUATE_NOT_SERVED");
  PutStudent("s-1", "c1");

  v1::CreatePostingRequest create;
  create.set_parent("sources/hubei");
  *create.mutable_posting() = GoodPosting("doctor");
  create.mutable_posting()->mutable_education()->set_min_level(
      v1::EDUCATION_LEVEL_DOCTOR);
  v1::Posting posting;
  ASSERT_TRUE(server_
                  .Call(server_.postings(),
                        &v1::PostingService::Stub::CreatePosting, create,
                        posting)
                  .ok());
  v1::HandRecommendation made;
  const absl::Status refused = Recommend("s-1", "doctor", "t-1", made);
  EXPECT_EQ(Summary(refused), "FAILED_PRECONDITION NOT_ELIGIBLE");
  EXPECT_THAT(std::string(refused.message()), HasSubstr("学历"));
  // Whatever was refused is in the audit, with how it ended.
  std::set<std::string> results;
  for (const auto& entry : Audit("StaffService.RecommendPosting")) {
    results.insert(entry.result());
  }
  EXPECT_THAT(results, ElementsAre("ALLOWED", "GRADUATE_NOT_SERVED",
                                   "NOT_ELIGIBLE", "STAFF_SCOPE"));
  EXPECT_TRUE(Recommend("s-1", "p-0", "t-1", made).ok());
}

}  // namespace
}  // namespace gradmatch
