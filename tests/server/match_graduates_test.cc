// From a posting to graduates, over a real socket: against what ExplainMatch
// and CheckEligibility say of every pair, and what must not be told.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "matcher/reverse/graduate_finder.h"
#include "server/caller.h"
#include "server/time_proto.h"
#include "tests/server/match_people_fixture.h"

namespace gradmatch {
namespace {

constexpr uint32_t kSeed = 20261125;

class MatchGraduatesTest : public MatchPeopleTest {
 protected:
  // What the brute force says: who fits, with the score of the pair.
  std::map<std::string, double> Fitting(
      const std::vector<v1::Graduate>& graduates, const std::string& posting) {
    std::map<std::string, double> fitting;
    for (const v1::Graduate& graduate : graduates) {
      const v1::Preferences& p = graduate.preferences();
      const bool reachable =
          (graduate.lifecycle() == v1::Graduate::LIFECYCLE_UNSPECIFIED ||
           graduate.lifecycle() == v1::Graduate::LIFECYCLE_ACTIVE) &&
          (!p.has_push() || p.push()) &&
          (!p.has_personalisation() || p.personalisation()) &&
          !p.has_pause_end_time();
      if (!reachable) continue;
      v1::CheckEligibilityRequest check;
      check.set_graduate(graduate.name());
      check.set_posting("sources/gd/postings/" + posting);
      v1::CheckEligibilityResponse checked;
      EXPECT_TRUE(server_
                      .Call(server_.matches(), &Matches::CheckEligibility,
                            check, checked)
                      .ok());
      if (checked.eligibility().outcome() ==
          v1::Eligibility::OUTCOME_INELIGIBLE) {
        continue;
      }
      v1::ExplainMatchRequest explain;
      explain.set_graduate(graduate.name());
      explain.set_posting(check.posting());
      v1::ExplainMatchResponse explained;
      EXPECT_TRUE(server_
                      .Call(server_.matches(), &Matches::ExplainMatch, explain,
                            explained)
                      .ok());
      EXPECT_EQ(explained.match().eligibility().outcome(),
                checked.eligibility().outcome());
      fitting[graduate.name()] = explained.match().score();
    }
    return fitting;
  }

  // All pages.
  std::vector<v1::GraduateMatch> AllOf(v1::MatchGraduatesRequest request) {
    std::vector<v1::GraduateMatch> all;
    do {
      const auto response = MatchGraduates(request);
      EXPECT_TRUE(response.ok()) << response.status();
      if (!response.ok()) break;
      all.insert(all.end(), response->matches().begin(),
                 response->matches().end());
      request.set_page_token(response->next_page_token());
    } while (!request.page_token().empty());
    return all;
  }

  void SetUp() override {
    WritePostings(VariedPostings());
    graduates_ = VariedGraduates(240, kSeed);
    WriteGraduates(graduates_);
  }

  std::vector<v1::Graduate> graduates_;
};

TEST_F(MatchGraduatesTest, AgreesWithEveryPair) {
  SCOPED_TRACE(absl::StrCat("seed=", kSeed));
  for (const std::string posting : {"degree", "any", "major", "year"}) {
    SCOPED_TRACE(posting);
    const std::map<std::string, double> want = Fitting(graduates_, posting);
    ASSERT_GE(want.size(), 10u);
    ASSERT_LT(want.size(), graduates_.size());
    const auto first = MatchGraduates(AskFor(posting, 7));
    ASSERT_TRUE(first.ok()) << first.status();
    EXPECT_EQ(first->eligible_about(),
              static_cast<int64_t>(want.size() / 10 * 10));
    EXPECT_FALSE(first->versions().encoder().empty());

    const std::vector<v1::GraduateMatch> got = AllOf(AskFor(posting, 7));
    std::map<std::string, double> scores;
    double last = 1;
    for (size_t i = 0; i < got.size(); ++i) {
      EXPECT_EQ(got[i].rank(), static_cast<int>(i) + 1);
      EXPECT_LE(got[i].score(), last);
      EXPECT_FLOAT_EQ(
          static_cast<float>(got[i].score()),
          static_cast<float>(got[i].wants_score() * got[i].fits_score()));
      last = got[i].score();
      scores[got[i].graduate()] = got[i].score();
    }
    EXPECT_EQ(scores, want);
  }
}

TEST_F(MatchGraduatesTest, ThreadsDoNotChangeTheAnswer) {
  const auto many = AllOf(AskFor("any"));
  server_.Stop();
  server_.Start({{"server.workers", "1"}});
  const auto one = AllOf(AskFor("any"));
  ASSERT_EQ(many.size(), one.size());
  for (size_t i = 0; i < many.size(); ++i) {
    EXPECT_EQ(many[i].SerializeAsString(), one[i].SerializeAsString());
  }
}

TEST_F(MatchGraduatesTest, TellsNothingOfTheProfile) {
  const auto response = MatchGraduates(AskFor("degree"));
  ASSERT_TRUE(response.ok()) << response.status();
  bool reasons = false;
  for (const v1::GraduateMatch& match : response->matches()) {
    for (const v1::Reason& reason : match.reasons()) {
      EXPECT_TRUE(reason.params().empty()) << reason.ShortDebugString();
      EXPECT_NE(reason.code(), "PAY");
      reasons = true;
    }
    for (const v1::Reason& condition : match.eligibility().conditions()) {
      EXPECT_TRUE(condition.params().empty());
    }
  }
  EXPECT_TRUE(reasons);
  const std::string bytes = response->SerializeAsString();
  for (const char* fact : {"Java", "SQL", "会计", "软件工程", "计算机",
                           "熟悉后端", "5000", "武汉", "080902"}) {
    EXPECT_EQ(bytes.find(fact), std::string::npos) << fact;
  }
}

TEST_F(MatchGraduatesTest, WhatIsDeclaredForOfficialPostsChangesNothing) {
  const auto before = MatchGraduates(AskFor("any"));
  ASSERT_TRUE(before.ok());
  for (v1::Graduate& graduate : graduates_) {
    v1::Declarations& declarations =
        *graduate.mutable_profile()->mutable_declarations();
    v1::Declarations::Statement& statement = *declarations.add_statements();
    statement.set_code("sex-female");
    statement.set_holds(graduate.name().back() % 2 == 0);
    *declarations.mutable_birth_time() =
        ToTimestamp(absl::FromCivil(absl::CivilDay(2003, 5, 1), ChinaTime()));
  }
  const v1::Graduate plain = VariedGraduates(1, kSeed).front();
  EXPECT_EQ(ProfileForReaders(graduates_.front()).SerializeAsString(),
            ProfileForReaders(plain).SerializeAsString());
}

TEST_F(MatchGraduatesTest, OptOutCountsAtOnce) {
  const auto before = MatchGraduates(AskFor("any", 1));
  ASSERT_TRUE(before.ok());
  ASSERT_EQ(before->matches_size(), 1);
  v1::Graduate best;
  best.set_name(before->matches(0).graduate());
  best.mutable_preferences()->set_push(false);
  v1::UpdateGraduateRequest update;
  *update.mutable_graduate() = best;
  update.mutable_update_mask()->add_paths("preferences");
  v1::Graduate updated;
  const absl::Status status = server_.Call(
      server_.graduates(), &Graduates::UpdateGraduate, update, updated);
  ASSERT_TRUE(status.ok()) << status;
  for (const v1::GraduateMatch& match : AllOf(AskFor("any"))) {
    EXPECT_NE(match.graduate(), best.name());
  }
}

TEST_F(MatchGraduatesTest, AudienceTakesOthersOut) {
  v1::MatchGraduatesRequest request = AskFor("any");
  request.mutable_audience()->add_regions("42");
  std::set<std::string> home;
  for (const v1::Graduate& graduate : graduates_) {
    if (graduate.profile().region().code() == "420100") {
      home.insert(graduate.name());
    }
  }
  const auto all = AllOf(AskFor("any"));
  const auto some = AllOf(request);
  EXPECT_LT(some.size(), all.size());
  for (const v1::GraduateMatch& match : some) {
    EXPECT_TRUE(home.contains(match.graduate()));
  }
  EXPECT_EQ(
      std::count_if(all.begin(), all.end(),
                    [&](const auto& m) { return home.contains(m.graduate()); }),
      static_cast<int64_t>(some.size()));
}

TEST_F(MatchGraduatesTest, ASmallGroupIsRefusedWithoutANumber) {
  v1::MatchGraduatesRequest request = AskFor("any");
  request.mutable_audience()->add_schools("4144010558");
  absl::Status status = MatchGraduates(request).status();
  EXPECT_EQ(Summary(status), "FAILED_PRECONDITION GROUP_TOO_SMALL");
  // The same words for none and for a few.
  request = AskFor("any");
  request.mutable_audience()->add_majors()->set_system("undergraduate");
  request.mutable_audience()->mutable_majors(0)->set_code("120203");
  request.mutable_audience()->add_levels(v1::EDUCATION_LEVEL_MASTER);
  request.mutable_audience()->add_regions("44");
  request.mutable_audience()->add_graduation_years(2025);
  const absl::Status few = MatchGraduates(request).status();
  EXPECT_EQ(few.message(), status.message());
  EXPECT_EQ(Summary(few), "FAILED_PRECONDITION GROUP_TOO_SMALL");
  // A closed posting, and one of a sandbox.
  v1::UpdatePostingRequest close;
  close.mutable_posting()->set_name("sources/gd/postings/any");
  close.mutable_posting()->set_state(v1::Posting::STATE_CLOSED);
  close.mutable_update_mask()->add_paths("state");
  ASSERT_TRUE(Update(close).ok());
  EXPECT_EQ(Summary(MatchGraduates(AskFor("any")).status()),
            "FAILED_PRECONDITION GROUP_TOO_SMALL");
}

TEST_F(MatchGraduatesTest, TheDaysBudgetOutlivesARestart) {
  const TestServer::Settings settings = {
      {"match.graduates_daily_budget", "25"}};
  server_.Stop();
  server_.Start(settings);
  auto response = MatchGraduates(AskFor("any", 20));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->matches_size(), 20);
  EXPECT_EQ(response->budget_left(), 5);
  server_.Stop();
  server_.Start(settings);
  v1::MatchGraduatesRequest next = AskFor("any", 20);
  next.set_page_token(response->next_page_token());
  response = MatchGraduates(next);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->matches_size(), 5);  // what is left of it
  EXPECT_EQ(response->matches(0).rank(), 21);
  EXPECT_EQ(response->budget_left(), 0);
  EXPECT_FALSE(response->next_page_token().empty());

  const absl::Status used_up = MatchGraduates(AskFor("major", 1)).status();
  EXPECT_EQ(Summary(used_up), "RESOURCE_EXHAUSTED BUDGET_USED_UP");
  // The next day, at midnight in China: twelve hours from the tests' noon.
  server_.clock().Advance(absl::Hours(12) - absl::Seconds(1));
  EXPECT_FALSE(MatchGraduates(AskFor("any", 1)).ok());
  server_.clock().Advance(absl::Seconds(1));
  response = MatchGraduates(AskFor("any", 1));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->budget_left(), 24);
}

TEST_F(MatchGraduatesTest, WhoDismissedThePostingIsLeftOut) {
  const std::string best =
      MatchGraduates(AskFor("any", 1))->matches(0).graduate();
  const auto answer = Match(best);
  ASSERT_TRUE(answer.ok());
  v1::ReportEventsRequest events;
  v1::FeedbackEvent& event = *events.add_events();
  event.set_attribution_token(answer->attribution_token());
  event.set_type(v1::FEEDBACK_TYPE_DISMISS);
  event.set_graduate(best);
  event.set_posting("sources/gd/postings/any");
  *event.mutable_event_time() = ToTimestamp(server_.clock().Now());
  const auto reported = Report(events);
  ASSERT_TRUE(reported.ok()) << reported.status();
  ASSERT_EQ(reported->results(0).status(),
            v1::ReportEventsResponse::Result::STATUS_RECORDED)
      << reported->ShortDebugString();
  for (const v1::GraduateMatch& match : AllOf(AskFor("any"))) {
    EXPECT_NE(match.graduate(), best);
  }
}

struct BadCase {
  std::string name;
  std::function<void(v1::MatchGraduatesRequest&)> change;
  std::string want;
};

TEST_F(MatchGraduatesTest, RefusesWhatIsWrong) {
  for (const BadCase& c : std::vector<BadCase>{
           {"no purpose", [](auto& r) { r.clear_purpose(); },
            "INVALID_ARGUMENT FIELD_MISSING purpose"},
           {"long purpose",
            [](auto& r) { r.set_purpose(std::string(201, 'x')); },
            "INVALID_ARGUMENT FIELD_TOO_LONG purpose"},
           {"no posting", [](auto& r) { r.clear_posting(); },
            "INVALID_ARGUMENT FIELD_MISSING posting"},
           {"unknown posting",
            [](auto& r) { r.set_posting("sources/gd/postings/none"); },
            "NOT_FOUND POSTING_NOT_FOUND"},
           {"negative page", [](auto& r) { r.set_page_size(-1); },
            "INVALID_ARGUMENT FIELD_OUT_OF_RANGE page_size"},
           {"made-up token", [](auto& r) { r.set_page_token("abc"); },
            "INVALID_ARGUMENT PAGE_TOKEN_INVALID page_token"},
           {"bad region",
            [](auto& r) { r.mutable_audience()->add_regions("x"); },
            "INVALID_ARGUMENT CODE_UNKNOWN audience.regions[0]"},
           {"bad staff", [](auto& r) { r.set_staff("x"); },
            "INVALID_ARGUMENT NAME_INVALID staff"},
           {"unknown staff", [](auto& r) { r.set_staff("staff/none"); },
            "NOT_FOUND STAFF_NOT_FOUND"}}) {
    SCOPED_TRACE(c.name);
    v1::MatchGraduatesRequest request = AskFor("any");
    c.change(request);
    EXPECT_EQ(Summary(MatchGraduates(request).status()), c.want);
  }
}

TEST(MayReadGraduatesTest, PlatformAndStaffInItsOwnName) {
  EXPECT_TRUE(MayReadGraduates(CallerRole::kPlatform, false).ok());
  EXPECT_TRUE(MayReadGraduates(CallerRole::kPlatform, true).ok());
  EXPECT_TRUE(MayReadGraduates(CallerRole::kStaff, true).ok());
  for (const auto& [role, named] : std::vector<std::pair<CallerRole, bool>>{
           {CallerRole::kStaff, false},
           {CallerRole::kSource, true},
           {CallerRole::kViewer, false},
           {CallerRole::kScientist, true}}) {
    EXPECT_EQ(Summary(MayReadGraduates(role, named)),
              "PERMISSION_DENIED PERMISSION_DENIED");
  }
}

}  // namespace
}  // namespace gradmatch
