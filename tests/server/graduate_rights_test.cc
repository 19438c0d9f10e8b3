// What graduates decide about their records, over a real socket: preferences,
// tags, placement, freeze.

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "matcher/matcher.h"
#include "tests/server/rights_fixture.h"

namespace gradmatch {
namespace {

using testing::Contains;
using testing::Each;

using GraduateRightsTest = RightsFixture;

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
