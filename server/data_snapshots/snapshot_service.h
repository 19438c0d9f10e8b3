#ifndef GRADMATCH_SERVER_DATA_SNAPSHOTS_SNAPSHOT_SERVICE_H_
#define GRADMATCH_SERVER_DATA_SNAPSHOTS_SNAPSHOT_SERVICE_H_

#include "gradmatch/v1/snapshot_service.grpc.pb.h"
#include "server/data_snapshots/snapshot_runner.h"
#include "server/rpc.h"
#include "server/runtime.h"

namespace gradmatch {

// Data snapshots for operators. Threads as gRPC likes; both are borrowed and
// outlive this.
class SnapshotServiceImpl final : public v1::SnapshotService::CallbackService {
 public:
  SnapshotServiceImpl(Runtime& runtime, SnapshotRunner& runner)
      : runtime_(runtime), runner_(runner) {}

  grpc::ServerUnaryReactor* CreateDataSnapshot(
      grpc::CallbackServerContext* context,
      const v1::CreateDataSnapshotRequest* request,
      google::longrunning::Operation* response) override;
  grpc::ServerUnaryReactor* ListDataSnapshots(
      grpc::CallbackServerContext* context,
      const v1::ListDataSnapshotsRequest* request,
      v1::ListDataSnapshotsResponse* response) override;
  grpc::ServerUnaryReactor* GetDataSnapshot(
      grpc::CallbackServerContext* context,
      const v1::GetDataSnapshotRequest* request,
      v1::DataSnapshot* response) override;
  grpc::ServerUnaryReactor* VerifyDataSnapshot(
      grpc::CallbackServerContext* context,
      const v1::VerifyDataSnapshotRequest* request,
      google::longrunning::Operation* response) override;
  grpc::ServerUnaryReactor* DeleteDataSnapshot(
      grpc::CallbackServerContext* context,
      const v1::DeleteDataSnapshotRequest* request,
      google::protobuf::Empty* response) override;

 private:
  Runtime& runtime_;
  SnapshotRunner& runner_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_DATA_SNAPSHOTS_SNAPSHOT_SERVICE_H_
