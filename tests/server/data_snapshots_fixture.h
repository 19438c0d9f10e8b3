#ifndef GRADMATCH_TESTS_SERVER_DATA_SNAPSHOTS_FIXTURE_H_
#define GRADMATCH_TESTS_SERVER_DATA_SNAPSHOTS_FIXTURE_H_

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "gradmatch/v1/snapshot_service.grpc.pb.h"
#include "index/base/error.h"
#include "index/data_snapshot/snapshot_restore.h"
#include "index/vault/sealed_store.h"
#include "server/identity/token_store.h"
#include "tests/server/rights_fixture.h"
#include "tests/server/sealed_fixture.h"

namespace gradmatch {

using Snapshots = v1::SnapshotService::Stub;

// A server with a folder for data snapshots, and folders restored from them.
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
    settings.emplace("privacy.seal_key_file", keys_.path());
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

  Engine engine() { return server_.server().runtime().engine(); }
  std::string Verify(const std::string& bearer) {
    const auto caller = engine().bearers.Verify(bearer);
    return caller.ok() ? "OK" : ReasonOf(caller.status());
  }
  std::string NewToken(const std::string& id) {
    v1::Token token;
    token.set_role(v1::Token::ROLE_OPERATOR);
    auto issued = engine().bearers.Create(id, token);
    EXPECT_TRUE(issued.ok()) << issued.status();
    return issued.ok() ? issued->bearer() : "";
  }
  std::string RotateToken(const std::string& id) {
    auto issued = engine().bearers.Rotate(id, absl::ZeroDuration(), {});
    EXPECT_TRUE(issued.ok()) << issued.status();
    return issued.ok() ? issued->bearer() : "";
  }
  void Seal(const std::string& name, bool hardship) {
    v1::UpdateSealedFlagsRequest request;
    request.set_name(name);
    request.set_hardship(hardship);
    request.set_purpose("学院认定");
    EXPECT_EQ((Try<v1::UpdateSealedFlagsRequest, google::protobuf::Empty>(
                  &Graduates::UpdateSealedFlags, request)),
              "OK");
  }
  void Unseal(const std::string& name) {
    v1::DeleteSealedFlagsRequest request;
    request.set_name(name);
    request.set_purpose("本人撤回");
    EXPECT_EQ((Try<v1::DeleteSealedFlagsRequest, google::protobuf::Empty>(
                  &Graduates::DeleteSealedFlags, request)),
              "OK");
  }
  // One letter a graduate: '-' for nothing sealed, else whether it is priority.
  std::string Sealed(const std::vector<std::string>& ids) {
    std::string all;
    for (const std::string& id : ids) {
      const std::string key = engine().pseudonyms.Of(id);
      if (!engine().store.Get(Family::kSealed, key).ok()) {
        all += '-';
        continue;
      }
      const auto read = engine().sealed.ReadPriorities(
          {&key, 1}, {.method = "test.Read", .result = "ALLOWED"},
          engine().audit);
      EXPECT_TRUE(read.ok()) << read.status();
      all += read->front() == SealedStore::Priority::kYes ? 'y' : 'n';
    }
    return all;
  }

  // The one restore that the audit tells of.
  v1::AuditEntry RestoreInAudit() {
    v1::ListAuditEntriesRequest request;
    request.set_method("SnapshotService.Restore");
    v1::ListAuditEntriesResponse response;
    const absl::Status status =
        server_.Call(server_.admin(), &v1::AdminService::Stub::ListAuditEntries,
                     request, response);
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_EQ(response.audit_entries_size(), 1);
    return response.audit_entries_size() > 0 ? response.audit_entries(0)
                                             : v1::AuditEntry();
  }

  const TempFolder temp_;
  const SealKeyFile keys_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_SERVER_DATA_SNAPSHOTS_FIXTURE_H_
