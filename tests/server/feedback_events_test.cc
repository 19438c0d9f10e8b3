// What graduates did, over a real socket: which events are taken, what stays of
// them, and that a dismissal counts from its acknowledgement on.
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "server/time_proto.h"
#include "tests/server/match_people_fixture.h"
#include "tests/server/push_fixture.h"

namespace gradmatch {
namespace {

using Result = v1::ReportEventsResponse::Result;

class FeedbackEventsTest : public MatchPeopleTest {
 protected:
  void SetUp() override {
    server_.AddSource("hb");
    for (int i = 0; i < 4; ++i) {
      ASSERT_TRUE(Create(GoodPosting(absl::StrCat("A-", i))).ok());
    }
    ASSERT_TRUE(CreateGraduate("g-1").ok());
    ASSERT_TRUE(CreateGraduate("g-2").ok());
  }

  std::string TokenOf(const std::string& graduate) {
    const auto answer = Match("graduates/" + graduate);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? answer->attribution_token() : "";
  }
  v1::FeedbackEvent Event(v1::FeedbackType type,
                          const std::string& posting = "A-0",
                          const std::string& graduate = "g-1") {
    v1::FeedbackEvent event;
    event.set_attribution_token(TokenOf(graduate));
    event.set_type(type);
    event.set_graduate("graduates/" + graduate);
    event.set_posting("sources/gd/postings/" + posting);
    *event.mutable_event_time() = ToTimestamp(server_.clock().Now());
    return event;
  }
  // "RECORDED", "UNCHANGED", or reason and field of a rejection.
  static std::string Word(const Result& result) {
    if (result.status() == Result::STATUS_REJECTED) {
      EXPECT_FALSE(result.error().message().empty());
      return absl::StrCat(result.error().reason(), " ", result.error().field());
    }
    return Result::Status_Name(result.status()).substr(7);
  }
  std::string ReportOne(const v1::FeedbackEvent& event) {
    v1::ReportEventsRequest request;
    *request.add_events() = event;
    const auto response = Report(request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? Word(response->results(0)) : "";
  }
  std::set<std::string> MatchedBy(const std::string& graduate) {
    const auto answer = Match("graduates/" + graduate);
    EXPECT_TRUE(answer.ok()) << answer.status();
    std::set<std::string> names;
    if (!answer.ok()) return names;
    for (const v1::Match& match : answer->matches()) {
      names.insert(match.posting().name());
    }
    return names;
  }
};

TEST_F(FeedbackEventsTest, EachEventIsAnsweredAndKnownAgain) {
  v1::ReportEventsRequest request;
  *request.add_events() = Event(v1::FEEDBACK_TYPE_VIEW);
  *request.add_events() = Event(v1::FEEDBACK_TYPE_CLICK);
  *request.add_events() = request.events(0);
  *request.add_events() = Event(v1::FEEDBACK_TYPE_APPLY, "none");
  *request.add_events() = Event(v1::FEEDBACK_TYPE_HIRE, "A-1");
  request.mutable_events(4)->set_event_id("mine-1");
  auto response = Report(request);
  ASSERT_TRUE(response.ok()) << response.status();
  const std::vector<std::string> want = {"RECORDED", "RECORDED", "UNCHANGED",
                                         "POSTING_NOT_FOUND ", "RECORDED"};
  ASSERT_EQ(response->results_size(), 5);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Word(response->results(i)), want[i]);
  EXPECT_EQ(response->results(0).event_id(), response->results(2).event_id());
  EXPECT_NE(response->results(0).event_id(), response->results(1).event_id());
  EXPECT_EQ(response->results(4).event_id(), "mine-1");

  // A restart forgets nothing.
  server_.Stop();
  server_.Start();
  response = Report(request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(Word(response->results(0)), "UNCHANGED");
  EXPECT_EQ(Word(response->results(4)), "UNCHANGED");
  // The id of one event for another one.
  v1::FeedbackEvent other = Event(v1::FEEDBACK_TYPE_CLICK);
  other.set_event_id("mine-1");
  EXPECT_EQ(ReportOne(other), "ALREADY_EXISTS event_id");
  other.set_graduate("graduates/g-2");
  other.set_attribution_token(TokenOf("g-2"));
  EXPECT_EQ(ReportOne(other), "RECORDED");
}

TEST_F(FeedbackEventsTest, AHireDoesNotPlace) {
  EXPECT_EQ(ReportOne(Event(v1::FEEDBACK_TYPE_HIRE)), "RECORDED");
  EXPECT_TRUE(Match("graduates/g-1").ok());
}

TEST_F(FeedbackEventsTest, RejectsWhatDoesNotGoTogether) {
  const absl::Time now = server_.clock().Now();
  const std::string others = TokenOf("g-2");
  struct Case {
    std::string name;
    std::function<void(v1::FeedbackEvent&)> change;
    std::string want;
  };
  const auto at = [](absl::Time time) {
    return [time](v1::FeedbackEvent& e) {
      *e.mutable_event_time() = ToTimestamp(time);
    };
  };
  for (const Case& c : std::vector<Case>{
           {"no type", [](auto& e) { e.clear_type(); }, "FIELD_MISSING type"},
           {"unknown type",
            [](auto& e) { e.set_type(static_cast<v1::FeedbackType>(99)); },
            "FIELD_INVALID type"},
           {"no token", [](auto& e) { e.clear_attribution_token(); },
            "FIELD_MISSING attribution_token"},
           {"made-up token", [](auto& e) { e.set_attribution_token("abc"); },
            "ATTRIBUTION_TOKEN_INVALID attribution_token"},
           {"another's token",
            [&](auto& e) { e.set_attribution_token(others); },
            "ATTRIBUTION_TOKEN_INVALID attribution_token"},
           {"changed token",
            [](auto& e) { e.mutable_attribution_token()->front() ^= 1; },
            "ATTRIBUTION_TOKEN_INVALID attribution_token"},
           {"push_id of nobody",
            [](auto& e) { e.set_attribution_token(std::string(32, 'a')); },
            "ATTRIBUTION_TOKEN_INVALID attribution_token"},
           {"no graduate", [](auto& e) { e.clear_graduate(); },
            "FIELD_MISSING graduate"},
           {"bad graduate", [](auto& e) { e.set_graduate("g-1"); },
            "NAME_INVALID graduate"},
           {"unknown graduate", [](auto& e) { e.set_graduate("graduates/x"); },
            "GRADUATE_NOT_FOUND "},
           {"no posting", [](auto& e) { e.clear_posting(); },
            "FIELD_MISSING posting"},
           {"both", [](auto& e) { e.set_content("contents/c"); },
            "FIELD_INVALID posting"},
           {"unknown content",
            [](auto& e) {
              e.clear_posting();
              e.set_content("contents/c");
            },
            "CONTENT_NOT_FOUND "},
           {"no time", [](auto& e) { e.clear_event_time(); },
            "FIELD_MISSING event_time"},
           {"no such time",
            [](auto& e) { e.mutable_event_time()->set_nanos(-1); },
            "FIELD_OUT_OF_RANGE event_time"},
           {"future", at(now + absl::Minutes(11)),
            "FIELD_OUT_OF_RANGE event_time"},
           {"clock ahead", at(now + absl::Minutes(9)), "RECORDED"},
           {"long ago", at(now - absl::Hours(24 * 401)),
            "FIELD_OUT_OF_RANGE event_time"},
           {"last year", at(now - absl::Hours(24 * 399)), "UNCHANGED"},
           {"bad id", [](auto& e) { e.set_event_id("a/b"); },
            "FIELD_INVALID event_id"}}) {
    SCOPED_TRACE(c.name);
    v1::FeedbackEvent event = Event(v1::FEEDBACK_TYPE_APPLY);
    c.change(event);
    EXPECT_EQ(ReportOne(event), c.want);
  }
}

TEST_F(FeedbackEventsTest, RefusesWrongRequests) {
  v1::ReportEventsRequest request;
  EXPECT_EQ(Summary(Report(request).status()),
            "INVALID_ARGUMENT FIELD_MISSING events");
  for (int i = 0; i < 501; ++i) {
    *request.add_events() = Event(v1::FEEDBACK_TYPE_VIEW);
  }
  EXPECT_EQ(Summary(Report(request).status()),
            "INVALID_ARGUMENT BATCH_TOO_LARGE events");
  request.clear_events();
  *request.add_events() = Event(v1::FEEDBACK_TYPE_VIEW);
  request.set_request_id("r-1");
  const auto first = Report(request);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto again = Report(request);
  ASSERT_TRUE(again.ok()) << again.status();
  // The answer of then, not UNCHANGED.
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  request.mutable_events(0)->set_type(v1::FEEDBACK_TYPE_CLICK);
  EXPECT_EQ(Summary(Report(request).status()), "ABORTED REQUEST_ID_REUSED");
}

TEST_F(FeedbackEventsTest, NobodyWhoLeftIsWrittenAbout) {
  struct Case {
    v1::Graduate::Lifecycle lifecycle;
    std::string want;
  };
  const v1::FeedbackEvent event = Event(v1::FEEDBACK_TYPE_APPLY);
  for (const Case& c : std::vector<Case>{
           {v1::Graduate::LIFECYCLE_OPTED_OUT, "GRADUATE_NOT_SERVED "},
           {v1::Graduate::LIFECYCLE_FROZEN, "GRADUATE_NOT_SERVED "},
           {v1::Graduate::LIFECYCLE_PLACED, "RECORDED"}}) {
    v1::UpdateGraduateRequest update;
    update.mutable_graduate()->set_name("graduates/g-1");
    update.mutable_graduate()->set_lifecycle(c.lifecycle);
    v1::Graduate graduate;
    ASSERT_TRUE(server_
                    .Call(server_.graduates(), &Graduates::UpdateGraduate,
                          update, graduate)
                    .ok());
    EXPECT_EQ(ReportOne(event), c.want);
  }
}

TEST_F(FeedbackEventsTest, ADismissedVacancyIsGoneWithItsDuplicates) {
  // The same vacancy told by another source.
  v1::CreatePostingRequest create;
  create.set_parent("sources/hb");
  *create.mutable_posting() = GoodPosting("A-0");
  create.mutable_posting()->set_source_posting_id("B-0");
  v1::Posting duplicate;
  ASSERT_TRUE(
      server_
          .Call(server_.postings(), &Postings::CreatePosting, create, duplicate)
          .ok());
  ASSERT_EQ(duplicate.canonical_posting(), "sources/gd/postings/A-0");
  ASSERT_EQ(MatchedBy("g-1").size(), 4u);

  v1::FeedbackEvent dismiss = Event(v1::FEEDBACK_TYPE_DISMISS);
  dismiss.set_posting(duplicate.name());
  ASSERT_EQ(ReportOne(dismiss), "RECORDED");
  EXPECT_EQ(MatchedBy("g-1"),
            (std::set<std::string>{"sources/gd/postings/A-1",
                                   "sources/gd/postings/A-2",
                                   "sources/gd/postings/A-3"}));
  EXPECT_EQ(MatchedBy("g-2").size(), 4u);
  const auto answer = Match("graduates/g-1");
  EXPECT_NE(answer->trace().summary_zh().find("不感兴趣 2"), std::string::npos)
      << answer->trace().summary_zh();

  v1::ExplainMatchRequest explain;
  explain.set_graduate("graduates/g-1");
  explain.set_posting("sources/gd/postings/A-0");
  v1::ExplainMatchResponse explained;
  ASSERT_TRUE(
      server_
          .Call(server_.matches(), &Matches::ExplainMatch, explain, explained)
          .ok());
  EXPECT_EQ(explained.match().rank(), 0);
  ASSERT_FALSE(explained.push_reasons().empty());
  EXPECT_EQ(explained.push_reasons(0).code(), "DISMISSED");

  // Without personalisation too, and after a restart.
  v1::UpdateGraduateRequest off;
  off.mutable_graduate()->set_name("graduates/g-1");
  off.mutable_graduate()->mutable_preferences()->set_personalisation(false);
  off.mutable_update_mask()->add_paths("preferences");
  v1::Graduate graduate;
  ASSERT_TRUE(
      server_
          .Call(server_.graduates(), &Graduates::UpdateGraduate, off, graduate)
          .ok());
  server_.Stop();
  server_.Start();
  EXPECT_EQ(MatchedBy("g-1").size(), 3u);
  // The founder goes: what is left of the group stays away.
  v1::DeletePostingRequest remove;
  remove.set_name("sources/gd/postings/A-0");
  google::protobuf::Empty empty;
  ASSERT_TRUE(
      server_.Call(server_.postings(), &Postings::DeletePosting, remove, empty)
          .ok());
  EXPECT_FALSE(MatchedBy("g-1").contains(duplicate.name()));
  EXPECT_TRUE(MatchedBy("g-2").contains(duplicate.name()));
}

TEST_F(FeedbackEventsTest, TokensNameNobody) {
  // The content of a token, after its seal of 12 bytes, in clear.
  std::string bytes;
  ASSERT_TRUE(absl::WebSafeBase64Unescape(TokenOf("g-1"), &bytes));
  const std::string content = bytes.substr(12);
  EXPECT_EQ(content.find("g-1"), std::string::npos);
  EXPECT_EQ(content.find("MatchService.MatchPostings|"), 0u) << content;
  // A search's token belongs to nobody in particular.
  v1::SearchPostingsRequest search;
  search.set_text("深圳 软件工程师");
  v1::SearchPostingsResponse found;
  ASSERT_TRUE(
      server_.Call(server_.matches(), &Matches::SearchPostings, search, found)
          .ok());
  v1::FeedbackEvent event = Event(v1::FEEDBACK_TYPE_CLICK);
  event.set_attribution_token(found.attribution_token());
  EXPECT_EQ(ReportOne(event), "RECORDED");
}

class FeedbackOfPushTest : public PushFixture {};

TEST_F(FeedbackOfPushTest, PushIdIsATokenAndDismissedIsNotPushed) {
  Fill(5, 6);
  MakePlan("plan");
  RunToTheEnd("plan", "first");
  const std::vector<v1::PushItem> items = Items("first");
  ASSERT_GE(items.size(), 2u);
  const auto report = [&](const v1::PushItem& item, const std::string& posting,
                          const std::string& graduate, v1::FeedbackType type) {
    v1::ReportEventsRequest request;
    v1::FeedbackEvent& event = *request.add_events();
    event.set_attribution_token(item.push_id());
    event.set_type(type);
    event.set_graduate(graduate);
    event.set_posting(posting);
    *event.mutable_event_time() = ToTimestamp(server_.clock().Now());
    v1::ReportEventsResponse response;
    const absl::Status status =
        server_.Call(feedback(), &v1::FeedbackService::Stub::ReportEvents,
                     request, response);
    EXPECT_TRUE(status.ok()) << status;
    return response.results(0);
  };
  const v1::PushItem& item = items.front();
  EXPECT_EQ(
      report(item, item.posting(), item.graduate(), v1::FEEDBACK_TYPE_CLICK)
          .status(),
      Result::STATUS_RECORDED);
  // Another graduate's, and another posting's, push_id.
  const std::string other_graduate =
      item.graduate() == "graduates/g-0" ? "graduates/g-1" : "graduates/g-0";
  EXPECT_EQ(
      report(item, item.posting(), other_graduate, v1::FEEDBACK_TYPE_CLICK)
          .error()
          .reason(),
      kAttributionInvalid);
  std::string not_pushed;
  for (int i = 0; i < 5 && not_pushed.empty(); ++i) {
    not_pushed = absl::StrCat("sources/hubei/postings/p-", i);
    for (const v1::PushItem& one : items) {
      if (one.graduate() == item.graduate() && one.posting() == not_pushed) {
        not_pushed.clear();
        break;
      }
    }
  }
  EXPECT_EQ(report(item, not_pushed, item.graduate(), v1::FEEDBACK_TYPE_CLICK)
                .error()
                .reason(),
            kAttributionInvalid);

  // Dismissed before it was ever pushed: no later run pushes it.
  v1::MatchPostingsRequest match;
  match.set_graduate(item.graduate());
  v1::MatchPostingsResponse matched;
  ASSERT_TRUE(server_
                  .Call(server_.matches(),
                        &v1::MatchService::Stub::MatchPostings, match, matched)
                  .ok());
  v1::PushItem as_token;
  as_token.set_push_id(matched.attribution_token());
  ASSERT_EQ(
      report(as_token, not_pushed, item.graduate(), v1::FEEDBACK_TYPE_DISMISS)
          .status(),
      Result::STATUS_RECORDED);
  for (const char* run : {"second", "third"}) {
    RunToTheEnd("plan", run);
    std::set<std::string> whom;
    for (const v1::PushItem& one : Items(run)) {
      if (one.posting() == not_pushed) whom.insert(one.graduate());
    }
    EXPECT_FALSE(whom.contains(item.graduate())) << run;
  }
}

}  // namespace
}  // namespace gradmatch
