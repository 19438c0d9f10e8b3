// Data snapshots over a real socket, and what people decided after one was
// made, in a folder that is restored from it.

#include <filesystem>
#include <future>
#include <thread>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gradmatch/v1/snapshot_service.grpc.pb.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/data_snapshot/restored_mark.h"
#include "index/data_snapshot/snapshot_folder.h"
#include "index/data_snapshot/snapshot_restore.h"
#include "index/rocksdb_store.h"
#include "tests/server/rights_fixture.h"

namespace gradmatch {
namespace {

using Snapshots = v1::SnapshotService::Stub;
using testing::ElementsAre;
using testing::HasSubstr;

class DataSnapshotsTest : public RightsFixture {
 protected:
  DataSnapshotsTest() {
    server_.Stop();
    Begin({});
    server_.AddSource("hubei");
  }

  std::string folder() const { return temp_ / "snapshots"; }
  TestServer::Settings With(TestServer::Settings settings) const {
    settings.emplace("snapshot.folder", folder());
    settings.emplace("storage.data_dir", temp_ / "data");
    return settings;
  }
  void Begin(const TestServer::Settings& settings) {
    server_.Stop();
    server_.Start(With(settings));
  }

  std::unique_ptr<Snapshots> snapshots() {
    return v1::SnapshotService::NewStub(server_.channel());
  }
  absl::Status BeginSnapshot(Operation& operation) {
    return server_.Call(snapshots(), &Snapshots::CreateDataSnapshot,
                        v1::CreateDataSnapshotRequest(), operation);
  }
  v1::DataSnapshot MakeSnapshot() {
    server_.clock().Advance(absl::Seconds(1));
    Operation operation;
    absl::Status status = BeginSnapshot(operation);
    EXPECT_TRUE(status.ok()) << status;
    status = WaitForTheEnd(operation.name(), operation);
    EXPECT_TRUE(status.ok()) << status;
    v1::DataSnapshot snapshot;
    EXPECT_TRUE(operation.response().UnpackTo(&snapshot))
        << operation.ShortDebugString();
    server_.clock().Advance(absl::Seconds(1));
    return snapshot;
  }
  std::vector<v1::DataSnapshot> List() {
    v1::ListDataSnapshotsResponse response;
    const absl::Status status =
        server_.Call(snapshots(), &Snapshots::ListDataSnapshots,
                     v1::ListDataSnapshotsRequest(), response);
    EXPECT_TRUE(status.ok()) << status;
    return {response.data_snapshots().begin(), response.data_snapshots().end()};
  }
  // Waits for what the runner does by itself.
  bool Eventually(const std::function<bool()>& holds) {
    for (int i = 0; i < 200; ++i) {
      if (holds()) return true;
      absl::SleepFor(absl::Milliseconds(50));
    }
    return false;
  }
  absl::Status Restore(const v1::DataSnapshot& snapshot,
                       const std::string& accepted = "") {
    const std::string id = snapshot.name().substr(14);
    WorkMeter meter;
    return RestoreSnapshot({.snapshot = folder() + "/" + id,
                            .data_folder = temp_ / "restored",
                            .accepted = accepted},
                           meter)
        .status();
  }
  void ServeRestored() { Begin({{"storage.data_dir", temp_ / "restored"}}); }

  std::string TryCreate(const std::string& id) {
    v1::CreateGraduateRequest create;
    create.set_graduate_id(id);
    *create.mutable_graduate() = GoodGraduate();
    return Try<v1::CreateGraduateRequest, v1::Graduate>(
        &Graduates::CreateGraduate, create);
  }
  std::string TryGet(const std::string& name) {
    v1::GetGraduateRequest get;
    get.set_name(name);
    return Try<v1::GetGraduateRequest, v1::Graduate>(&Graduates::GetGraduate,
                                                     get);
  }
  void PushOff(const std::string& name) {
    v1::UpdatePreferencesRequest request;
    request.mutable_preferences()->set_name(name + "/preferences");
    request.mutable_preferences()->set_push(false);
    v1::Preferences preferences;
    const absl::Status status =
        Do(&Graduates::UpdatePreferences, request, preferences);
    ASSERT_TRUE(status.ok()) << status;
  }

  const TempFolder temp_;
};

TEST_F(DataSnapshotsTest, WhatPeopleDecidedSinceIsDecidedAgain) {
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
  v1::ListAuditEntriesRequest audit;
  audit.set_method("SnapshotService.Restore");
  v1::ListAuditEntriesResponse entries;
  ASSERT_TRUE(server_
                  .Call(server_.admin(),
                        &v1::AdminService::Stub::ListAuditEntries, audit,
                        entries)
                  .ok());
  ASSERT_EQ(entries.audit_entries_size(), 1);
  EXPECT_EQ(entries.audit_entries(0).resource(), snapshot.name());
}

// A decision of the restored folder has a lower generation than those before.
TEST_F(DataSnapshotsTest, ASecondRestoreHasTheDecisionsOfBothLives) {
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

TEST_F(DataSnapshotsTest, WithoutTheJournalNothingIsServedUnlessAccepted) {
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
  v1::ListAuditEntriesRequest audit;
  audit.set_method("SnapshotService.Restore");
  v1::ListAuditEntriesResponse entries;
  ASSERT_TRUE(server_
                  .Call(server_.admin(),
                        &v1::AdminService::Stub::ListAuditEntries, audit,
                        entries)
                  .ok());
  ASSERT_EQ(entries.audit_entries_size(), 1);
  EXPECT_EQ(entries.audit_entries(0).purpose(), "磁盘全毁");
  EXPECT_EQ(entries.audit_entries(0).result(), "MISSING_ERASURES_ACCEPTED");
}

// Decisions that were stored and not journaled, as when the process ends in
// between, are caught up with at the next start.
TEST_F(DataSnapshotsTest, WhatWasNotJournaledIsCaughtUpWith) {
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

TEST_F(DataSnapshotsTest, ReceiptsAndListsSayWhoStillHoldsThePerson) {
  ASSERT_NO_FATAL_FAILURE(Fill(1, 3));
  Operation operation;
  ASSERT_TRUE(
      Do(&Graduates::EraseGraduate, EraseNow("graduates/g-0"), operation).ok());
  ASSERT_TRUE(WaitForTheEnd(operation.name(), operation).ok());
  EXPECT_EQ(Receipt(operation).data_snapshots(), 0);
  EXPECT_FALSE(Receipt(operation).has_snapshots_expire_time());

  const v1::DataSnapshot first = MakeSnapshot();
  const v1::DataSnapshot second = MakeSnapshot();
  ASSERT_TRUE(
      Do(&Graduates::EraseGraduate, EraseNow("graduates/g-1"), operation).ok());
  ASSERT_TRUE(WaitForTheEnd(operation.name(), operation).ok());
  const v1::ErasureReceipt receipt = Receipt(operation);
  EXPECT_EQ(receipt.state(), v1::ErasureReceipt::STATE_PURGED);
  EXPECT_EQ(receipt.data_snapshots(), 2);
  EXPECT_EQ(receipt.snapshots_expire_time().seconds(),
            second.create_time().seconds() + 30 * 24 * 3600);
  server_.clock().Advance(absl::Seconds(1));
  MakeSnapshot();
  const std::vector<v1::DataSnapshot> list = List();
  ASSERT_EQ(list.size(), 3);
  EXPECT_EQ(list[0].erased_since(), 0);
  EXPECT_EQ(list[1].name(), second.name());
  EXPECT_EQ(list[1].erased_since(), 1);
  EXPECT_EQ(list[2].erased_since(), 1);

  // The age is a promise: kept with no schedule at all.
  server_.clock().Advance(absl::Hours(30 * 24));
  EXPECT_TRUE(Eventually([&] { return List().empty(); }));
}

TEST_F(DataSnapshotsTest, AScheduleMakesThemAndKeepsTheNewest) {
  Begin({{"snapshot.interval", "1h"}, {"snapshot.keep", "2"}});
  EXPECT_TRUE(Eventually([&] { return List().size() == 1; }));
  std::string newest = List()[0].name();
  for (int i = 0; i < 3; ++i) {
    server_.clock().Advance(absl::Hours(1));
    ASSERT_TRUE(Eventually(
        [&] { return List()[0].name() != newest && List().size() == 2; }));
    newest = List()[0].name();
  }
}

TEST_F(DataSnapshotsTest, ARequestIdIsOfOneRequest) {
  const std::string first = MakeSnapshot().name();
  const std::string second = MakeSnapshot().name();
  v1::CreateDataSnapshotRequest create;
  create.set_request_id("nightly");
  create.set_keep(5);
  const auto begin = [&] {
    Operation operation;
    const absl::Status status = server_.Call(
        snapshots(), &Snapshots::CreateDataSnapshot, create, operation);
    return status.ok() ? operation.name() : Summary(status);
  };
  const std::string made = begin();
  EXPECT_THAT(made, HasSubstr("operations/snapshot-"));
  EXPECT_EQ(begin(), made) << "a repeat";
  create.set_keep(6);
  EXPECT_EQ(begin(), "ABORTED REQUEST_ID_REUSED");
  Operation operation;
  ASSERT_TRUE(WaitForTheEnd(made, operation).ok());

  v1::VerifyDataSnapshotRequest verify;
  verify.set_request_id("weekly");
  verify.set_name(first);
  const auto check = [&] {
    return Summary(server_.Call(snapshots(), &Snapshots::VerifyDataSnapshot,
                                verify, operation));
  };
  EXPECT_EQ(check(), "OK");
  EXPECT_EQ(check(), "OK") << "a repeat";
  verify.set_name(second);
  EXPECT_EQ(check(), "ABORTED REQUEST_ID_REUSED");
}

TEST_F(DataSnapshotsTest, OneAtATimeAndItCanBeCancelled) {
  ASSERT_NO_FATAL_FAILURE(Fill(5, 5));
  auto& store =
      dynamic_cast<RocksdbStore&>(server_.server().runtime().engine().store);
  std::promise<void> held;
  std::promise<void> release;
  std::thread holder([&] {
    const absl::Status status = store.WithFiles([&](const StoreFiles&) {
      held.set_value();
      release.get_future().wait();
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
  });
  held.get_future().wait();
  Operation first;
  ASSERT_TRUE(BeginSnapshot(first).ok());
  Operation second;
  EXPECT_EQ(Summary(BeginSnapshot(second)),
            "FAILED_PRECONDITION SNAPSHOT_RUNNING");
  google::longrunning::CancelOperationRequest cancel;
  cancel.set_name(first.name());
  google::protobuf::Empty empty;
  EXPECT_TRUE(
      server_.Call(operations(), &Operations::CancelOperation, cancel, empty)
          .ok());
  release.set_value();
  holder.join();
  ASSERT_TRUE(WaitForTheEnd(first.name(), first).ok());
  EXPECT_EQ(first.error().code(), static_cast<int>(grpc::CANCELLED))
      << first.ShortDebugString();
  EXPECT_TRUE(List().empty());
  MakeSnapshot();
}

TEST_F(DataSnapshotsTest, ADamagedOneIsListedAndFoundByVerifying) {
  const v1::DataSnapshot snapshot = MakeSnapshot();
  v1::VerifyDataSnapshotRequest verify;
  verify.set_name(snapshot.name());
  Operation operation;
  ASSERT_TRUE(
      server_
          .Call(snapshots(), &Snapshots::VerifyDataSnapshot, verify, operation)
          .ok());
  ASSERT_TRUE(WaitForTheEnd(operation.name(), operation).ok());
  EXPECT_TRUE(operation.has_response()) << operation.ShortDebugString();
  const std::string secret =
      folder() + "/" + snapshot.name().substr(14) + "/data/SECRET";
  ASSERT_TRUE(WriteFileDurably(secret, std::string(32, 'x')).ok());
  server_.clock().Advance(absl::Seconds(1));
  ASSERT_TRUE(
      server_
          .Call(snapshots(), &Snapshots::VerifyDataSnapshot, verify, operation)
          .ok());
  ASSERT_TRUE(WaitForTheEnd(operation.name(), operation).ok());
  EXPECT_EQ(operation.error().code(), static_cast<int>(grpc::DATA_LOSS));
  EXPECT_THAT(operation.error().message(), HasSubstr("SECRET"));
  std::filesystem::remove(folder() + "/" + snapshot.name().substr(14) +
                          "/MANIFEST");
  ASSERT_EQ(List().size(), 1);
  EXPECT_THAT(List()[0].damage(), HasSubstr("MANIFEST"));
  v1::DeleteDataSnapshotRequest remove;
  remove.set_name(snapshot.name());
  google::protobuf::Empty empty;
  EXPECT_TRUE(
      server_.Call(snapshots(), &Snapshots::DeleteDataSnapshot, remove, empty)
          .ok());
  EXPECT_TRUE(List().empty());
}

TEST_F(DataSnapshotsTest, WithoutAFolderEveryCallSaysSo) {
  server_.Stop();
  server_.Start();
  Operation operation;
  EXPECT_EQ(Summary(BeginSnapshot(operation)),
            "FAILED_PRECONDITION SNAPSHOT_OFF");
}

TEST_F(DataSnapshotsTest, TheFolderMayNotLieInTheDataFolder) {
  server_.Stop();
  server_.Listen({{"storage.data_dir", temp_ / "data"},
                  {"snapshot.folder", temp_ / "data/snapshots"}});
  EXPECT_TRUE(absl::IsFailedPrecondition(server_.server().Load()));
}

}  // namespace
}  // namespace gradmatch
