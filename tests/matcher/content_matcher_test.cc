// Matching of content over a catalog in memory.
#include "matcher/content_matcher.h"

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/content_hash.h"
#include "index/keys.h"
#include "matcher/content_schema.h"
#include "matcher/encoder_input.h"
#include "matcher/hash_encoder.h"
#include "matcher/posting_schema.h"
#include "tests/fakes/in_memory_store.h"
#include "tests/matcher/builders.h"

namespace gradmatch {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

constexpr v1::ContentKind kPolicy = v1::CONTENT_KIND_POLICY;
constexpr v1::ContentKind kNews = v1::CONTENT_KIND_NEWS;
constexpr v1::ContentKind kEvent = v1::CONTENT_KIND_EVENT;
constexpr v1::ContentKind kCourse = v1::CONTENT_KIND_COURSE;

void SetTime(absl::Time time, google::protobuf::Timestamp* to) {
  to->set_seconds(absl::ToUnixSeconds(time));
}

class ContentMatcherTest : public testing::Test {
 protected:
  ContentMatcherTest() {
    CatalogOptions options;
    options.encoder_id = encoder_.info().id;
    options.dimension = encoder_.info().dimension;
    options.schemas[0] = PostingSchema();
    options.schemas[2] = ContentSchema();
    catalog_ =
        Catalog::Open(store_, clock_, options, [](auto, auto, auto, auto) {
          return std::nullopt;
        }).value();
    matcher_ = std::make_unique<ContentMatcher>(*catalog_, encoder_);
    graduate_ = ActiveGraduate(Bachelor());
    *graduate_.mutable_profile()->mutable_region() =
        MakeCode("region", "440305");
    *graduate_.mutable_profile()->mutable_intent()->add_places() =
        MakeCode("region", "420100");
  }

  static v1::Content Open(const std::string& id, v1::ContentKind kind) {
    v1::Content content;
    content.set_name("contents/" + id);
    content.set_kind(kind);
    content.set_title("标题");
    content.set_text("不应出现在答案里的长文本");
    content.set_state(v1::Content::STATE_OPEN);
    SetTime(TestNow() - absl::Hours(24 * 30), content.mutable_publish_time());
    return content;
  }
  static v1::Content EventIn(const std::string& id, const std::string& region,
                             int days) {
    v1::Content event = Open(id, kEvent);
    SetTime(TestNow() + absl::Hours(24 * days),
            event.mutable_event()->mutable_period()->mutable_start_time());
    *event.mutable_event()->mutable_location()->mutable_region() =
        MakeCode("region", region);
    return event;
  }

  void Apply(Change change) {
    std::vector<Change> changes;
    changes.push_back(std::move(change));
    ASSERT_TRUE(catalog_->Apply(std::move(changes), false).ok());
  }
  void Put(const v1::Content& content, bool sandbox = false) {
    Change change;
    change.collection = CollectionId::kContents;
    change.key = ContentKey(content.name().substr(9));
    change.id = content.name();
    change.payload = content.SerializeAsString();
    change.content_hash = ContentHash(change.payload);
    if (IsSearchable(content)) {
      change.row = IndexedRow{*EncodeContent(encoder_, content),
                              ContentAttributes(content, sandbox), ""};
    }
    Apply(std::move(change));
  }
  void Put(const v1::Posting& posting) {
    Change change;
    change.key = *PostingKeyOfName(posting.name());
    change.id = posting.name();
    change.payload = posting.SerializeAsString();
    change.content_hash = ContentHash(change.payload);
    change.row = IndexedRow{*EncodePosting(encoder_, posting),
                            PostingAttributes(posting, false), ""};
    Apply(std::move(change));
  }

  ContentRecommendation Answer(const ContentMatchOptions& options = {}) {
    auto answer = matcher_->Match(graduate_, options, TestNow());
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? *std::move(answer) : ContentRecommendation();
  }
  std::vector<std::string> Names(const ContentMatchOptions& options = {}) {
    std::vector<std::string> names;
    for (const v1::ContentMatch& match : Answer(options).matches) {
      names.push_back(match.content().name().substr(9));
    }
    return names;
  }
  // The reasons of the only match.
  std::vector<std::string> Texts() {
    std::vector<std::string> texts;
    const ContentRecommendation answer = Answer();
    EXPECT_EQ(answer.matches.size(), 1u);
    if (answer.matches.empty()) return texts;
    for (const v1::Reason& reason : answer.matches[0].reasons()) {
      texts.push_back(reason.text_zh());
    }
    return texts;
  }

  std::unique_ptr<Encoder> owned_encoder_ = *NewHashEncoder();
  Encoder& encoder_ = *owned_encoder_;
  InMemoryStore store_;
  ManualClock clock_{TestNow()};
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<ContentMatcher> matcher_;
  v1::Graduate graduate_;
};

TEST_F(ContentMatcherTest, OnlyWhatIsOpenNotOverAndMeantForTheGraduateComes) {
  Put(Open("all", kPolicy));
  v1::Content closed = Open("closed", kPolicy);
  closed.set_state(v1::Content::STATE_CLOSED);
  Put(closed);
  v1::Content draft = Open("draft", kPolicy);
  draft.set_state(v1::Content::STATE_DRAFT);
  Put(draft);
  v1::Content expired = Open("expired", kNews);
  SetTime(TestNow(), expired.mutable_expire_time());
  Put(expired);
  v1::Content lasting = Open("lasting", kNews);
  SetTime(TestNow() + absl::Seconds(1), lasting.mutable_expire_time());
  Put(lasting);
  // Over since yesterday, whatever its expiry says.
  v1::Content over = EventIn("over", "420100", -1);
  SetTime(TestNow() + absl::Hours(99), over.mutable_expire_time());
  Put(over);
  v1::Content others = Open("others", kPolicy);
  others.mutable_audience()->add_graduation_years(2027);
  Put(others);
  Put(Open("sandbox", kPolicy), /*sandbox=*/true);
  EXPECT_THAT(Names(), UnorderedElementsAre("all", "lasting"));
}

TEST_F(ContentMatcherTest, NarrowerAudiencesComeFirstAndOpenOnesLast) {
  v1::Content year = Open("year", kPolicy);
  year.mutable_audience()->add_graduation_years(2026);
  Put(year);
  v1::Content county = Open("county", kPolicy);
  county.mutable_audience()->add_graduation_years(2026);
  county.mutable_audience()->add_regions("440305");
  Put(county);
  Put(Open("all", kPolicy));
  v1::Content open = Open("open", kPolicy);
  open.mutable_audience()->add_schools("s1");
  Put(open);
  EXPECT_THAT(Names(), ElementsAre("county", "year", "all", "open"));
  const ContentRecommendation answer = Answer();
  EXPECT_EQ(answer.matches[0].reasons(0).text_zh(),
            "面向2026届、深圳南山区毕业生的政策");
  EXPECT_EQ(answer.matches[1].reasons(0).text_zh(), "面向2026届毕业生的政策");
  EXPECT_EQ(answer.matches[2].reasons(0).code(), "FOR_EVERYBODY");
  EXPECT_EQ(answer.matches[3].reasons(0).code(), "AUDIENCE_SCHOOL_UNKNOWN");
  EXPECT_EQ(answer.ranker, "content-1");
  for (const v1::ContentMatch& match : answer.matches) {
    EXPECT_TRUE(match.content().text().empty());
    EXPECT_FALSE(match.content().etag().empty());
    EXPECT_GT(match.score(), 0);
    EXPECT_LE(match.score(), 1);
  }
}

TEST_F(ContentMatcherTest, SimilarTextsComeFirst) {
  graduate_.mutable_profile()->set_text("数据库与后端开发");
  v1::Content alike = Open("alike", kCourse);
  alike.set_title("数据库与后端开发");
  alike.set_text("");
  Put(alike);
  v1::Content other = Open("a-other", kCourse);
  other.set_title("Kindergarten");
  other.set_text("");
  Put(other);
  EXPECT_THAT(Names(), ElementsAre("alike", "a-other"));
}

TEST_F(ContentMatcherTest, NearAndSoonComesFirst) {
  Put(EventIn("far-place", "110100", 8));
  Put(EventIn("later", "420100", 60));
  Put(EventIn("soon", "420100", 8));
  EXPECT_THAT(Names(), ElementsAre("soon", "later", "far-place"));
  EXPECT_EQ(Answer().matches[0].reasons(0).text_zh(), "活动在武汉，11月30日");
  EXPECT_EQ(Answer().matches[1].reasons(0).text_zh(),
            "活动在武汉，2027年1月21日");
}

TEST_F(ContentMatcherTest, EventsWithPostingsThatFitRankHigher) {
  v1::Posting fits = OpenPosting("fits");
  v1::Posting fits_not = OpenPosting("fits-not");
  fits_not.mutable_education()->set_min_level(v1::EDUCATION_LEVEL_DOCTOR);
  Put(fits);
  Put(fits_not);
  v1::Content with = EventIn("with", "420100", 8);
  with.mutable_event()->add_postings(fits.name());
  with.mutable_event()->add_postings(fits_not.name());
  with.mutable_event()->add_postings("sources/s/postings/unknown");
  with.mutable_event()->add_employers("某公司");
  v1::Content without = EventIn("a-without", "420100", 8);
  without.mutable_event()->add_postings(fits_not.name());
  Put(with);
  Put(without);
  EXPECT_THAT(Names(), ElementsAre("with", "a-without"));
  const ContentRecommendation answer = Answer();
  EXPECT_EQ(answer.matches[0].reasons(1).text_zh(),
            "有 1 个符合条件的岗位参加");
  EXPECT_EQ(answer.matches[0].reasons(1).code(), "EVENT_POSTINGS");
}

TEST_F(ContentMatcherTest, ReasonsAreTrueOfTheContent) {
  v1::Content course = Open("c", kCourse);
  course.mutable_course()->set_online(true);
  SetTime(TestNow() - absl::Hours(48), course.mutable_publish_time());
  SetTime(TestNow() + absl::Hours(72), course.mutable_expire_time());
  Put(course);
  EXPECT_THAT(Texts(), ElementsAre("线上课程", "2 天前发布", "还有 3 天截止"));
}

TEST_F(ContentMatcherTest, FoundersGetWhatIsMeantForThem) {
  v1::Content loan = Open("loan", kPolicy);
  loan.mutable_audience()->set_starting_business(true);
  Put(loan);
  v1::Content gig = Open("gig", kPolicy);
  gig.mutable_audience()->set_flexible_work(true);
  Put(gig);
  EXPECT_THAT(Names(), IsEmpty());
  graduate_.mutable_profile()->mutable_intent()->set_starting_business(true);
  EXPECT_THAT(Texts(), ElementsAre("面向有创业意向的毕业生的政策"));
  graduate_.mutable_profile()->mutable_intent()->set_flexible_work(true);
  EXPECT_THAT(Names(), UnorderedElementsAre("gig", "loan"));
}

TEST_F(ContentMatcherTest, KindsThatAreMutedOrNotAskedForDoNotCome) {
  Put(Open("p", kPolicy));
  Put(Open("n", kNews));
  Put(Open("c", kCourse));
  ContentMatchOptions options;
  options.kinds = 1u << kNews | 1u << kCourse;
  EXPECT_THAT(Names(options), UnorderedElementsAre("n", "c"));
  graduate_.mutable_preferences()->add_muted_kinds(kNews);
  EXPECT_THAT(Names(options), ElementsAre("c"));
  EXPECT_THAT(Names(), UnorderedElementsAre("p", "c"));
  // Also without personalisation.
  graduate_.mutable_preferences()->set_personalisation(false);
  EXPECT_THAT(Names(), UnorderedElementsAre("p", "c"));
}

TEST_F(ContentMatcherTest, WhoIsNotServedIsTold) {
  graduate_.set_lifecycle(v1::Graduate::LIFECYCLE_OPTED_OUT);
  const auto answer = matcher_->Match(graduate_, {}, TestNow());
  EXPECT_EQ(ReasonOf(answer.status()), kGraduateNotServed);
}

TEST_F(ContentMatcherTest, WithoutPersonalisationByPlaceAndTimeOnly) {
  Put(EventIn("far", "110100", 3));
  Put(EventIn("near", "420100", 8));
  v1::Content hubei = Open("hubei", kPolicy);
  hubei.mutable_audience()->add_regions("420000");
  Put(hubei);
  v1::Content guangdong = Open("guangdong", kPolicy);
  guangdong.mutable_audience()->add_regions("440000");
  Put(guangdong);
  v1::Content school = Open("school", kPolicy);
  school.mutable_audience()->add_schools("s1");
  Put(school);
  graduate_.mutable_preferences()->set_personalisation(false);
  const ContentRecommendation answer = Answer();
  EXPECT_TRUE(answer.non_personalised);
  EXPECT_EQ(answer.ranker, "content-place-time-1");
  EXPECT_EQ(answer.matches[0].content().name(), "contents/near");
  // Home decides, and nothing else of the profile does.
  EXPECT_THAT(Names(), Not(Contains("hubei")));
  EXPECT_THAT(Names(), Contains("school"));
  for (const v1::ContentMatch& match : answer.matches) {
    for (const v1::Reason& reason : match.reasons()) {
      EXPECT_FALSE(reason.code().starts_with("AUDIENCE")) << reason.code();
    }
  }
  // The same answer whatever else the profile says.
  const auto text = [](const ContentRecommendation& answer) {
    std::string all;
    for (const auto& match : answer.matches) all += match.DebugString();
    return all;
  };
  const std::string before = text(answer);
  v1::Profile& profile = *graduate_.mutable_profile();
  profile.clear_educations();
  AddEducation(profile, 6, "undergraduate", "030101", 2030);
  profile.set_text("别的内容");
  profile.add_skills("焊接");
  profile.mutable_intent()->set_starting_business(true);
  EXPECT_EQ(text(Answer()), before);
}

TEST_F(ContentMatcherTest, PagesAreCutFromOneList) {
  for (int i = 0; i < 25; ++i) Put(Open(absl::StrCat("p", i), kPolicy));
  std::vector<std::string> seen;
  for (size_t offset = 0; offset < 25; offset += 10) {
    ContentMatchOptions options;
    options.offset = offset;
    const ContentRecommendation page = Answer(options);
    EXPECT_EQ(page.ranked, 25u);
    for (const v1::ContentMatch& match : page.matches) {
      seen.push_back(match.content().name());
      EXPECT_EQ(match.rank(), static_cast<int>(seen.size()));
    }
  }
  EXPECT_EQ(seen.size(), 25u);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));  // all score alike
}

// What comes and in which order does not depend on how rows came to lie.
TEST_F(ContentMatcherTest, TheOrderOfWritingDoesNotMatter) {
  for (uint32_t seed : {1u, 2u, 3u}) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 rng(seed);
    std::vector<v1::Content> contents;
    for (int i = 0; i < 60; ++i) {
      v1::Content content =
          i % 3 == 0 ? EventIn(absl::StrCat("c", i), "420100", i % 7)
                     : Open(absl::StrCat("c", i), i % 2 == 0 ? kPolicy : kNews);
      if (rng() % 2) content.mutable_audience()->add_regions("440000");
      if (rng() % 3 == 0) {
        content.mutable_audience()->add_any_of()->add_graduation_years(2026);
      }
      contents.push_back(std::move(content));
    }
    for (const v1::Content& content : contents) Put(content);
    ContentMatchOptions options;
    options.limit = 100;
    const std::vector<std::string> want = Names(options);
    EXPECT_EQ(want.size(), 60u);
    std::shuffle(contents.begin(), contents.end(), rng);
    for (v1::Content& content : contents) {
      content.set_url("https://example.gov.cn");  // a change
      Put(content);
    }
    EXPECT_EQ(Names(options), want);
    for (v1::Content& content : contents) {
      content.set_state(v1::Content::STATE_CLOSED);
      Put(content);
    }
    EXPECT_THAT(Names(options), IsEmpty());
  }
}

}  // namespace
}  // namespace gradmatch
