// Data snapshots over a real socket.

#include <filesystem>
#include <future>
#include <thread>

#include "gmock/gmock.h"
#include "index/base/error_reasons.h"
#include "index/data_snapshot/snapshot_folder.h"
#include "index/rocksdb_store.h"
#include "tests/server/data_snapshots_fixture.h"

namespace gradmatch {
namespace {

using testing::HasSubstr;

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
