// What one part of the server owes another: the audit of decisions, staff and
// audit of MatchGraduates, dismissals in every list, tokens of every answer.
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gradmatch/v1/feedback_service.pb.h"
#include "gradmatch/v1/staff_service.pb.h"
#include "index/base/error.h"
#include "index/pseudonym.h"
#include "index/vault/audit_log.h"
#include "matcher/content_matcher.h"
#include "tests/fakes/temp_folder.h"
#include "tests/server/test_world.h"

namespace gradmatch {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

class PartsMeetTest : public testing::Test {
 protected:
  // "method result", the oldest first.
  std::vector<std::string> Audit(const std::string& resource = "") {
    v1::ListAuditEntriesResponse page;
    const absl::Status status = world_.Call(
        "AdminService.ListAuditEntries",
        absl::StrCat(R"({"pageSize": 1000, "resource": ")", resource, R"("})"),
        &page);
    EXPECT_TRUE(status.ok()) << status;
    std::vector<std::string> lines;
    for (const v1::AuditEntry& entry : page.audit_entries()) {
      lines.insert(lines.begin(),
                   absl::StrCat(entry.method(), " ", entry.purpose(), " ",
                                entry.result()));
    }
    return lines;
  }
  std::vector<std::string> AuditOf(const std::string& method) {
    v1::ListAuditEntriesResponse page;
    const absl::Status status = world_.Call(
        "AdminService.ListAuditEntries",
        absl::StrCat(R"({"pageSize": 1000, "method": ")", method, R"("})"),
        &page);
    EXPECT_TRUE(status.ok()) << status;
    std::vector<std::string> resources;
    for (const v1::AuditEntry& entry : page.audit_entries()) {
      resources.push_back(absl::StrCat(entry.resource(), " ", entry.result()));
    }
    return resources;
  }
  const Engine& engine() { return server_.server().runtime().engine(); }
  std::string Mark(const std::string& graduate) {
    return PersonInAudit(engine().pseudonyms.Of(graduate));
  }
  std::vector<std::string> Contents(const std::string& graduate,
                                    v1::MatchContentsResponse& response) {
    const absl::Status status = world_.Call(
        "MatchService.MatchContents",
        absl::StrCat(R"({"graduate": "graduates/)", graduate, R"("})"),
        &response);
    EXPECT_TRUE(status.ok()) << status;
    std::vector<std::string> names;
    for (const v1::ContentMatch& match : response.matches()) {
      names.push_back(match.content().name());
    }
    return names;
  }
  std::string ReportOutcome(const std::string& event) {
    v1::ReportEventsResponse response;
    const absl::Status status =
        world_.Call("FeedbackService.ReportEvents",
                    absl::StrCat(R"({"events": [)", event, "]}"), &response);
    if (!status.ok()) return status.ToString();
    return absl::StrCat(v1::ReportEventsResponse::Result::Status_Name(
                            response.results(0).status()),
                        response.results(0).error().reason());
  }

  const TempFolder folder_;
  TestServer server_{TestWorld::Settings(folder_.path())};
  TestWorld world_{server_};
};

TEST_F(PartsMeetTest, DecisionsAboutAPersonAreInTheAudit) {
  const size_t before = Audit("graduates/g-1").size();
  const std::string one = R"({"name": "graduates/g-1", "purpose": "依据甲"})";
  ASSERT_TRUE(world_.Call("GraduateService.FreezeGraduate", one).ok());
  ASSERT_TRUE(world_.Call("GraduateService.UnfreezeGraduate", one).ok());
  ASSERT_TRUE(world_.Call("GraduateService.RevokePlacement", one).ok());
  ASSERT_TRUE(world_.Call("GraduateService.EraseGraduate", one).ok());
  std::vector<std::string> lines = Audit("graduates/g-1");
  lines.erase(lines.begin(), lines.begin() + static_cast<ptrdiff_t>(before));
  EXPECT_THAT(lines,
              ElementsAre("GraduateService.FreezeGraduate 依据甲 ALLOWED",
                          "GraduateService.UnfreezeGraduate 依据甲 ALLOWED",
                          "GraduateService.RevokePlacement 依据甲 ALLOWED",
                          "GraduateService.EraseGraduate 依据甲 ALLOWED"));
}

// The audit outlives an erasure, so it must not get to know the id.
TEST_F(PartsMeetTest, APurposeThatNamesThePersonIsRefusedAndNotKept) {
  const size_t before = Audit().size();
  for (const char* method :
       {"GraduateService.FreezeGraduate", "GraduateService.UnfreezeGraduate",
        "GraduateService.RevokePlacement", "GraduateService.EraseGraduate",
        "GraduateService.DeleteSealedFlags"}) {
    EXPECT_EQ(
        Summary(world_.Call(
            method, R"({"name": "graduates/g-1", "purpose": "为g-1办"})")),
        "INVALID_ARGUMENT FIELD_INVALID purpose")
        << method;
    // Of another one it says nothing.
    EXPECT_NE(Summary(world_.Call(method, R"({"name": "graduates/g-nobody",
                                              "purpose": "为g-1办"})")),
              "INVALID_ARGUMENT FIELD_INVALID purpose")
        << method;
  }
  std::vector<std::string> lines = Audit("graduates/g-1");
  for (const std::string& line : lines) {
    EXPECT_EQ(line.find("g-1"), std::string::npos) << line;
  }
  EXPECT_GT(Audit().size(), before) << "what passed the checks is kept";
}

TEST_F(PartsMeetTest, MatchGraduatesKnowsStaffAndTellsTheAudit) {
  const std::string ask =
      R"({"posting": "sources/gd/postings/A-1", "purpose": "专场",
          "pageSize": 2, "staff": "staff/)";
  v1::MatchGraduatesResponse response;
  ASSERT_TRUE(
      world_.Call("MatchService.MatchGraduates", ask + R"(s-1"})", &response)
          .ok());
  ASSERT_EQ(response.matches_size(), 2);
  std::vector<std::string> want = {"sources/gd/postings/A-1 ALLOWED"};
  for (const v1::GraduateMatch& match : response.matches()) {
    const std::string id = match.graduate().substr(sizeof("graduates/") - 1);
    want.push_back(Mark(id) + " ALLOWED");
  }
  EXPECT_THAT(AuditOf("MatchService.MatchGraduates"),
              testing::UnorderedElementsAreArray(want));

  EXPECT_EQ(
      Summary(world_.Call("MatchService.MatchGraduates", ask + R"(nobody"})")),
      "NOT_FOUND STAFF_NOT_FOUND");
  // Staff of another school has nobody to see.
  ASSERT_TRUE(world_
                  .Call("StaffService.UpdateStaff",
                        R"({"staff": {"name": "staff/s-2",
                              "schools": ["4144010561"]},
                              "updateMask": "schools"})")
                  .ok());
  EXPECT_EQ(
      Summary(world_.Call("MatchService.MatchGraduates", ask + R"(s-2"})")),
      "FAILED_PRECONDITION GROUP_TOO_SMALL");
  EXPECT_THAT(AuditOf("MatchService.MatchGraduates"),
              Contains("sources/gd/postings/A-1 GROUP_TOO_SMALL"));
}

TEST_F(PartsMeetTest, DismissedContentStaysAway) {
  v1::MatchContentsResponse mine, of_another;
  ASSERT_THAT(Contents("g-1", mine),
              UnorderedElementsAre("contents/c-1", "contents/c-2"));
  EXPECT_EQ(ReportOutcome(absl::StrCat(R"({"attributionToken": ")",
                                       mine.attribution_token(),
                                       R"(", "type": "FEEDBACK_TYPE_DISMISS",
                   "graduate": "graduates/g-1", "content": "contents/c-1",
                   "eventTime": "2026-03-01T04:00:00Z"})")),
            "STATUS_RECORDED");
  EXPECT_THAT(Contents("g-1", mine), ElementsAre("contents/c-2"));
  EXPECT_THAT(Contents("crowd-1", of_another),
              UnorderedElementsAre("contents/c-1", "contents/c-2"));
  // Also by place and time.
  ASSERT_TRUE(world_
                  .Call("GraduateService.UpdatePreferences",
                        R"({"preferences": {
                              "name": "graduates/g-1/preferences",
                              "personalisation": false}})")
                  .ok());
  EXPECT_THAT(Contents("g-1", mine), ElementsAre("contents/c-2"));
  EXPECT_TRUE(mine.non_personalised());
}

TEST_F(PartsMeetTest, WithoutPersonalisationContentReadsNoProfile) {
  v1::MatchContentsResponse response;
  const ContentMatcher& matcher = engine().content_matcher;
  Contents("g-1", response);
  const int64_t reads = matcher.profile_reads();
  EXPECT_GT(reads, 0);
  ASSERT_TRUE(world_
                  .Call("GraduateService.UpdatePreferences",
                        R"({"preferences": {
                              "name": "graduates/g-1/preferences",
                              "personalisation": false}})")
                  .ok());
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(Contents("g-1", response), Not(IsEmpty()));
  }
  EXPECT_EQ(matcher.profile_reads(), reads);
}

TEST_F(PartsMeetTest, FeedbackTakesTheTokenOfAHandRecommendation) {
  v1::HandRecommendation made;
  ASSERT_TRUE(world_
                  .Call("StaffService.RecommendPosting",
                        R"({"graduate": "graduates/$FRESH",
                              "posting": "sources/gd/postings/A-1",
                              "staff": "staff/s-1", "note": "很合适"})",
                        &made)
                  .ok());
  const auto event = [&](const std::string& graduate) {
    return absl::StrCat(R"({"attributionToken": ")", made.attribution_token(),
                        R"(", "type": "FEEDBACK_TYPE_APPLY", "graduate": ")",
                        graduate,
                        R"(", "posting": "sources/gd/postings/A-1",
                           "eventTime": "2026-03-01T04:00:00Z"})");
  };
  EXPECT_EQ(ReportOutcome(event("graduates/$FRESH")), "STATUS_RECORDED");
  EXPECT_EQ(ReportOutcome(event("graduates/g-1")),
            "STATUS_REJECTEDATTRIBUTION_TOKEN_INVALID");
}

}  // namespace
}  // namespace gradmatch
