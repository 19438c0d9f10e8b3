#include "matcher/ingest/content_ingester.h"

#include <functional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "index/base/error_reasons.h"
#include "matcher/content_schema.h"
#include "matcher/ingest/normalize_content.h"
#include "matcher/ingest/normalize_posting.h"
#include "matcher/ingest/validate_content.h"
#include "tests/matcher/ingest/ingest_fixture.h"

namespace gradmatch {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Result = v1::SyncRowResult;
using C = v1::Content;

constexpr int64_t kNow = 1'763'800'000;  // the fixture's clock, 2025-11-22

v1::Content Policy(const std::string& id) {
  v1::Content content;
  content.set_name("contents/" + id);
  content.set_kind(v1::CONTENT_KIND_POLICY);
  content.set_title("一次性求职补贴");
  content.set_text("毕业年度内困难毕业生可申领。");
  content.set_url("https://example.gov.cn/1");
  content.mutable_publish_time()->set_seconds(kNow - 86'400);
  return content;
}

v1::Content Event(const std::string& id) {
  v1::Content content = Policy(id);
  content.set_kind(v1::CONTENT_KIND_EVENT);
  content.set_title("联合招聘会");
  v1::EventDetails& event = *content.mutable_event();
  event.mutable_period()->mutable_start_time()->set_seconds(kNow + 86'400);
  event.mutable_location()->mutable_region()->set_code("420100");
  return content;
}

// --- Validation ---

struct BadCase {
  std::string name;
  std::function<void(C&)> spoil;
  std::string reason;
  std::string field;
};
class BadContentTest : public testing::TestWithParam<BadCase> {};

TEST_P(BadContentTest, IsNamedByReasonAndField) {
  v1::Content content = Event("e");
  ASSERT_THAT(ValidateContent(content), IsEmpty());
  GetParam().spoil(content);
  const auto errors = ValidateContent(content);
  ASSERT_FALSE(errors.empty());
  EXPECT_EQ(errors[0].reason(), GetParam().reason);
  EXPECT_EQ(errors[0].field(), GetParam().field);
  EXPECT_FALSE(errors[0].message().empty());
}

void Nest(v1::Audience& audience, int depth) {
  v1::Audience& child = *audience.add_any_of();
  child.add_graduation_years(2026);
  if (depth > 1) Nest(child, depth - 1);
}

INSTANTIATE_TEST_SUITE_P(
    Fields, BadContentTest,
    testing::ValuesIn<BadCase>({
        {"NoTitle", [](C& c) { c.set_title(" \n"); }, kFieldMissing, "title"},
        {"LongTitle", [](C& c) { c.set_title(std::string(201, 'x')); },
         kFieldTooLong, "title"},
        {"LongText", [](C& c) { c.set_text(std::string(20'001, 'x')); },
         kFieldTooLong, "text"},
        {"TooManyBytes", [](C& c) { c.set_text(std::string(600'000, 'x')); },
         kFieldTooLong, ""},
        {"LongUrl", [](C& c) { c.set_url(std::string(2'001, 'x')); },
         kFieldTooLong, "url"},
        {"NotUtf8", [](C& c) { c.mutable_event()->add_employers("\xff"); },
         kEncodingInvalid, "event.employers[0]"},
        {"NoKind", [](C& c) { c.clear_kind(); }, kFieldMissing, "kind"},
        {"Posting", [](C& c) { c.set_kind(v1::CONTENT_KIND_POSTING); },
         kFieldInvalid, "kind"},
        {"UnknownKind", [](C& c) { c.set_kind(v1::ContentKind(77)); },
         kFieldInvalid, "kind"},
        {"UnknownState", [](C& c) { c.set_state(C::State(9)); }, kFieldInvalid,
         "state"},
        {"EventOfAPolicy", [](C& c) { c.set_kind(v1::CONTENT_KIND_POLICY); },
         kFieldInvalid, "event"},
        {"CourseOfAnEvent", [](C& c) { c.mutable_course(); }, kFieldInvalid,
         "course"},
        {"EventWithoutStart", [](C& c) { c.mutable_event()->clear_period(); },
         kFieldMissing, "event.period.start_time"},
        {"EventWithoutPlace", [](C& c) { c.mutable_event()->clear_location(); },
         kFieldMissing, "event.location"},
        {"EventEndsBeforeItStarts",
         [](C& c) {
           c.mutable_event()->mutable_period()->mutable_end_time()->set_seconds(
               kNow);
         },
         kDatesOutOfOrder, "event.period.end_time"},
        {"ExpiresBeforeItIsPublished",
         [](C& c) { c.mutable_expire_time()->set_seconds(kNow - 90'000); },
         kDatesOutOfOrder, "expire_time"},
        {"TimeOfAnotherAge",
         [](C& c) { c.mutable_publish_time()->set_seconds(1); },
         kFieldOutOfRange, "publish_time"},
        {"UnknownPlace",
         [](C& c) {
           c.mutable_event()->mutable_location()->mutable_region()->set_code(
               "999999");
         },
         kCodeUnknown, "event.location.region.code"},
        {"BadPostingName", [](C& c) { c.mutable_event()->add_postings("x"); },
         kNameInvalid, "event.postings[0]"},
        {"UnknownAudienceRegion",
         [](C& c) { c.mutable_audience()->add_regions("广东"); }, kCodeUnknown,
         "audience.regions[0]"},
        {"UnknownAudienceMajor",
         [](C& c) {
           v1::Code& major = *c.mutable_audience()->add_any_of()->add_majors();
           major.set_system("undergraduate");
           major.set_code("9999");
         },
         kCodeUnknown, "audience.any_of[0].majors[0].code"},
        {"AudienceLevelNone",
         [](C& c) {
           c.mutable_audience()->add_levels(v1::EDUCATION_LEVEL_UNSPECIFIED);
         },
         kFieldInvalid, "audience.levels[0]"},
        {"AudienceKindNone",
         [](C& c) {
           c.mutable_audience()->add_posting_kinds(
               v1::POSTING_KIND_UNSPECIFIED);
         },
         kFieldInvalid, "audience.posting_kinds[0]"},
        {"AudienceYear",
         [](C& c) { c.mutable_audience()->add_graduation_years(26); },
         kFieldOutOfRange, "audience.graduation_years[0]"},
        {"AlternativeForEverybody",
         [](C& c) { c.mutable_audience()->add_any_of(); }, kFieldMissing,
         "audience.any_of[0]"},
        {"TooDeep", [](C& c) { Nest(*c.mutable_audience(), 5); },
         kFieldOutOfRange,
         "audience.any_of[0].any_of[0].any_of[0].any_of[0].any_of[0]"},
        {"TooManyNodes",
         [](C& c) {
           for (int i = 0; i < 65; ++i) {
             c.mutable_audience()->add_none_of()->add_graduation_years(2026);
           }
         },
         kFieldOutOfRange, "audience.none_of[64]"},
    }),
    [](const auto& info) { return info.param.name; });

TEST(GoodContentTest, TheLimitsThemselvesAreFine) {
  v1::Content content = Event("e");
  Nest(*content.mutable_audience(), 4);
  for (int i = 0; i < 60; ++i) {
    content.mutable_audience()->add_none_of()->add_graduation_years(2026);
  }
  content.mutable_event()->clear_location();
  content.mutable_event()->set_online(true);
  EXPECT_THAT(ValidateContent(content), IsEmpty());
}

// --- Ingest ---

class ContentIngesterTest : public IngestFixture {
 protected:
  ContentIngesterTest() { RemakeContents(); }

  void RemakeContents() {
    contents_ = std::make_unique<ContentIngester>(
        *catalog_, encoder_, *screener_,
        [](std::string_view id) -> std::optional<bool> {
          if (id == "hubei") return false;
          if (id == "sandbox") return true;
          return std::nullopt;
        },
        clock_);
  }
  static ContentOp Put(v1::Content content, const std::string& writer = "") {
    ContentOp op;
    op.content = std::move(content);
    op.writer = writer;
    return op;
  }
  static ContentOp Remove(const std::string& id,
                          const std::string& writer = "") {
    ContentOp op;
    op.action = IngestAction::kDelete;
    op.content_id = id;
    op.writer = writer;
    return op;
  }
  std::vector<ContentRow> Run(const std::vector<ContentOp>& ops,
                              ContentIngestOptions options = {}) {
    options.return_records = true;
    auto rows = contents_->Ingest(ops, options);
    EXPECT_TRUE(rows.ok()) << rows.status();
    return rows.ok() ? *std::move(rows) : std::vector<ContentRow>(ops.size());
  }
  std::shared_ptr<const Snapshot> Searched() {
    return catalog_->CurrentSnapshot(CollectionId::kContents);
  }
  bool IsSearched(const std::string& id) {
    return Searched()->Find("contents/" + id).has_value();
  }
  static std::vector<std::string> Codes(const ContentRow& row) {
    std::vector<std::string> codes;
    for (const v1::Issue& issue : row.issues) codes.push_back(issue.code());
    return codes;
  }

  std::unique_ptr<ContentIngester> contents_;
};

TEST_F(ContentIngesterTest, IsStoredSearchableAndTheSameAfterReopening) {
  v1::Content policy = Policy("p1");
  policy.mutable_audience()->add_regions("44");
  const ContentRow row = Run({Put(policy)})[0];
  ASSERT_EQ(row.status, Result::STATUS_CREATED) << row.error.DebugString();
  EXPECT_EQ(row.name, "contents/p1");
  EXPECT_EQ(row.record->state(), C::STATE_OPEN);
  EXPECT_EQ(row.record->audience().regions(0), "440000");
  EXPECT_EQ(row.record->revision(), 1);
  EXPECT_FALSE(row.etag.empty());
  EXPECT_THAT(Codes(row), IsEmpty());
  EXPECT_TRUE(IsSearched("p1"));
  const auto vector = Searched()->Vector(*Searched()->Find("contents/p1"));
  const Embedding before(vector.begin(), vector.end());

  Reopen();
  EXPECT_EQ(catalog_->open_report().remade_embeddings, 0u);
  const auto record = catalog_->Get(CollectionId::kContents, ContentKey("p1"));
  ASSERT_TRUE(record.ok());
  EXPECT_EQ(ContentFromRecord("p1", *record)->SerializeAsString(),
            row.record->SerializeAsString());
  ASSERT_TRUE(IsSearched("p1"));
  const auto after = Searched()->Vector(*Searched()->Find("contents/p1"));
  EXPECT_EQ(Embedding(after.begin(), after.end()), before);
}

TEST_F(ContentIngesterTest, RevisionsAndContentDecideAsForPostings) {
  v1::Content policy = Policy("p1");
  policy.set_revision(5);
  EXPECT_EQ(Run({Put(policy)})[0].status, Result::STATUS_CREATED);
  EXPECT_EQ(Run({Put(policy)})[0].status, Result::STATUS_UNCHANGED);
  policy.set_revision(4);
  policy.set_title("旧标题");
  EXPECT_EQ(Run({Put(policy)})[0].status, Result::STATUS_STALE);
  policy.set_revision(6);
  EXPECT_EQ(Run({Put(policy)})[0].status, Result::STATUS_UPDATED);
  EXPECT_EQ(Run({Remove("p1")})[0].status, Result::STATUS_CLOSED);
  EXPECT_FALSE(IsSearched("p1"));
  EXPECT_EQ(Run({Put(policy)})[0].status, Result::STATUS_STALE);
  const ContentRow gone = Run({Remove("p1")})[0];
  EXPECT_EQ(gone.code, absl::StatusCode::kNotFound);
  EXPECT_EQ(gone.error.reason(), kContentNotFound);
}

TEST_F(ContentIngesterTest, OnlyOpenContentIsSearched) {
  v1::Content policy = Policy("p1");
  policy.set_state(C::STATE_DRAFT);
  EXPECT_EQ(Run({Put(policy)})[0].status, Result::STATUS_CREATED);
  EXPECT_FALSE(IsSearched("p1"));
  policy.set_state(C::STATE_OPEN);
  Run({Put(policy)});
  EXPECT_TRUE(IsSearched("p1"));
  policy.set_state(C::STATE_CLOSED);
  Run({Put(policy)});
  EXPECT_FALSE(IsSearched("p1"));
}

TEST_F(ContentIngesterTest, WhatIsMissingIsFilledAndFlagged) {
  v1::Content event = Event("e1");
  event.clear_publish_time();
  event.set_url("www.example.com");
  const ContentRow row = Run({Put(event)})[0];
  EXPECT_THAT(Codes(row), ElementsAre(kIssueUrlInvalid, kIssuePublishMissing,
                                      kIssueExpiryMissing));
  EXPECT_EQ(row.record->publish_time().seconds(), kNow);
  // The end of its day in China: 2025-11-24 00:00.
  EXPECT_EQ(row.record->expire_time().seconds(), 1'763'913'600);
  EXPECT_EQ(row.record->event().location().region().display(), "武汉市");

  v1::Content news = Policy("n1");
  news.set_kind(v1::CONTENT_KIND_NEWS);
  EXPECT_EQ(Run({Put(news)})[0].record->expire_time().seconds(),
            kNow - 86'400 + 90 * 86'400);
  EXPECT_FALSE(Run({Put(Policy("p1"))})[0].record->has_expire_time());

  v1::Content old = Policy("p2");
  old.mutable_expire_time()->set_seconds(kNow - 10);
  EXPECT_THAT(Codes(Run({Put(old)})[0]), ElementsAre(kIssueAlreadyExpired));
}

TEST_F(ContentIngesterTest, PostingsThatAreNotThereAreFlagged) {
  ASSERT_EQ(IngestOne(IngestFixture::Upsert(Good("1"))).status,
            Result::STATUS_CREATED);
  v1::Content event = Event("e1");
  event.mutable_event()->add_postings("sources/hubei/postings/1");
  event.mutable_event()->add_postings("sources/hubei/postings/2");
  event.mutable_event()->add_postings("sources/hubei/postings/1");
  const ContentRow row = Run({Put(event)})[0];
  EXPECT_EQ(row.status, Result::STATUS_CREATED);
  EXPECT_THAT(Codes(row),
              ElementsAre(kIssueExpiryMissing, kIssuePostingUnknown));
  EXPECT_EQ(row.issues[1].field(), "event.postings[1]");
  EXPECT_EQ(row.record->event().postings_size(), 2);
  for (int i = 0; i < 30; ++i) {
    event.mutable_event()->add_postings("sources/hubei/postings/x" +
                                        std::to_string(i));
  }
  // Ten by name and one for the rest.
  EXPECT_EQ(Codes(Run({Put(event)})[0]).size(), 12u);
}

TEST_F(ContentIngesterTest, ScreeningFlagsAndHoldsNothingBack) {
  v1::Content news = Policy("n1");
  news.set_text("入职前须缴纳押金500元。");
  const ContentRow row = Run({Put(news)})[0];
  EXPECT_THAT(Codes(row), Contains("FEE_OR_DEPOSIT"));
  EXPECT_EQ(row.issues[0].field(), "text");
  EXPECT_TRUE(IsSearched("n1"));
  news.set_name("contents/c1");
  news.set_kind(v1::CONTENT_KIND_COURSE);
  EXPECT_THAT(Codes(Run({Put(news)})[0]), IsEmpty());
}

TEST_F(ContentIngesterTest, ASourceChangesItsOwnContentOnly) {
  v1::Content policy = Policy("p1");
  policy.set_source("sources/hubei");
  EXPECT_EQ(Run({Put(policy, "sources/hubei")})[0].status,
            Result::STATUS_CREATED);
  v1::Content theirs = policy;
  theirs.set_title("改写");
  theirs.set_source("sources/sandbox");
  const ContentRow taken = Run({Put(theirs, "sources/sandbox")})[0];
  EXPECT_EQ(taken.error.reason(), kFieldReadOnly);
  EXPECT_EQ(taken.error.field(), "source");
  EXPECT_EQ(Run({Remove("p1", "sources/sandbox")})[0].error.reason(),
            kFieldReadOnly);
  // Nor does it write for another one.
  policy.set_name("contents/p2");
  EXPECT_EQ(Run({Put(policy, "sources/sandbox")})[0].error.reason(),
            kFieldReadOnly);
  EXPECT_TRUE(IsSearched("p1"));
  // The platform may.
  EXPECT_EQ(Run({Remove("p1")})[0].status, Result::STATUS_CLOSED);
}

TEST_F(ContentIngesterTest, SourcesMustExistAndSandboxesAreMarked) {
  v1::Content policy = Policy("p1");
  policy.set_source("sources/nowhere");
  const ContentRow row = Run({Put(policy)})[0];
  EXPECT_EQ(row.code, absl::StatusCode::kNotFound);
  EXPECT_EQ(row.error.reason(), kSourceNotFound);
  policy.set_source("hubei");
  EXPECT_EQ(Run({Put(policy)})[0].error.reason(), kNameInvalid);
  policy.set_source("sources/sandbox");
  EXPECT_EQ(Run({Put(policy)})[0].status, Result::STATUS_CREATED);
  EXPECT_EQ(Searched()->Scalar(kContentSandboxColumn,
                               *Searched()->Find("contents/p1")),
            1);
}

TEST_F(ContentIngesterTest, BadNamesPreconditionsAndBatches) {
  for (const char* name : {"", "contents/", "contents/-a", "contents/a/b",
                           "graduates/a", "contents/a b"}) {
    v1::Content content = Policy("x");
    content.set_name(name);
    const ContentRow row = Run({Put(content)})[0];
    EXPECT_EQ(row.error.field(), "name") << name;
    EXPECT_EQ(row.status, Result::STATUS_REJECTED) << name;
  }
  ContentOp create = Put(Policy("p1"));
  create.precondition.must_not_exist = true;
  EXPECT_EQ(Run({create})[0].status, Result::STATUS_CREATED);
  EXPECT_EQ(Run({create})[0].error.reason(), kAlreadyExists);
  ContentOp stale = Put(Policy("p1"));
  stale.precondition.etag = "999";
  EXPECT_EQ(Run({stale})[0].error.reason(), kEtagMismatch);

  // One bad row of an atomic call and nothing is written.
  v1::Content bad = Policy("bad");
  bad.clear_title();
  ContentIngestOptions atomic;
  atomic.atomic = true;
  Run({Put(Policy("p2")), Put(bad)}, atomic);
  EXPECT_FALSE(IsSearched("p2"));
  const auto repeats = Run({Put(Policy("p2")), Put(Policy("p2")),
                            Put(Policy("p4")), Put(Policy("p4"))},
                           atomic);
  EXPECT_EQ(repeats[1].error.reason(), kDuplicateId);
  EXPECT_EQ(repeats[3].error.reason(), kDuplicateId);
  EXPECT_FALSE(IsSearched("p2"));
  ContentIngestOptions dry;
  dry.validate_only = true;
  EXPECT_EQ(Run({Put(Policy("p3"))}, dry)[0].status, Result::STATUS_CREATED);
  EXPECT_FALSE(IsSearched("p3"));
}

TEST_F(ContentIngesterTest, TheSameContentTwiceInACallTakesEffectInOrder) {
  v1::Content first = Policy("p1"), second = Policy("p1");
  second.set_title("第二稿");
  const auto rows = Run({Put(first), Put(second), Remove("p1")});
  EXPECT_EQ(rows[0].status, Result::STATUS_CREATED);
  EXPECT_EQ(rows[1].status, Result::STATUS_UPDATED);
  EXPECT_EQ(rows[2].status, Result::STATUS_CLOSED);
  EXPECT_FALSE(IsSearched("p1"));
}

}  // namespace
}  // namespace gradmatch
