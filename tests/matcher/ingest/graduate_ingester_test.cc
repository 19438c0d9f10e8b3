#include "matcher/ingest/graduate_ingester.h"

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "matcher/ingest/keep_decisions.h"
#include "matcher/ingest/normalize_graduate.h"
#include "tests/matcher/ingest/ingest_fixture.h"

namespace gradmatch {
namespace {

using testing::HasSubstr;
using testing::Not;
using Result = v1::SyncRowResult;

v1::Graduate GoodGraduate(const std::string& id) {
  v1::Graduate graduate;
  graduate.set_name("graduates/" + id);
  v1::Profile& profile = *graduate.mutable_profile();
  v1::Education& education = *profile.add_educations();
  education.set_level(v1::EDUCATION_LEVEL_BACHELOR);
  v1::Code& major = *education.add_majors();
  major.set_system("undergraduate");
  major.set_code("120203K");
  profile.add_skills("Excel");
  profile.set_text("熟悉账务处理");
  return graduate;
}

class GraduateIngesterTest : public IngestFixture {
 protected:
  static GraduateOp Upsert(v1::Graduate graduate) {
    GraduateOp op;
    op.graduate = std::move(graduate);
    return op;
  }
  static GraduateOp Act(IngestAction action, const std::string& id) {
    GraduateOp op;
    op.action = action;
    op.graduate_id = id;
    return op;
  }
  std::vector<GraduateRow> Run(const std::vector<GraduateOp>& ops,
                               GraduateIngestOptions options = {}) {
    options.return_records = true;
    auto rows = graduates_->Ingest(ops, options);
    EXPECT_TRUE(rows.ok()) << rows.status();
    return rows.ok() ? *std::move(rows) : std::vector<GraduateRow>(ops.size());
  }
  std::string Key(const std::string& id) {
    return GraduateKey(pseudonyms_.Of(id));
  }
  bool HasEmbedding(const std::string& id) {
    return Has(Family::kEmbedding, EmbeddingKey(RecordKind::kGraduate, Key(id),
                                                encoder_.info().id));
  }
};

TEST_F(GraduateIngesterTest, IsKeyedByPseudonymWithItsEmbedding) {
  const GraduateRow row = Run({Upsert(GoodGraduate("u1"))})[0];
  EXPECT_EQ(row.status, Result::STATUS_CREATED);
  EXPECT_EQ(row.name, "graduates/u1");
  EXPECT_EQ(row.record->lifecycle(), v1::Graduate::LIFECYCLE_ACTIVE);
  EXPECT_EQ(row.record->profile().educations(0).majors(0).code(), "120203");
  EXPECT_EQ(row.record->etag(), row.etag);
  EXPECT_TRUE(Has(Family::kGraduate, Key("u1")));
  EXPECT_FALSE(Has(Family::kGraduate, "u1"));
  EXPECT_TRUE(HasEmbedding("u1"));
  Reopen();
  const auto record = catalog_->Get(CollectionId::kGraduates, Key("u1"));
  ASSERT_TRUE(record.ok());
  EXPECT_EQ(GraduateFromRecord(*record)->SerializeAsString(),
            row.record->SerializeAsString());
}

// Embeddings of encoders that are gone are found by reading their keys.
TEST_F(GraduateIngesterTest, KeysOfEmbeddingsKeepTheGrammar) {
  const std::string key =
      EmbeddingKey(RecordKind::kGraduate, Key("u1"), encoder_.info().id);
  const auto parts = ParseEmbeddingKey(key);
  ASSERT_TRUE(parts.has_value()) << encoder_.info().id;
  EXPECT_EQ(parts->record_key, Key("u1"));
  EXPECT_EQ(parts->encoder_id, encoder_.info().id);
}

TEST_F(GraduateIngesterTest, ClosingMeansPlacedAndDropsTheEmbedding) {
  Run({Upsert(GoodGraduate("u1"))});
  EXPECT_EQ(Run({Act(IngestAction::kClose, "u1")})[0].status,
            Result::STATUS_CLOSED);
  const auto rows =
      Run({Act(IngestAction::kClose, "u1"), Act(IngestAction::kClose, "u2")});
  EXPECT_EQ(rows[0].status, Result::STATUS_UNCHANGED);
  EXPECT_EQ(rows[0].record->lifecycle(), v1::Graduate::LIFECYCLE_PLACED);
  EXPECT_EQ(ToStatus(rows[1]).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReasonOf(ToStatus(rows[1])), kGraduateNotFound);
  EXPECT_FALSE(HasEmbedding("u1"));
  v1::Graduate active = GoodGraduate("u1");
  active.set_lifecycle(v1::Graduate::LIFECYCLE_ACTIVE);
  EXPECT_EQ(Run({Upsert(active)})[0].status, Result::STATUS_UPDATED);
  EXPECT_TRUE(HasEmbedding("u1"));
}

// A source repeats its rows night after night and knows nothing of what the
// graduate said in between.
TEST_F(GraduateIngesterTest, RowsDoNotUndoWhatWasDecidedSince) {
  using G = v1::Graduate;
  struct Case {
    std::string name;
    std::function<void(G&)> decide;
    std::function<void(G&)> row;  // what the row states
    G::Lifecycle want;
  };
  const auto nothing = [](G&) {};
  const auto active = [](G& g) { g.set_lifecycle(G::LIFECYCLE_ACTIVE); };
  const std::vector<Case> cases = {
      {"OptOut",
       [](G& g) { g.mutable_preferences()->set_personalisation(false); },
       nothing, G::LIFECYCLE_ACTIVE},
      {"OptedOutLifecycle",
       [](G& g) { g.set_lifecycle(G::LIFECYCLE_OPTED_OUT); }, nothing,
       G::LIFECYCLE_OPTED_OUT},
      {"StatedLifecycle", [](G& g) { g.set_lifecycle(G::LIFECYCLE_OPTED_OUT); },
       active, G::LIFECYCLE_ACTIVE},
      {"Placement",
       [](G& g) {
         g.mutable_placement()->set_kind(v1::Placement::KIND_STUDY);
         g.set_lifecycle(G::LIFECYCLE_PLACED);
       },
       active, G::LIFECYCLE_PLACED},
      {"Freeze",
       [](G& g) {
         g.set_lifecycle_before_freeze(G::LIFECYCLE_ACTIVE);
         g.set_lifecycle(G::LIFECYCLE_FROZEN);
       },
       active, G::LIFECYCLE_FROZEN},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    G row = GoodGraduate(c.name);
    row.set_revision(5);
    c.row(row);
    Run({Upsert(row)});
    GraduateOp decision = Upsert(row);
    decision.keeps = Keeps::kNothing;
    decision.graduate.clear_revision();
    c.decide(decision.graduate);
    const GraduateRow decided = Run({decision})[0];
    EXPECT_EQ(decided.record->revision(), 5);  // the source's own

    // The same row again, and then a newer one, twice.
    EXPECT_NE(Run({Upsert(row)})[0].status, Result::STATUS_UPDATED);
    row.set_revision(6);
    row.mutable_profile()->set_text("新的自我介绍");
    const GraduateRow newer = Run({Upsert(row)})[0];
    EXPECT_EQ(newer.status, Result::STATUS_UPDATED);
    EXPECT_EQ(newer.record->profile().text(), "新的自我介绍");
    EXPECT_EQ(newer.record->lifecycle(), c.want);
    EXPECT_EQ(newer.record->has_placement(), decided.record->has_placement());
    EXPECT_EQ(newer.record->preferences().SerializeAsString(),
              decided.record->preferences().SerializeAsString());
    EXPECT_EQ(Run({Upsert(row)})[0].status, Result::STATUS_UNCHANGED);

    // What was decided can be taken back, though the row is as it was.
    G back = *newer.record;
    back.clear_placement();
    back.clear_lifecycle_before_freeze();
    back.clear_preferences();
    back.set_lifecycle(G::LIFECYCLE_ACTIVE);
    decision.graduate = back;
    decision.graduate.clear_revision();
    Run({decision});
    row.set_revision(7);
    const GraduateRow after = Run({Upsert(row)})[0];
    EXPECT_EQ(after.record->lifecycle(), G::LIFECYCLE_ACTIVE);
    EXPECT_FALSE(after.record->has_placement());
    EXPECT_TRUE(HasEmbedding(c.name));
  }
}

TEST_F(GraduateIngesterTest, AnErasedIdIsRefusedWhateverTheOperation) {
  Run({Upsert(GoodGraduate("gone")), Upsert(GoodGraduate("here"))});
  WriteBatch also;
  also.Put(Family::kMeta, "also", "x");
  ASSERT_TRUE(graduates_->Erase("gone", also).ok());
  EXPECT_TRUE(Has(Family::kMeta, "also"));
  EXPECT_FALSE(Has(Family::kGraduate, Key("gone")));
  const absl::Status again = graduates_->Erase("gone", {});
  EXPECT_EQ(ReasonOf(again), kGraduateErased);
  v1::Graduate revised = GoodGraduate("gone");
  revised.set_revision(99);
  const auto rows =
      Run({Upsert(GoodGraduate("gone")), Upsert(revised),
           Act(IngestAction::kDelete, "gone"),
           Act(IngestAction::kClose, "gone"), Upsert(GoodGraduate("here"))});
  for (size_t i = 0; i < 4; ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(rows[i].status, Result::STATUS_REJECTED);
    EXPECT_EQ(ReasonOf(ToStatus(rows[i])), kGraduateErased);
    EXPECT_EQ(ToStatus(rows[i]).code(), absl::StatusCode::kFailedPrecondition);
  }
  EXPECT_EQ(rows[4].status, Result::STATUS_UNCHANGED);
  EXPECT_FALSE(Has(Family::kGraduate, Key("gone")));
  // The mark is not the pseudonym.
  EXPECT_NE(pseudonyms_.ErasedMark("gone"), pseudonyms_.Of("gone"));
}

TEST_F(GraduateIngesterTest, OnlyThoseWhoAreLookingAndAllowItAreEncoded) {
  v1::Graduate frozen = GoodGraduate("frozen");
  frozen.set_lifecycle(v1::Graduate::LIFECYCLE_FROZEN);
  v1::Graduate plain = GoodGraduate("plain");
  plain.mutable_preferences()->set_personalisation(false);
  Run({Upsert(frozen), Upsert(plain), Upsert(GoodGraduate("open"))});
  EXPECT_FALSE(HasEmbedding("frozen"));
  EXPECT_FALSE(HasEmbedding("plain"));
  EXPECT_TRUE(HasEmbedding("open"));
}

TEST_F(GraduateIngesterTest, RepeatsRevisionsAndDeletion) {
  v1::Graduate first = GoodGraduate("u1");
  first.set_revision(5);
  v1::Graduate old = GoodGraduate("u1");
  old.set_revision(4);
  const auto rows = Run({Upsert(first), Upsert(first), Upsert(old),
                         Act(IngestAction::kDelete, "u1"), Upsert(first)});
  const std::vector<Result::Status> want = {
      Result::STATUS_CREATED, Result::STATUS_UNCHANGED, Result::STATUS_STALE,
      Result::STATUS_CLOSED, Result::STATUS_STALE};
  for (size_t i = 0; i < want.size(); ++i) EXPECT_EQ(rows[i].status, want[i]);
  EXPECT_FALSE(HasEmbedding("u1"));
}

TEST_F(GraduateIngesterTest, ARevisionTooLargeDoesNotFailItsBatch) {
  v1::Graduate bad = GoodGraduate("u2");
  bad.set_revision(std::numeric_limits<int64_t>::max());
  const auto rows = Run({Upsert(GoodGraduate("u1")), Upsert(bad)});
  EXPECT_EQ(rows[0].status, Result::STATUS_CREATED);
  EXPECT_EQ(rows[1].status, Result::STATUS_REJECTED);
  EXPECT_EQ(rows[1].error.field(), "revision");
}

TEST_F(GraduateIngesterTest, AtomicAndValidateOnly) {
  v1::Graduate bad = GoodGraduate("u2");
  bad.mutable_profile()->mutable_intent()->set_min_monthly_pay(-1);
  const int64_t writes = memory_.writes();
  EXPECT_EQ(Run({Upsert(GoodGraduate("u1")), Upsert(bad)}, {.atomic = true})[1]
                .error.field(),
            "profile.intent.min_monthly_pay");
  // Every repeat is told in one go, not one a call.
  const auto repeats =
      Run({Upsert(GoodGraduate("u1")), Upsert(GoodGraduate("u1")),
           Upsert(GoodGraduate("u3")), Upsert(GoodGraduate("u3"))},
          {.atomic = true});
  EXPECT_EQ(repeats[1].error.reason(), kDuplicateId);
  EXPECT_EQ(repeats[3].error.reason(), kDuplicateId);
  EXPECT_EQ(
      Run({Upsert(GoodGraduate("u1"))}, {.validate_only = true})[0].status,
      Result::STATUS_CREATED);
  EXPECT_EQ(memory_.writes(), writes);
}

struct BadCase {
  std::string name;
  std::function<void(v1::Graduate&)> spoil;
  std::string reason;
  std::string field;
};
class BadGraduateTest : public testing::TestWithParam<BadCase> {};
TEST_P(BadGraduateTest, IsNamedAndNeverQuotesText) {
  v1::Graduate graduate = GoodGraduate("u1");
  ASSERT_TRUE(ValidateGraduate(graduate).empty());
  GetParam().spoil(graduate);
  const auto errors = ValidateGraduate(graduate);
  ASSERT_FALSE(errors.empty());
  EXPECT_EQ(errors[0].reason(), GetParam().reason);
  EXPECT_EQ(errors[0].field(), GetParam().field);
  EXPECT_THAT(errors[0].message(), Not(HasSubstr("私密")));
}
using G = v1::Graduate;
INSTANTIATE_TEST_SUITE_P(
    Fields, BadGraduateTest,
    testing::ValuesIn<BadCase>({
        {"LongText",
         [](G& g) {
           std::string text;
           for (int i = 0; i < 5'001; ++i) text += "私密";
           g.mutable_profile()->set_text(text);
         },
         kFieldTooLong, "profile.text"},
        {"LongSkill",
         [](G& g) {
           std::string text;
           for (int i = 0; i < 101; ++i) text += "私密";
           g.mutable_profile()->add_skills(text);
         },
         kFieldTooLong, "profile.skills[1]"},
        {"BadUtf8", [](G& g) { g.mutable_profile()->set_text("私密\xff"); },
         kEncodingInvalid, "profile.text"},
        {"Level",
         [](G& g) {
           g.mutable_profile()->mutable_educations(0)->set_level(
               static_cast<v1::EducationLevel>(12));
         },
         kFieldInvalid, "profile.educations[0].level"},
        {"Major",
         [](G& g) {
           g.mutable_profile()
               ->mutable_educations(0)
               ->mutable_majors(0)
               ->set_code("999999");
         },
         kCodeUnknown, "profile.educations[0].majors[0].code"},
        {"School",
         [](G& g) {
           g.mutable_profile()
               ->mutable_educations(0)
               ->mutable_school()
               ->set_code("1");
         },
         kCodeUnknown, "profile.educations[0].school.code"},
        {"Graduation",
         [](G& g) {
           g.mutable_profile()
               ->mutable_educations(0)
               ->mutable_graduation_time()
               ->set_seconds(-1);
         },
         kFieldOutOfRange, "profile.educations[0].graduation_time"},
        {"Place",
         [](G& g) {
           g.mutable_profile()->mutable_intent()->add_places()->set_code("1");
         },
         kCodeUnknown, "profile.intent.places[0].code"},
        {"Strength",
         [](G& g) {
           g.mutable_profile()->mutable_intent()->set_pay_strength(
               static_cast<v1::IntentStrength>(5));
         },
         kFieldInvalid, "profile.intent.pay_strength"},
        {"Experience",
         [](G& g) { g.mutable_profile()->set_experience_months(-2); },
         kFieldOutOfRange, "profile.experience_months"},
        {"Erased",
         [](G& g) { g.set_lifecycle(v1::Graduate::LIFECYCLE_ERASED); },
         kFieldReadOnly, "lifecycle"},
    }),
    [](const auto& info) { return info.param.name; });

TEST_F(GraduateIngesterTest, NamesThatAreNoPseudonyms) {
  for (const char* name : {"", "u1", "graduates/", "graduates/a/b",
                           "graduates/-x", "graduates/张三"}) {
    v1::Graduate graduate = GoodGraduate("x");
    graduate.set_name(name);
    EXPECT_EQ(Run({Upsert(graduate)})[0].error.reason(), kNameInvalid) << name;
  }
}

TEST_F(GraduateIngesterTest, NamesThatTellWhoItIs) {
  // The two examples of GB 11643, and a mobile number.
  for (const char* id : {"11010519491231002X", "11010519491231002x",
                         "440524188001010014", "13800000000"}) {
    const GraduateRow row = Run({Upsert(GoodGraduate(id))})[0];
    EXPECT_EQ(row.error.reason(), kNameInvalid) << id;
    EXPECT_EQ(row.error.DebugString().find(id), std::string::npos) << id;
  }
  // A wrong check character, numbers of students, hashes.
  for (const char* id :
       {"110105194912310021", "20220101012", "11000000000",
        "202201010123456789", "1380000000", "b4c1f3e2a9d80716f5"}) {
    EXPECT_EQ(Run({Upsert(GoodGraduate(id))})[0].status,
              v1::SyncRowResult::STATUS_CREATED)
        << id;
  }
}

TEST(NormalizeGraduateTest, ReadsNamesAndFlagsWithoutQuoting) {
  v1::Graduate graduate = GoodGraduate("u1");
  v1::Education& education = *graduate.mutable_profile()->add_educations();
  education.add_majors()->set_display("软件工程");
  education.add_majors()->set_display("私密的专业");
  NormalizeGraduate(graduate);
  EXPECT_EQ(graduate.profile().educations(1).majors(0).code(), "080902");
  ASSERT_EQ(graduate.issues_size(), 2);
  EXPECT_EQ(graduate.issues(0).code(), "DERIVED_FROM_TEXT");
  EXPECT_EQ(graduate.issues(1).code(), "CODE_MISSING");
  EXPECT_THAT(graduate.issues(1).ShortDebugString(), Not(HasSubstr("私密")));
}

}  // namespace
}  // namespace gradmatch
