// What people decided after a data snapshot was made, and who may call, in a
// folder that is restored from it.

#include <filesystem>

#include "gmock/gmock.h"
#include "index/base/error_reasons.h"
#include "index/file_system.h"
#include "tests/server/data_snapshots_fixture.h"

namespace gradmatch {
namespace {

using testing::HasSubstr;
using testing::Not;

class RestoredFolderTest : public DataSnapshotsTest {};

TEST_F(RestoredFolderTest, WhatPeopleDecidedSinceIsDecidedAgain) {
  ASSERT_NO_FATAL_FAILURE(Fill(6, 8));
  PushOff("graduates/g-7");
  const v1::DataSnapshot snapshot = MakeSnapshot();
  EXPECT_THAT(snapshot.name(), HasSubstr("dataSnapshots/2026"));

  Operation erasing;
  ASSERT_TRUE(
      Do(&Graduates::EraseGraduate, EraseNow("graduates/g-0"), erasing).ok());
  ASSERT_NO_FATAL_FAILURE(PushOff("graduates/g-1"));
  v1::ReportPlacementRequest place;
  place.set_name("graduates/g-2");
  place.mutable_placement()->set_kind(v1::Placement::KIND_STUDY);
  v1::Graduate graduate;
  ASSERT_TRUE(Do(&Graduates::ReportPlacement, place, graduate).ok());
  ASSERT_TRUE(Do(&Graduates::FreezeGraduate,
                 Because<v1::FreezeGraduateRequest>("graduates/g-3"), graduate)
                  .ok());
  v1::DeleteGraduateRequest remove;
  remove.set_name("graduates/g-4");
  google::protobuf::Empty empty;
  ASSERT_TRUE(Do(&Graduates::DeleteGraduate, remove, empty).ok());
  ASSERT_EQ(TryCreate("late-1"), "OK");
  ASSERT_NO_FATAL_FAILURE(PushOff("graduates/late-1"));
  ASSERT_EQ(TryCreate("late-2"), "OK");
  Operation late;
  ASSERT_TRUE(
      Do(&Graduates::EraseGraduate, EraseNow("graduates/late-2"), late).ok());
  // Taken back: it is the last word that counts.
  v1::UpdatePreferencesRequest on;
  on.mutable_preferences()->set_name("graduates/g-7/preferences");
  on.mutable_preferences()->set_push(true);
  v1::Preferences preferences;
  ASSERT_TRUE(Do(&Graduates::UpdatePreferences, on, preferences).ok());
  ASSERT_TRUE(WaitForTheEnd(erasing.name(), erasing).ok());

  server_.Stop();
  ASSERT_TRUE(Restore(snapshot).ok());
  for (int round = 0; round < 2; ++round) {
    SCOPED_TRACE(round);  // the second time without the mark
    ServeRestored();
    EXPECT_FALSE(std::filesystem::exists(temp_ / "restored/RESTORED"));
    EXPECT_EQ(TryGet("graduates/g-0"), "NOT_FOUND GRADUATE_NOT_FOUND");
    EXPECT_EQ(TryCreate("g-0"), "FAILED_PRECONDITION GRADUATE_ERASED");
    EXPECT_EQ(TryCreate("late-2"), "FAILED_PRECONDITION GRADUATE_ERASED");
    EXPECT_FALSE(Get("graduates/g-1").preferences().push());
    EXPECT_EQ(Get("graduates/g-2").lifecycle(), v1::Graduate::LIFECYCLE_PLACED);
    EXPECT_TRUE(Get("graduates/g-2").has_placement());
    EXPECT_EQ(Get("graduates/g-3").lifecycle(), v1::Graduate::LIFECYCLE_FROZEN);
    EXPECT_EQ(TryGet("graduates/g-4"), "NOT_FOUND GRADUATE_NOT_FOUND");
    EXPECT_EQ(Get("graduates/g-5").lifecycle(), v1::Graduate::LIFECYCLE_ACTIVE);
    EXPECT_EQ(Get("graduates/g-5").profile().skills_size(), 1) << "untouched";
    EXPECT_FALSE(Get("graduates/late-1").preferences().push());
    EXPECT_TRUE(Get("graduates/g-7").preferences().push());
    // The receipt of then, and no file with any of the person.
    EXPECT_TRUE(Eventually([&] {
      return Receipt(erasing).state() == v1::ErasureReceipt::STATE_PURGED;
    }));
    EXPECT_EQ(FilesWith("g-0"), 0);
    EXPECT_GT(FilesWith("g-5"), 0);
  }
  // The first row that its source sends again fills what only a decision made.
  v1::UpdateGraduateRequest row;
  *row.mutable_graduate() = GoodGraduate();
  row.mutable_graduate()->set_name("graduates/late-1");
  row.mutable_graduate()->set_revision(1);
  ASSERT_TRUE(Do(&Graduates::UpdateGraduate, row, graduate).ok());
  EXPECT_EQ(Get("graduates/late-1").profile().skills_size(), 1);
  EXPECT_FALSE(Get("graduates/late-1").preferences().push());
  EXPECT_EQ(RestoreInAudit().resource(), snapshot.name());
}

// A decision of the restored folder has a lower generation than those before.
TEST_F(RestoredFolderTest, ASecondRestoreHasTheDecisionsOfBothLives) {
  ASSERT_NO_FATAL_FAILURE(Fill(1, 3));
  const v1::DataSnapshot snapshot = MakeSnapshot();
  ASSERT_NO_FATAL_FAILURE(PushOff("graduates/g-0"));
  server_.Stop();
  ASSERT_TRUE(Restore(snapshot).ok());
  ServeRestored();
  ASSERT_NO_FATAL_FAILURE(PushOff("graduates/g-1"));
  v1::UpdatePreferencesRequest on;
  on.mutable_preferences()->set_name("graduates/g-0/preferences");
  on.mutable_preferences()->set_push(true);
  v1::Preferences preferences;
  ASSERT_TRUE(Do(&Graduates::UpdatePreferences, on, preferences).ok());
  server_.Stop();
  std::filesystem::remove_all(temp_ / "restored");
  ASSERT_TRUE(Restore(snapshot).ok());
  ServeRestored();
  EXPECT_TRUE(Get("graduates/g-0").preferences().push());
  EXPECT_FALSE(Get("graduates/g-1").preferences().push());
}

// Who may call, and what is sealed, is as it was last: a token that was revoked
// since, or a status that was taken back, does not come back with the folder.
TEST_F(RestoredFolderTest, TokensAndSealedValuesAreAsTheyWereLast) {
  ASSERT_NO_FATAL_FAILURE(Fill(1, 6));
  const std::string revoked = NewToken("revoked");
  const std::string rotated = NewToken("rotated");
  const std::string stays = NewToken("stays");
  for (const char* name : {"graduates/g-0", "graduates/g-1", "graduates/g-2",
                           "graduates/g-3", "graduates/g-4"}) {
    Seal(name, true);
  }
  const v1::DataSnapshot snapshot = MakeSnapshot();
  ASSERT_TRUE(engine().bearers.Revoke("revoked").ok());
  const std::string fresh = RotateToken("rotated");
  const std::string late = NewToken("late");
  Unseal("graduates/g-1");
  Seal("graduates/g-2", false);
  Operation erasing;
  ASSERT_TRUE(
      Do(&Graduates::EraseGraduate, EraseNow("graduates/g-3"), erasing).ok());
  v1::DeleteGraduateRequest remove;
  remove.set_name("graduates/g-4");
  google::protobuf::Empty empty;
  ASSERT_TRUE(Do(&Graduates::DeleteGraduate, remove, empty).ok());
  Seal("graduates/g-5", true);
  const std::vector<std::string> ids = {"g-0", "g-1", "g-2",
                                        "g-3", "g-4", "g-5"};
  ASSERT_TRUE(WaitForTheEnd(erasing.name(), erasing).ok());
  EXPECT_EQ(Sealed(ids), "y-n--y");
  // Of who was erased, the journal has no sealed values either.
  const auto journal = ReadFile(folder() + "/RIGHTS");
  ASSERT_TRUE(journal.ok()) << journal.status();
  EXPECT_THAT(*journal, HasSubstr(engine().pseudonyms.Of("g-1")));
  EXPECT_THAT(*journal, Not(HasSubstr(engine().pseudonyms.Of("g-3"))));

  server_.Stop();
  ASSERT_TRUE(Restore(snapshot).ok());
  for (int round = 0; round < 2; ++round) {
    SCOPED_TRACE(round);
    ServeRestored();
    EXPECT_EQ(Verify(revoked), "TOKEN_REVOKED");
    EXPECT_EQ(Verify(rotated), "TOKEN_INVALID");
    EXPECT_EQ(Verify(stays), "OK");
    EXPECT_EQ(Verify(fresh), "OK");
    EXPECT_EQ(Verify(late), "OK");
    // Who was erased is erased again while others are served already.
    EXPECT_TRUE(Eventually([&] { return Sealed(ids) == "y-n--y"; }))
        << Sealed(ids);
  }
}

// What changes while there is no folder for snapshots is in no journal; tokens
// are caught up with, and what the journal says of before does not undo it.
TEST_F(RestoredFolderTest, AnOlderEntryDoesNotUndoWhatASnapshotHas) {
  ASSERT_NO_FATAL_FAILURE(Fill(1, 2));
  const std::string revoked = NewToken("revoked");
  const v1::DataSnapshot before = MakeSnapshot();
  Seal("graduates/g-0", true);
  const std::string first = RotateToken("revoked");
  server_.Stop();
  server_.Start({{"storage.data_dir", temp_ / "data"},
                 {"privacy.seal_key_file", keys_.path()}});
  Unseal("graduates/g-0");
  ASSERT_TRUE(engine().bearers.Revoke("revoked").ok());
  Begin({});
  const v1::DataSnapshot after = MakeSnapshot();
  for (const v1::DataSnapshot& snapshot : {after, before}) {
    server_.Stop();
    std::filesystem::remove_all(temp_ / "restored");
    ASSERT_TRUE(Restore(snapshot).ok());
    ServeRestored();
    EXPECT_EQ(Verify(revoked), "TOKEN_INVALID");
    EXPECT_EQ(Verify(first), "TOKEN_REVOKED");
    if (snapshot.name() == after.name()) {
      EXPECT_EQ(Sealed({"g-0"}), "-");
    }
  }
}

TEST_F(RestoredFolderTest, WithoutTheJournalNothingIsServedUnlessAccepted) {
  ASSERT_NO_FATAL_FAILURE(Fill(1, 2));
  const v1::DataSnapshot snapshot = MakeSnapshot();
  server_.Stop();
  ASSERT_TRUE(Restore(snapshot).ok());
  std::filesystem::remove(folder() + "/RIGHTS");
  server_.Listen(With({{"storage.data_dir", temp_ / "restored"}}));
  const absl::Status refused = server_.server().Load();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("--accept-missing-erasures"));
  EXPECT_TRUE(std::filesystem::exists(temp_ / "restored/RESTORED"));
  server_.Stop();

  std::filesystem::remove_all(temp_ / "restored");
  ASSERT_TRUE(Restore(snapshot, "磁盘全毁").ok());
  ServeRestored();
  const v1::AuditEntry told = RestoreInAudit();
  EXPECT_EQ(told.purpose(), "磁盘全毁");
  EXPECT_EQ(told.result(), "MISSING_ERASURES_ACCEPTED");
}

// Decisions that were stored and not journaled, as when the process ends in
// between, are caught up with at the next start.
TEST_F(RestoredFolderTest, WhatWasNotJournaledIsCaughtUpWith) {
  ASSERT_NO_FATAL_FAILURE(Fill(1, 2));
  const v1::DataSnapshot snapshot = MakeSnapshot();
  server_.Stop();
  // Without the folder nothing is journaled.
  server_.Start({{"storage.data_dir", temp_ / "data"}});
  ASSERT_NO_FATAL_FAILURE(PushOff("graduates/g-1"));
  Begin({});
  server_.Stop();
  ASSERT_TRUE(Restore(snapshot).ok());
  ServeRestored();
  EXPECT_FALSE(Get("graduates/g-1").preferences().push());
}

}  // namespace
}  // namespace gradmatch
