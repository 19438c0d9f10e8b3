#include "index/change.h"

#include <string>

#include "gtest/gtest.h"

namespace gradmatch {
namespace {

StoredHead Absent() { return {}; }
StoredHead Stored(int64_t revision, uint64_t hash) {
  return {.exists = true,
          .revision = revision,
          .content_hash = hash,
          .generation = 7,
          .etag = "7"};
}
StoredHead Tombstone(int64_t revision) {
  return {.tombstone = true, .revision = revision, .generation = 7};
}
Change UpsertOf(int64_t revision, uint64_t hash, Precondition p = {}) {
  Change change;
  change.revision = revision;
  change.content_hash = hash;
  change.precondition = p;
  return change;
}
Change DeleteOf(int64_t revision, Precondition p = {}) {
  Change change = UpsertOf(revision, 0, p);
  change.tombstone = true;
  return change;
}

struct Case {
  std::string name;
  StoredHead stored;
  Change change;
  Outcome outcome;
  int64_t revision;  // stored afterwards
  bool write_revision = false;
};
class DecideTest : public testing::TestWithParam<Case> {};

TEST_P(DecideTest, Decides) {
  const Decision got = Decide(GetParam().stored, GetParam().change);
  EXPECT_EQ(OutcomeName(got.outcome), OutcomeName(GetParam().outcome));
  EXPECT_EQ(got.revision, GetParam().revision);
  EXPECT_EQ(got.write_revision, GetParam().write_revision);
}

const Precondition kMustExist{.must_exist = true};
const Precondition kMustNotExist{.must_not_exist = true};
const Precondition kEtag7{.etag = "7"};
const Precondition kEtag6{.etag = "6"};
constexpr uint64_t kSame = 1, kOther = 2;
const uint64_t kSameMadeAnew = VersionedHash(kSame, 9);

INSTANTIATE_TEST_SUITE_P(
    Upsert, DecideTest,
    testing::ValuesIn<Case>({
        {"New", Absent(), UpsertOf(5, kSame), Outcome::kCreated, 5},
        {"NewNext", Absent(), UpsertOf(0, kSame), Outcome::kCreated, 1},
        {"Lower", Stored(5, kSame), UpsertOf(4, kOther), Outcome::kStale, 5},
        {"LowerSame", Stored(5, kSame), UpsertOf(4, kSame), Outcome::kStale, 5},
        {"EqualSame", Stored(5, kSame), UpsertOf(5, kSame), Outcome::kUnchanged,
         5},
        {"EqualOther", Stored(5, kSame), UpsertOf(5, kOther), Outcome::kStale,
         5},
        {"EqualMadeAnew", Stored(5, kSame), UpsertOf(5, kSameMadeAnew),
         Outcome::kUpdated, 5},
        {"LowerMadeAnew", Stored(5, kSame), UpsertOf(4, kSameMadeAnew),
         Outcome::kStale, 5},
        {"EqualOtherMadeAnew", Stored(5, kOther), UpsertOf(5, kSameMadeAnew),
         Outcome::kStale, 5},
        {"HigherSame", Stored(5, kSame), UpsertOf(9, kSame),
         Outcome::kUnchanged, 9, true},
        {"HigherOther", Stored(5, kSame), UpsertOf(9, kOther),
         Outcome::kUpdated, 9},
        {"NextOther", Stored(5, kSame), UpsertOf(0, kOther), Outcome::kUpdated,
         6},
        {"NextSame", Stored(5, kSame), UpsertOf(0, kSame), Outcome::kUnchanged,
         5},
        {"LowerThanTombstone", Tombstone(5), UpsertOf(4, kSame),
         Outcome::kStale, 5},
        {"EqualToTombstone", Tombstone(5), UpsertOf(5, kSame), Outcome::kStale,
         5},
        {"HigherThanTombstone", Tombstone(5), UpsertOf(6, kSame),
         Outcome::kCreated, 6},
        {"NextAfterTombstone", Tombstone(5), UpsertOf(0, kSame),
         Outcome::kCreated, 6},
    }),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Delete, DecideTest,
    testing::ValuesIn<Case>({
        {"Next", Stored(5, kSame), DeleteOf(0), Outcome::kDeleted, 6},
        {"Higher", Stored(5, kSame), DeleteOf(8), Outcome::kDeleted, 8},
        {"Equal", Stored(5, kSame), DeleteOf(5), Outcome::kStale, 5},
        {"Lower", Stored(5, kSame), DeleteOf(4), Outcome::kStale, 5},
        {"Absent", Absent(), DeleteOf(0), Outcome::kNotFound, 0},
        {"AbsentKeepsRevision", Absent(), DeleteOf(8), Outcome::kDeleted, 8},
        {"Again", Tombstone(5), DeleteOf(0), Outcome::kNotFound, 5},
        {"AgainEqual", Tombstone(5), DeleteOf(5), Outcome::kUnchanged, 5},
        {"AgainHigher", Tombstone(5), DeleteOf(6), Outcome::kUnchanged, 6,
         true},
        {"AgainLower", Tombstone(5), DeleteOf(4), Outcome::kStale, 5},
    }),
    [](const auto& info) { return info.param.name; });

Change ForgetOf(absl::Time before) {
  Change change = DeleteOf(0);
  change.tombstone = false;
  change.forget_before = before;
  return change;
}
StoredHead OldTombstone() {
  StoredHead head = Tombstone(5);
  head.update_time = absl::FromUnixSeconds(100);
  return head;
}
StoredHead OldRecord() {
  StoredHead head = Stored(5, kSame);
  head.update_time = absl::FromUnixSeconds(100);
  return head;
}
Change BesideOf(Precondition p) {
  Change change = UpsertOf(0, kOther, p);
  change.also_only = true;
  return change;
}

INSTANTIATE_TEST_SUITE_P(
    Retention, DecideTest,
    testing::ValuesIn<Case>({
        {"ForgetOld", OldTombstone(), ForgetOf(absl::FromUnixSeconds(101)),
         Outcome::kDeleted, 5},
        {"ForgetYoung", OldTombstone(), ForgetOf(absl::FromUnixSeconds(100)),
         Outcome::kUnchanged, 5},
        {"ForgetRecord", OldRecord(), ForgetOf(absl::FromUnixSeconds(900)),
         Outcome::kUnchanged, 5},
        {"ForgetAbsent", Absent(), ForgetOf(absl::FromUnixSeconds(900)),
         Outcome::kUnchanged, 0},
        {"Beside", Stored(5, kSame), BesideOf(kEtag7), Outcome::kUnchanged, 5},
        {"BesideOther", Stored(5, kSame), BesideOf(kEtag6),
         Outcome::kEtagMismatch, 5},
        {"BesideAbsent", Absent(), BesideOf(kMustNotExist), Outcome::kUnchanged,
         0},
        {"BesideNew", Stored(5, kSame), BesideOf(kMustNotExist),
         Outcome::kAlreadyExists, 5},
    }),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Precondition, DecideTest,
    testing::ValuesIn<Case>({
        {"MustExistAbsent", Absent(), UpsertOf(0, kSame, kMustExist),
         Outcome::kNotFound, 0},
        {"MustExistTombstone", Tombstone(5), UpsertOf(0, kSame, kMustExist),
         Outcome::kNotFound, 5},
        {"MustExist", Stored(5, kSame), UpsertOf(0, kOther, kMustExist),
         Outcome::kUpdated, 6},
        {"MustNotExist", Absent(), UpsertOf(0, kSame, kMustNotExist),
         Outcome::kCreated, 1},
        {"MustNotExistTombstone", Tombstone(5),
         UpsertOf(0, kSame, kMustNotExist), Outcome::kCreated, 6},
        {"MustNotExistStored", Stored(5, kSame),
         UpsertOf(0, kSame, kMustNotExist), Outcome::kAlreadyExists, 5},
        {"Etag", Stored(5, kSame), UpsertOf(0, kOther, kEtag7),
         Outcome::kUpdated, 6},
        {"EtagOld", Stored(5, kSame), UpsertOf(0, kOther, kEtag6),
         Outcome::kEtagMismatch, 5},
        {"EtagBeforeRevision", Stored(5, kSame), UpsertOf(4, kOther, kEtag6),
         Outcome::kEtagMismatch, 5},
        {"EtagAbsent", Absent(), UpsertOf(0, kSame, kEtag7), Outcome::kNotFound,
         0},
        {"EtagTombstone", Tombstone(5), UpsertOf(0, kSame, kEtag7),
         Outcome::kNotFound, 5},
        {"DeleteEtagOld", Stored(5, kSame), DeleteOf(0, kEtag6),
         Outcome::kEtagMismatch, 5},
    }),
    [](const auto& info) { return info.param.name; });

TEST(RecordTest, SurvivesTheRoundTrip) {
  Record record;
  record.head = Stored(5, kSame);
  record.head.create_time = absl::FromUnixMicros(11);
  record.head.update_time = absl::FromUnixMicros(12);
  record.payload = std::string("\0payload", 8);
  const auto got = ParseRecord(SerializeRecord(record));
  ASSERT_TRUE(got.ok());
  EXPECT_TRUE(got->head.exists);
  EXPECT_FALSE(got->head.tombstone);
  EXPECT_EQ(got->head.revision, 5);
  EXPECT_EQ(got->head.content_hash, kSame);
  EXPECT_EQ(got->head.generation, 7u);
  EXPECT_EQ(got->head.etag, "7");
  EXPECT_EQ(got->head.create_time, record.head.create_time);
  EXPECT_EQ(got->head.update_time, record.head.update_time);
  EXPECT_EQ(got->payload, record.payload);
}

TEST(RecordTest, DamageIsDataLoss) {
  EXPECT_EQ(ParseRecord("\xff\xff").status().code(),
            absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace gradmatch
