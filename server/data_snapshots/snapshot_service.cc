#include "server/data_snapshots/snapshot_service.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/request_log.h"
#include "server/audit.h"
#include "server/idempotency.h"
#include "server/page_token.h"
#include "server/resource_name.h"

namespace gradmatch {
namespace {

constexpr int kMostKept = 1'000;

absl::StatusOr<std::string> ParseSnapshotName(const std::string& name) {
  const auto ids =
      ParseResourceName("name", "dataSnapshots/{data_snapshot}", name);
  if (!ids.ok()) return ids.status();
  return ids->front();
}

// Begins what `run` says, once for its request_id.
template <typename Request>
absl::Status Begin(const Engine& engine, SnapshotRunner& runner,
                   const RpcContext& rpc, const Request& request,
                   const v1::StoredSnapshotRun& run,
                   google::longrunning::Operation& response) {
  return RunIdempotent(
      engine.requests, rpc, request, response,
      [&](const AnswerLog& answers) -> absl::Status {
        auto operation =
            runner.Begin(run, [&](const google::longrunning::Operation& begun) {
              WriteBatch batch;
              answers.AddTo(batch, begun);
              return batch;
            });
        if (operation.ok()) response = *std::move(operation);
        return operation.status();
      });
}

absl::Status Create(const Engine& engine, SnapshotRunner& runner,
                    const RpcContext& rpc,
                    const v1::CreateDataSnapshotRequest& request,
                    google::longrunning::Operation& response) {
  if (request.keep() < 0 || request.keep() > kMostKept) {
    return InvalidField(
        kFieldOutOfRange,
        {"keep", absl::StrCat(request.keep()),
         absl::StrCat("1 至 ", kMostKept, "，或 0 表示 snapshot.keep"), ""});
  }
  if (auto snapshots = runner.snapshots(); !snapshots.ok()) {
    return snapshots.status();
  }
  v1::StoredSnapshotRun run;
  run.set_keep(request.keep() == 0 ? runner.standard_keep() : request.keep());
  return RunAudited(engine.audit, rpc, {"dataSnapshots", ""}, [&] {
    return Begin(engine, runner, rpc, request, run, response);
  });
}

absl::Status List(const Engine& engine, const SnapshotRunner& runner,
                  const RpcContext& rpc,
                  const v1::ListDataSnapshotsRequest& request,
                  v1::ListDataSnapshotsResponse& response) {
  const auto size = PageSize(request.page_size(), 50, 1'000);
  if (!size.ok()) return size.status();
  const auto after = engine.tokens.Read(rpc.page_scope(), request);
  if (!after.ok()) return after.status();
  const auto snapshots = runner.snapshots();
  if (!snapshots.ok()) return snapshots.status();
  auto list = (*snapshots)->List();
  if (!list.ok()) return list.status();
  // The one a page ended with may be gone by now; those after it are older.
  bool begun = after->empty();
  for (v1::DataSnapshot& snapshot : *list) {
    begun = begun || snapshot.name() < *after;
    if (!begun) continue;
    if (response.data_snapshots_size() == *size) {
      response.set_next_page_token(
          engine.tokens.Make(rpc.page_scope(), request,
                             response.data_snapshots().rbegin()->name()));
      break;
    }
    *response.add_data_snapshots() = std::move(snapshot);
  }
  return absl::OkStatus();
}

absl::Status Verify(const Engine& engine, SnapshotRunner& runner,
                    const RpcContext& rpc,
                    const v1::VerifyDataSnapshotRequest& request,
                    google::longrunning::Operation& response) {
  const auto id = ParseSnapshotName(request.name());
  if (!id.ok()) return id.status();
  const auto snapshots = runner.snapshots();
  if (!snapshots.ok()) return snapshots.status();
  if (auto there = (*snapshots)->Get(*id); !there.ok()) return there.status();
  v1::StoredSnapshotRun run;
  run.set_verify(true);
  run.set_snapshot(*id);
  return Begin(engine, runner, rpc, request, run, response);
}

}  // namespace

grpc::ServerUnaryReactor* SnapshotServiceImpl::CreateDataSnapshot(
    grpc::CallbackServerContext* context,
    const v1::CreateDataSnapshotRequest* request,
    google::longrunning::Operation* response) {
  return RunUnary(
      runtime_, context, request, response,
      "SnapshotService.CreateDataSnapshot",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return Create(runtime_.engine(), runner_, rpc, q, r);
      });
}

grpc::ServerUnaryReactor* SnapshotServiceImpl::ListDataSnapshots(
    grpc::CallbackServerContext* context,
    const v1::ListDataSnapshotsRequest* request,
    v1::ListDataSnapshotsResponse* response) {
  return RunUnary(
      runtime_, context, request, response, "SnapshotService.ListDataSnapshots",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return List(runtime_.engine(), runner_, rpc, q, r);
      });
}

grpc::ServerUnaryReactor* SnapshotServiceImpl::GetDataSnapshot(
    grpc::CallbackServerContext* context,
    const v1::GetDataSnapshotRequest* request, v1::DataSnapshot* response) {
  return RunUnary(
      runtime_, context, request, response, "SnapshotService.GetDataSnapshot",
      [this](const RpcContext&, const auto& q, auto& r) -> absl::Status {
        const auto id = ParseSnapshotName(q.name());
        if (!id.ok()) return id.status();
        const auto snapshots = runner_.snapshots();
        if (!snapshots.ok()) return snapshots.status();
        auto snapshot = (*snapshots)->Get(*id);
        if (snapshot.ok()) r = *std::move(snapshot);
        return snapshot.status();
      });
}

grpc::ServerUnaryReactor* SnapshotServiceImpl::VerifyDataSnapshot(
    grpc::CallbackServerContext* context,
    const v1::VerifyDataSnapshotRequest* request,
    google::longrunning::Operation* response) {
  return RunUnary(
      runtime_, context, request, response,
      "SnapshotService.VerifyDataSnapshot",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return Verify(runtime_.engine(), runner_, rpc, q, r);
      });
}

grpc::ServerUnaryReactor* SnapshotServiceImpl::DeleteDataSnapshot(
    grpc::CallbackServerContext* context,
    const v1::DeleteDataSnapshotRequest* request,
    google::protobuf::Empty* response) {
  return RunUnary(
      runtime_, context, request, response,
      "SnapshotService.DeleteDataSnapshot",
      [this](const RpcContext& rpc, const auto& q, auto&) -> absl::Status {
        const auto id = ParseSnapshotName(q.name());
        if (!id.ok()) return id.status();
        const auto snapshots = runner_.snapshots();
        if (!snapshots.ok()) return snapshots.status();
        // It would wait for minutes, and hold a thread of the calls.
        if (absl::Status s = runner_.CheckIdle(); !s.ok()) return s;
        return RunAudited(runtime_.engine().audit, rpc, {q.name(), ""},
                          [&] { return (*snapshots)->Delete(*id); });
      });
}

}  // namespace gradmatch
