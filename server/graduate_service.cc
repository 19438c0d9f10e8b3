#include "server/graduate_service.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/catalog.h"
#include "index/keys.h"
#include "index/pseudonym.h"
#include "server/graduate_kind.h"
#include "server/graduate_sync.h"
#include "server/idempotency.h"
#include "server/page_token.h"
#include "server/record_writer.h"
#include "server/resource_name.h"
#include "server/sealed_flags_rpc.h"

namespace gradmatch {
namespace {

constexpr size_t kMaxPageBytes = 3 << 20;  // below the message limit of 4 MiB

const v1::Graduate& FirstRecord(std::span<const GraduateRow> rows) {
  return *rows.front().record;
}

absl::Status Create(const Engine& engine, const RpcContext& rpc,
                    const v1::CreateGraduateRequest& request,
                    v1::Graduate& response) {
  if (!IsValidGraduateId(request.graduate_id())) {
    FieldError error;
    error.field = "graduate_id";
    error.value = request.graduate_id();
    error.allowed =
        "[A-Za-z0-9][A-Za-z0-9._~-]{0,63}，须为化名，不得含姓名或证件号";
    return InvalidField(
        request.graduate_id().empty() ? kFieldMissing : kNameInvalid, error);
  }
  return RunIdempotent(
      engine.requests, rpc, request, response,
      [&](const AnswerLog& answers) -> absl::Status {
        const GraduateKind kind(engine);
        std::vector<GraduateOp> ops(1);
        ops[0].graduate = request.graduate();
        ops[0].graduate.set_name(GraduateNameOf(request.graduate_id()));
        ops[0].precondition.must_not_exist = true;
        auto rows = RecordWriter<GraduateKind>(engine.catalog, kind)
                        .Run(ops, answers, FirstRecord);
        if (!rows.ok()) return rows.status();
        absl::Status taken = ToStatus(rows->front(), "graduate.");
        if (taken.ok()) response = *std::move(rows->front().record);
        return taken;
      });
}

absl::StatusOr<GraduateKind::Edit> ParseEdit(
    const Engine& engine, const v1::UpdateGraduateRequest& request,
    const std::string& path) {
  const std::string field = absl::StrCat(path, "graduate");
  auto id = ParseGraduateName(field + ".name", request.graduate().name());
  if (!id.ok()) return id.status();
  GraduateKind::Edit edit;
  edit.name = request.graduate().name();
  edit.key = GraduateKey(engine.pseudonyms.Of(*id));
  edit.id = *std::move(id);
  edit.field = field;
  edit.mask_field = absl::StrCat(path, "update_mask");
  edit.patch = &request.graduate();
  edit.mask = &request.update_mask();
  edit.allow_missing = request.allow_missing();
  return edit;
}

absl::Status Update(const Engine& engine, const RpcContext& rpc,
                    const v1::UpdateGraduateRequest& request,
                    v1::Graduate& response) {
  auto edit = ParseEdit(engine, request, "");
  if (!edit.ok()) return edit.status();
  return RunIdempotent(
      engine.requests, rpc, request, response,
      [&](const AnswerLog& answers) -> absl::Status {
        const GraduateKind kind(engine);
        auto rows = RecordWriter<GraduateKind>(engine.catalog, kind)
                        .Update(rpc, {&*edit, 1}, answers, FirstRecord);
        if (!rows.ok()) return rows.status();
        response = *std::move(rows->front().record);
        return absl::OkStatus();
      });
}

v1::BatchUpdateGraduatesResponse BatchResponse(
    std::span<const GraduateRow> rows) {
  v1::BatchUpdateGraduatesResponse response;
  for (const GraduateRow& row : rows) *response.add_graduates() = *row.record;
  return response;
}

absl::Status BatchUpdate(const Engine& engine, const RpcContext& rpc,
                         const v1::BatchUpdateGraduatesRequest& request,
                         v1::BatchUpdateGraduatesResponse& response) {
  const int count = request.requests_size();
  if (count == 0 || count > kMaxBatchRows) {
    return BatchTooLarge("requests", count);
  }
  std::vector<GraduateKind::Edit> edits;
  for (int i = 0; i < count; ++i) {
    const std::string path = absl::StrCat("requests[", i, "].");
    absl::Status single = CheckNoRequestId(path, request.requests(i));
    if (!single.ok()) return single;
    auto edit = ParseEdit(engine, request.requests(i), path);
    if (!edit.ok()) return edit.status();
    edits.push_back(*std::move(edit));
  }
  absl::Status distinct = CheckDistinct<v1::Graduate>(edits);
  if (!distinct.ok()) return distinct;
  return RunIdempotent(engine.requests, rpc, request, response,
                       [&](const AnswerLog& answers) -> absl::Status {
                         const GraduateKind kind(engine);
                         auto rows =
                             RecordWriter<GraduateKind>(engine.catalog, kind)
                                 .Update(rpc, edits, answers, BatchResponse);
                         if (!rows.ok()) return rows.status();
                         response = BatchResponse(*rows);
                         return absl::OkStatus();
                       });
}

absl::Status Delete(const Engine& engine, const RpcContext& rpc,
                    const v1::DeleteGraduateRequest& request,
                    google::protobuf::Empty& response) {
  auto id = ParseGraduateName("name", request.name());
  if (!id.ok()) return id.status();
  return RunIdempotent(
      engine.requests, rpc, request, response,
      [&](const AnswerLog& answers) -> absl::Status {
        const GraduateKind kind(engine);
        std::vector<GraduateOp> ops(1);
        ops[0].action = IngestAction::kDelete;
        ops[0].graduate_id = *id;
        ops[0].precondition.must_exist = true;
        if (!request.etag().empty()) ops[0].precondition.etag = request.etag();
        auto rows = RecordWriter<GraduateKind>(engine.catalog, kind)
                        .Run(ops, answers, [](std::span<const GraduateRow>) {
                          return google::protobuf::Empty();
                        });
        if (!rows.ok()) return rows.status();
        absl::Status taken = ToStatus(rows->front());
        if (!absl::IsNotFound(taken)) return taken;
        if (!request.allow_missing()) return GraduateNotFound();
        return answers.Keep(engine.store, response);
      });
}

// In the order of pseudonyms. The token carries the last graduate's own id,
// which the caller has seen; pseudonyms stay inside.
absl::Status List(const Engine& engine, const RpcContext& rpc,
                  const v1::ListGraduatesRequest& request,
                  v1::ListGraduatesResponse& response) {
  const auto size = PageSize(request.page_size(), 50, 1'000);
  if (!size.ok()) return size.status();
  const auto cursor = engine.tokens.Read(rpc.page_scope(), request);
  if (!cursor.ok()) return cursor.status();
  KeyRange range;
  if (!cursor->empty()) {
    range.begin = GraduateKey(engine.pseudonyms.Of(*cursor)) + '\0';
  }
  auto records =
      engine.catalog.List(CollectionId::kGraduates, range, *size + 1);
  if (!records.ok()) return records.status();
  size_t bytes = 0;
  for (const auto& [key, record] : *records) {
    auto graduate = GraduateFromRecord(record);
    if (!graduate.ok()) return graduate.status();
    const bool full = response.graduates_size() == *size ||
                      (response.graduates_size() > 0 && bytes >= kMaxPageBytes);
    if (full) {
      const auto last = ParseGraduateName(
          "name", response.graduates(response.graduates_size() - 1).name());
      if (!last.ok()) return absl::InternalError("a stored name is invalid");
      response.set_next_page_token(
          engine.tokens.Make(rpc.page_scope(), request, *last));
      return absl::OkStatus();
    }
    bytes += graduate->ByteSizeLong();
    *response.add_graduates() = *std::move(graduate);
  }
  return absl::OkStatus();
}

}  // namespace

grpc::ServerUnaryReactor* GraduateServiceImpl::CreateGraduate(
    grpc::CallbackServerContext* context,
    const v1::CreateGraduateRequest* request, v1::Graduate* response) {
  return RunUnary(
      runtime_, context, request, response, "GraduateService.CreateGraduate",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return Create(runtime_.engine(), rpc, q, r);
      });
}

grpc::ServerUnaryReactor* GraduateServiceImpl::GetGraduate(
    grpc::CallbackServerContext* context, const v1::GetGraduateRequest* request,
    v1::Graduate* response) {
  return RunUnary(
      runtime_, context, request, response, "GraduateService.GetGraduate",
      [this](const RpcContext&, const auto& q, auto& r) -> absl::Status {
        auto graduate = ReadGraduate(runtime_.engine(), "name", q.name());
        if (graduate.ok()) r = *std::move(graduate);
        return graduate.status();
      });
}

grpc::ServerUnaryReactor* GraduateServiceImpl::ListGraduates(
    grpc::CallbackServerContext* context,
    const v1::ListGraduatesRequest* request,
    v1::ListGraduatesResponse* response) {
  return RunUnary(
      runtime_, context, request, response, "GraduateService.ListGraduates",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return List(runtime_.engine(), rpc, q, r);
      });
}

grpc::ServerUnaryReactor* GraduateServiceImpl::UpdateGraduate(
    grpc::CallbackServerContext* context,
    const v1::UpdateGraduateRequest* request, v1::Graduate* response) {
  return RunUnary(
      runtime_, context, request, response, "GraduateService.UpdateGraduate",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return Update(runtime_.engine(), rpc, q, r);
      });
}

grpc::ServerUnaryReactor* GraduateServiceImpl::DeleteGraduate(
    grpc::CallbackServerContext* context,
    const v1::DeleteGraduateRequest* request,
    google::protobuf::Empty* response) {
  return RunUnary(
      runtime_, context, request, response, "GraduateService.DeleteGraduate",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return Delete(runtime_.engine(), rpc, q, r);
      });
}

grpc::ServerUnaryReactor* GraduateServiceImpl::BatchUpdateGraduates(
    grpc::CallbackServerContext* context,
    const v1::BatchUpdateGraduatesRequest* request,
    v1::BatchUpdateGraduatesResponse* response) {
  return RunUnary(
      runtime_, context, request, response,
      "GraduateService.BatchUpdateGraduates",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return BatchUpdate(runtime_.engine(), rpc, q, r);
      });
}

grpc::ServerBidiReactor<v1::SyncGraduatesRequest, v1::SyncGraduatesResponse>*
GraduateServiceImpl::SyncGraduates(grpc::CallbackServerContext* context) {
  return StartSync(runtime_, context, "GraduateService.SyncGraduates", limits_,
                   [this] { return std::make_unique<GraduateSync>(runtime_); });
}

grpc::ServerUnaryReactor* GraduateServiceImpl::UpdateSealedFlags(
    grpc::CallbackServerContext* context,
    const v1::UpdateSealedFlagsRequest* request,
    google::protobuf::Empty* response) {
  return RunUnary(
      runtime_, context, request, response, "GraduateService.UpdateSealedFlags",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return gradmatch::UpdateSealedFlags(runtime_.engine(), rpc, q, r);
      });
}

grpc::ServerUnaryReactor* GraduateServiceImpl::DeleteSealedFlags(
    grpc::CallbackServerContext* context,
    const v1::DeleteSealedFlagsRequest* request,
    google::protobuf::Empty* response) {
  return RunUnary(
      runtime_, context, request, response, "GraduateService.DeleteSealedFlags",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return gradmatch::DeleteSealedFlags(runtime_.engine(), rpc, q, r);
      });
}

}  // namespace gradmatch
