// The matcher over a catalog in memory.
#include "matcher/matcher.h"

#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "index/base/clock.h"
#include "index/base/error.h"
#include "index/content_hash.h"
#include "matcher/encoder_input.h"
#include "tests/fakes/in_memory_store.h"
#include "tests/matcher/builders.h"

namespace gradmatch {
namespace {

class MatcherTest : public testing::Test {
 protected:
  MatcherTest() {
    CatalogOptions options;
    options.encoder_id = encoder_.info().id;
    options.dimension = encoder_.info().dimension;
    options.schemas[0] = PostingSchema();
    catalog_ =
        Catalog::Open(store_, clock_, options, [](auto, auto, auto, auto) {
          return std::nullopt;
        }).value();
    matcher_ = std::make_unique<Matcher>(*catalog_, encoder_);
  }

  void Put(const v1::Posting& posting) {
    Change change;
    change.key = *PostingKeyOfName(posting.name());
    change.id = posting.name();
    change.payload = posting.SerializeAsString();
    change.content_hash = ContentHash(change.payload);
    if (IsSearchable(posting)) {
      change.row = IndexedRow{*EncodePosting(encoder_, posting),
                              PostingAttributes(posting, false), ""};
    }
    std::vector<Change> changes;
    changes.push_back(std::move(change));
    ASSERT_TRUE(catalog_->Apply(std::move(changes), false).ok());
  }

  // Postings in three cities, two functions, of different age and employer.
  void PutMany(int count) {
    for (int i = 0; i < count; ++i) {
      v1::Posting posting = OpenPosting(absl::StrCat("p", i));
      posting.set_title(i % 2 == 0 ? "会计" : "后端开发");
      posting.mutable_employer()->set_name(absl::StrCat("公司", i % 17));
      *posting.add_functions() =
          MakeCode("function", i % 2 == 0 ? "070304" : "010101");
      *posting.add_locations()->mutable_region() = MakeCode(
          "region",
          std::vector<std::string>{"420111", "440300", "110108"}[i % 3]);
      posting.mutable_publish_time()->set_seconds(
          absl::ToUnixSeconds(TestNow()) - 86'400 * (i % 30));
      posting.set_description("不应出现在答案里的长文本");
      Put(posting);
    }
  }

  Recommendation Answer(const v1::Graduate& graduate,
                        const MatchOptions& options = {}) {
    auto answer = matcher_->Match(graduate, options, TestNow());
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? *std::move(answer) : Recommendation();
  }

  FakeEncoder encoder_;
  InMemoryStore store_;
  ManualClock clock_{TestNow()};
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<Matcher> matcher_;
};

std::string Text(const Recommendation& answer) {
  std::string text = answer.trace.ShortDebugString();
  for (const v1::Match& match : answer.matches) {
    absl::StrAppend(&text, "\n", match.ShortDebugString());
  }
  return text;
}

TEST_F(MatcherTest, AnswersWithReasonsCountsAndVersions) {
  PutMany(60);
  v1::Graduate graduate = ActiveGraduate(Bachelor());
  *graduate.mutable_profile()->mutable_intent()->add_places() =
      MakeCode("region", "420100");
  const Recommendation answer = Answer(graduate, {.include_features = true});
  ASSERT_EQ(answer.matches.size(), 10);
  EXPECT_EQ(answer.trace.considered(), 60);
  EXPECT_EQ(answer.trace.eligible(), 60);
  EXPECT_TRUE(answer.trace.exact());
  EXPECT_EQ(answer.trace.versions().encoder(), "fake-1");
  EXPECT_EQ(answer.trace.versions().ranker(), "linear-1");
  EXPECT_EQ(answer.trace.versions().generation(), 60);
  double last = 1;
  for (size_t i = 0; i < answer.matches.size(); ++i) {
    const v1::Match& match = answer.matches[i];
    EXPECT_EQ(match.rank(), i + 1);
    EXPECT_FALSE(match.reasons().empty());
    EXPECT_FALSE(match.features().empty());
    EXPECT_FALSE(match.posting().etag().empty());
    EXPECT_TRUE(match.posting().description().empty());
    EXPECT_EQ(match.eligibility().outcome(), v1::Eligibility::OUTCOME_ELIGIBLE);
    EXPECT_NEAR(match.score(), match.wants_score() * match.fits_score(), 1e-6);
    EXPECT_LE(match.score(), last);
    last = match.score();
  }
  EXPECT_EQ(answer.matches[0].posting().functions(0).code(), "010101");
  EXPECT_EQ(answer.matches[0].posting().locations(0).region().code(), "420111");
}

TEST_F(MatcherTest, PagesCutOneList) {
  PutMany(50);
  const v1::Graduate graduate = ActiveGraduate(Bachelor());
  const Recommendation all = Answer(graduate, {.limit = 50});
  ASSERT_EQ(all.matches.size(), 50);
  std::vector<std::string> names, paged;
  for (const auto& match : all.matches) names.push_back(match.posting().name());
  for (size_t offset = 0; offset < 60; offset += 7) {
    for (const auto& match :
         Answer(graduate, {.offset = offset, .limit = 7}).matches) {
      paged.push_back(match.posting().name());
      EXPECT_EQ(match.rank(), paged.size());
    }
  }
  EXPECT_EQ(paged, names);
}

TEST_F(MatcherTest, SameInputSameAnswerWhateverTheHistory) {
  PutMany(80);
  const v1::Graduate graduate = ActiveGraduate(Bachelor());
  const std::string before = Text(Answer(graduate));
  EXPECT_EQ(Text(Answer(graduate)), before);
}

// The school decides who may see a posting, and nothing else.
TEST_F(MatcherTest, SchoolChangesNothing) {
  PutMany(60);
  v1::Graduate graduate = ActiveGraduate(Bachelor());
  const std::string without =
      Text(Answer(graduate, {.include_features = true}));
  for (const char* school : {"4111010001", "4142010486", "4111010002"}) {
    *graduate.mutable_profile()->mutable_educations(0)->mutable_school() =
        MakeCode("school", school, "某大学");
    EXPECT_EQ(Text(Answer(graduate, {.include_features = true})), without);
  }
}

TEST_F(MatcherTest, EmptyAnswerExplainsItself) {
  for (int i = 0; i < 12; ++i) {
    v1::Posting posting = OpenPosting(absl::StrCat("p", i));
    if (i < 9) {
      posting.mutable_education()->set_min_level(v1::EDUCATION_LEVEL_DOCTOR);
    } else {
      posting.mutable_expire_time()->set_seconds(
          absl::ToUnixSeconds(TestNow()) - 1);
    }
    Put(posting);
  }
  const Recommendation answer = Answer(ActiveGraduate(Bachelor()));
  EXPECT_TRUE(answer.matches.empty());
  EXPECT_EQ(answer.trace.summary_zh(), "0 / 12：学历不符 9，已截止 3");
  ASSERT_EQ(answer.trace.filtered_size(), 2);
  EXPECT_EQ(answer.trace.filtered(0).code(), "EXPIRED");
  EXPECT_EQ(answer.trace.filtered(1).count(), 9);
}

TEST_F(MatcherTest, ConditionalPostingsAreMarkedOrLeftOut) {
  v1::Posting posting = OpenPosting("open");
  posting.mutable_majors()->set_raw("相关专业");
  Put(posting);
  const v1::Graduate graduate = ActiveGraduate(Bachelor());
  const Recommendation with = Answer(graduate);
  ASSERT_EQ(with.matches.size(), 1);
  EXPECT_EQ(with.matches[0].eligibility().outcome(),
            v1::Eligibility::OUTCOME_CONDITIONAL);
  EXPECT_EQ(with.matches[0].eligibility().conditions(0).code(),
            "MAJOR_TEXT_UNREAD");
  EXPECT_TRUE(Answer(graduate, {.eligible_only = true}).matches.empty());
}

TEST_F(MatcherTest, ServesOnlyTheActive) {
  for (auto lifecycle :
       {v1::Graduate::LIFECYCLE_PLACED, v1::Graduate::LIFECYCLE_OPTED_OUT,
        v1::Graduate::LIFECYCLE_FROZEN, v1::Graduate::LIFECYCLE_ERASED}) {
    v1::Graduate graduate = ActiveGraduate(Bachelor());
    graduate.set_lifecycle(lifecycle);
    const auto answer = matcher_->Match(graduate, {}, TestNow());
    EXPECT_EQ(answer.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(ReasonOf(answer.status()), "GRADUATE_NOT_SERVED");
  }
}

TEST_F(MatcherTest, WithoutPersonalisationTheProfileIsNotRead) {
  PutMany(60);
  v1::Graduate graduate = ActiveGraduate(Bachelor());
  graduate.mutable_preferences()->set_personalisation(false);
  *graduate.mutable_profile()->mutable_intent()->add_places() =
      MakeCode("region", "440300");
  const std::string bachelor = Text(Answer(graduate));
  graduate.mutable_profile()->clear_educations();
  AddEducation(*graduate.mutable_profile(), 3, "undergraduate", "120203");
  graduate.mutable_profile()->set_text("会计");
  graduate.mutable_profile()->add_skills("Excel");
  const Recommendation answer = Answer(graduate);
  EXPECT_EQ(Text(answer), bachelor);
  EXPECT_TRUE(answer.trace.non_personalised());
  ASSERT_EQ(answer.matches.size(), 10);
  for (const v1::Match& match : answer.matches) {
    EXPECT_EQ(match.posting().locations(0).region().code(), "440300");
    EXPECT_FALSE(match.has_eligibility());
  }
}

TEST_F(MatcherTest, TagsSwitchedOffAreNotUsed) {
  v1::Graduate graduate = ActiveGraduate(Bachelor());
  graduate.mutable_profile()->add_skills("Python");
  v1::Intent& intent = *graduate.mutable_profile()->mutable_intent();
  *intent.add_places() = MakeCode("region", "420100");
  *intent.add_functions() = MakeCode("function", "010101");
  const v1::Profile all = ProfileInUse(graduate);
  EXPECT_EQ(all.skills_size(), 1);
  for (const char* tag : {"Python", "武汉市", "010101", "不存在"}) {
    auto& t = *graduate.mutable_preferences()->add_tags();
    t.set_tag(tag);
    t.set_enabled(false);
  }
  const v1::Profile used = ProfileInUse(graduate);
  EXPECT_EQ(used.skills_size(), 0);
  EXPECT_EQ(used.intent().places_size(), 0);
  EXPECT_EQ(used.intent().functions_size(), 0);
  EXPECT_EQ(used.educations_size(), 1);
}

TEST_F(MatcherTest, TheProfileIsNotReadWithoutPersonalisation) {
  PutMany(60);
  v1::Graduate graduate = ActiveGraduate(Bachelor());
  *graduate.mutable_profile()->mutable_intent()->add_places() =
      MakeCode("region", "440300");
  graduate.mutable_preferences()->set_personalisation(false);
  const std::string before = Text(Answer(graduate));
  v1::Profile& profile = *graduate.mutable_profile();
  profile.clear_educations();
  profile.add_skills("Python");
  profile.set_text("想做会计");
  *profile.mutable_intent()->add_functions() = MakeCode("function", "010101");
  EXPECT_EQ(Text(Answer(graduate)), before);
  EXPECT_EQ(matcher_->profile_reads(), 0);
  graduate.mutable_preferences()->set_personalisation(true);
  EXPECT_NE(Text(Answer(graduate)), before);
  EXPECT_EQ(matcher_->profile_reads(), 1);
}

TEST_F(MatcherTest, MutedKindsOfPostingAreLeftOut) {
  PutMany(60);
  for (const bool personalised : {true, false}) {
    SCOPED_TRACE(personalised);
    v1::Graduate graduate = ActiveGraduate(Bachelor());
    graduate.mutable_preferences()->set_personalisation(personalised);
    const Recommendation all = Answer(graduate);
    ASSERT_FALSE(all.matches.empty());
    const v1::PostingKind kind = all.matches[0].posting().kind();
    if (kind != v1::POSTING_KIND_UNSPECIFIED) {
      graduate.mutable_preferences()->add_muted_posting_kinds(kind);
      for (const v1::Match& match : Answer(graduate).matches) {
        EXPECT_NE(match.posting().kind(), kind);
      }
    }
    graduate.mutable_preferences()->add_muted_kinds(v1::CONTENT_KIND_POSTING);
    const Recommendation none = Answer(graduate);
    EXPECT_TRUE(none.matches.empty());
    EXPECT_EQ(none.trace.eligible(), 0);
  }
}

TEST_F(MatcherTest, TextSearchReadsPlacesAndFunctions) {
  PutMany(60);
  const auto answer =
      matcher_->SearchText("武汉 会计", {.limit = 5}, TestNow());
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_FALSE(answer->matches.empty());
  const v1::Posting& first = answer->matches[0].posting();
  EXPECT_EQ(first.title(), "会计");
  EXPECT_EQ(first.locations(0).region().code(), "420111");
}

TEST_F(MatcherTest, RefusesTextsItCannotSearchWith) {
  for (const std::string& text :
       {std::string(), std::string(" \n"), std::string(9000, 'a'),
        std::string("\xff\xfe")}) {
    const auto answer = matcher_->SearchText(text, {}, TestNow());
    EXPECT_EQ(answer.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(FieldErrorOf(answer.status()).field, "text");
  }
}

TEST_F(MatcherTest, SearchStaysInItsRegions) {
  PutMany(60);
  const auto answer = matcher_->Search(
      Bachelor(), {.limit = 60, .regions = {"440000"}}, TestNow());
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->matches.size(), 20);
  for (const v1::Match& match : answer->matches) {
    EXPECT_EQ(match.posting().locations(0).region().code(), "440300");
  }
  EXPECT_EQ(answer->trace.filtered(0).code(), "REGION_NOT_ASKED");
}

TEST_F(MatcherTest, StopsWhenAsked) {
  PutMany(5);
  for (int stop_at = 1; stop_at <= 4; ++stop_at) {
    int calls = 0;
    MatchOptions options;
    options.stop = [&] {
      return ++calls < stop_at ? absl::OkStatus()
                               : absl::DeadlineExceededError("late");
    };
    const auto answer =
        matcher_->Match(ActiveGraduate(Bachelor()), options, TestNow());
    EXPECT_EQ(answer.status().code(), absl::StatusCode::kDeadlineExceeded);
  }
}

TEST_F(MatcherTest, ClosedSinceTheSnapshotIsNotShown) {
  PutMany(5);
  // A record that was closed while its row is still in somebody's snapshot.
  v1::Posting closed = OpenPosting("p0");
  closed.set_state(v1::Posting::STATE_CLOSED);
  Put(closed);
  const Recommendation answer = Answer(ActiveGraduate(Bachelor()));
  EXPECT_EQ(answer.matches.size(), 4);
}

TEST_F(MatcherTest, ExplainAgreesWithMatch) {
  PutMany(60);
  const v1::Graduate graduate = ActiveGraduate(Bachelor());
  const Recommendation answer = Answer(graduate, {.include_features = true});
  for (const v1::Match& match : answer.matches) {
    const auto record = catalog_->Get(
        CollectionId::kPostings, *PostingKeyOfName(match.posting().name()));
    v1::Posting posting;
    ASSERT_TRUE(posting.ParseFromString(record->payload));
    const auto explained = matcher_->Explain(graduate, posting, TestNow());
    ASSERT_TRUE(explained.ok());
    EXPECT_EQ(explained->match().rank(), match.rank());
    EXPECT_NEAR(explained->match().score(), match.score(), 1e-5);
    EXPECT_EQ(explained->match().reasons_size(), match.reasons_size());
    EXPECT_THAT(explained->summary_zh(),
                testing::HasSubstr("符合全部硬性要求"));
  }
}

TEST_F(MatcherTest, WithoutPersonalisationExplainAgreesWithMatch) {
  PutMany(60);
  v1::Graduate graduate = ActiveGraduate(Bachelor());
  graduate.mutable_preferences()->set_personalisation(false);
  *graduate.mutable_profile()->mutable_intent()->add_places() =
      MakeCode("region", "440300");
  for (const v1::Match& match : Answer(graduate).matches) {
    v1::Posting posting = OpenPosting();
    const std::string key = *PostingKeyOfName(match.posting().name());
    ASSERT_TRUE(posting.ParseFromString(
        catalog_->Get(CollectionId::kPostings, key)->payload));
    const auto explained = matcher_->Explain(graduate, posting, TestNow());
    ASSERT_TRUE(explained.ok()) << explained.status();
    EXPECT_EQ(explained->match().rank(), match.rank());
    EXPECT_EQ(explained->match().score(), match.score());
    EXPECT_EQ(explained->versions().ranker(), "place-time-1");
    // Nothing was looked at, so nothing is said to be missing.
    EXPECT_FALSE(explained->match().has_eligibility());
    EXPECT_THAT(explained->summary_zh(), testing::HasSubstr("已关闭个性化"));
    EXPECT_THAT(explained->summary_zh(),
                testing::Not(testing::HasSubstr("未填写")));
  }
  v1::Posting closed = OpenPosting();
  closed.set_state(v1::Posting::STATE_CLOSED);
  const auto explained = matcher_->Explain(graduate, closed, TestNow());
  ASSERT_TRUE(explained.ok()) << explained.status();
  EXPECT_EQ(explained->match().eligibility().outcome(),
            v1::Eligibility::OUTCOME_INELIGIBLE);
}

TEST_F(MatcherTest, ExplainSaysWhyNot) {
  v1::Posting posting = PostingForMajors("undergraduate", {"0301"});
  posting.mutable_education()->set_min_level(v1::EDUCATION_LEVEL_MASTER);
  const auto explained =
      matcher_->Explain(ActiveGraduate(Bachelor()), posting, TestNow());
  ASSERT_TRUE(explained.ok());
  EXPECT_EQ(explained->match().rank(), 0);
  EXPECT_EQ(explained->match().eligibility().reasons_size(), 2);
  EXPECT_THAT(explained->summary_zh(),
              testing::HasSubstr("不符合要求：要求学历硕士及以上"));
}

}  // namespace
}  // namespace gradmatch
