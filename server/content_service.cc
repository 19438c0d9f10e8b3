#include "server/content_service.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/catalog.h"
#include "index/keys.h"
#include "server/content_kinds.h"
#include "server/content_record.h"
#include "server/content_sync.h"
#include "server/idempotency.h"
#include "server/identity/access_rules.h"
#include "server/page_token.h"
#include "server/record_writer.h"
#include "server/resource_name.h"

namespace gradmatch {
namespace {

constexpr size_t kMaxPageBytes = 3 << 20;  // below the message limit of 4 MiB
constexpr size_t kListChunk = 1'000;

const v1::Content& FirstRecord(std::span<const ContentRow> rows) {
  return *rows.front().record;
}

absl::Status Create(const Engine& engine, const RpcContext& rpc,
                    const v1::CreateContentRequest& request,
                    v1::Content& response) {
  if (!IsValidContentId(request.content_id())) {
    FieldError error;
    error.field = "content_id";
    error.value = request.content_id();
    error.allowed = "[A-Za-z0-9][A-Za-z0-9._~-]{0,63}";
    return InvalidField(
        request.content_id().empty() ? kFieldMissing : kNameInvalid, error);
  }
  return RunIdempotent(
      engine.requests, rpc, request, response,
      [&](const AnswerLog& answers) -> absl::Status {
        const ContentRecordKind kind(engine);
        std::vector<ContentOp> ops(1);
        ops[0].content = request.content();
        ops[0].content.set_name(ContentNameOf(request.content_id()));
        ops[0].precondition.must_not_exist = true;
        auto rows = RecordWriter<ContentRecordKind>(engine.catalog, kind)
                        .Run(ops, answers, FirstRecord);
        if (!rows.ok()) return rows.status();
        absl::Status taken = ToStatus(rows->front(), "content.");
        if (taken.ok()) response = *std::move(rows->front().record);
        return taken;
      });
}

absl::Status Update(const Engine& engine, const RpcContext& rpc,
                    const v1::UpdateContentRequest& request,
                    v1::Content& response) {
  auto id = ParseContentName("content.name", request.content().name());
  if (!id.ok()) return id.status();
  ContentRecordKind::Edit edit;
  edit.name = request.content().name();
  edit.key = ContentKey(*id);
  edit.id = *std::move(id);
  edit.field = "content";
  edit.mask_field = "update_mask";
  edit.patch = &request.content();
  edit.mask = &request.update_mask();
  edit.allow_missing = request.allow_missing();
  return RunIdempotent(
      engine.requests, rpc, request, response,
      [&](const AnswerLog& answers) -> absl::Status {
        const ContentRecordKind kind(engine);
        auto rows = RecordWriter<ContentRecordKind>(engine.catalog, kind)
                        .Update(rpc, {&edit, 1}, answers, FirstRecord);
        if (!rows.ok()) return rows.status();
        response = *std::move(rows->front().record);
        return absl::OkStatus();
      });
}

absl::Status Delete(const Engine& engine, const RpcContext& rpc,
                    const v1::DeleteContentRequest& request,
                    google::protobuf::Empty& response) {
  auto id = ParseContentName("name", request.name());
  if (!id.ok()) return id.status();
  return RunIdempotent(
      engine.requests, rpc, request, response,
      [&](const AnswerLog& answers) -> absl::Status {
        const ContentRecordKind kind(engine);
        std::vector<ContentOp> ops(1);
        ops[0].action = IngestAction::kDelete;
        ops[0].content_id = *id;
        ops[0].precondition.must_exist = true;
        if (!request.etag().empty()) ops[0].precondition.etag = request.etag();
        auto rows = RecordWriter<ContentRecordKind>(engine.catalog, kind)
                        .Run(ops, answers, [](std::span<const ContentRow>) {
                          return google::protobuf::Empty();
                        });
        if (!rows.ok()) return rows.status();
        absl::Status taken = ToStatus(rows->front(), "");
        if (!absl::IsNotFound(taken)) return taken;
        if (!request.allow_missing()) return ContentNotFound(request.name());
        return answers.Keep(engine.store, response);
      });
}

// By name. Content of other kinds is passed over, so one page may read much;
// between two stretches the caller's deadline is looked at.
absl::Status List(const Engine& engine, const RpcContext& rpc,
                  const v1::ListContentsRequest& request,
                  v1::ListContentsResponse& response) {
  const auto size = PageSize(request.page_size(), 50, 1'000);
  if (!size.ok()) return size.status();
  const auto kinds = ParseContentKinds("kinds", request.kinds());
  if (!kinds.ok()) return kinds.status();
  const auto cursor = engine.tokens.Read(rpc.page_scope(), request);
  if (!cursor.ok()) return cursor.status();
  KeyRange range;
  if (const auto own = OnlySource(rpc.caller()); own.has_value()) {
    range = PrefixRange(ContentIdPrefix(*own));
  }
  if (!cursor->empty()) range.begin = ContentKey(*cursor) + '\0';
  size_t bytes = 0;
  while (true) {
    absl::Status go_on = rpc.Check();
    if (!go_on.ok()) return go_on;
    const auto records =
        engine.catalog.List(CollectionId::kContents, range, kListChunk);
    if (!records.ok()) return records.status();
    for (const auto& [key, record] : *records) {
      auto content = ContentFromRecord(key, record);
      if (!content.ok()) return content.status();
      if ((*kinds >> content->kind() & 1) == 0) continue;
      const bool full =
          response.contents_size() == *size ||
          (response.contents_size() > 0 && bytes >= kMaxPageBytes);
      if (full) {
        const auto last = ParseContentName(
            "name", response.contents(response.contents_size() - 1).name());
        if (!last.ok()) return absl::InternalError("a stored name is invalid");
        response.set_next_page_token(
            engine.tokens.Make(rpc.page_scope(), request, *last));
        return absl::OkStatus();
      }
      content->clear_text();
      bytes += content->ByteSizeLong();
      *response.add_contents() = *std::move(content);
    }
    if (records->size() < kListChunk) return absl::OkStatus();
    range.begin = records->back().first + '\0';
  }
}

}  // namespace

grpc::ServerUnaryReactor* ContentServiceImpl::CreateContent(
    grpc::CallbackServerContext* context,
    const v1::CreateContentRequest* request, v1::Content* response) {
  return RunUnary(
      runtime_, context, request, response, "ContentService.CreateContent",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return Create(runtime_.engine(), rpc, q, r);
      });
}

grpc::ServerUnaryReactor* ContentServiceImpl::GetContent(
    grpc::CallbackServerContext* context, const v1::GetContentRequest* request,
    v1::Content* response) {
  return RunUnary(
      runtime_, context, request, response, "ContentService.GetContent",
      [this](const RpcContext&, const auto& q, auto& r) -> absl::Status {
        auto content = ReadContent(runtime_.engine(), "name", q.name());
        if (content.ok()) r = *std::move(content);
        return content.status();
      });
}

grpc::ServerUnaryReactor* ContentServiceImpl::ListContents(
    grpc::CallbackServerContext* context,
    const v1::ListContentsRequest* request,
    v1::ListContentsResponse* response) {
  return RunUnary(
      runtime_, context, request, response, "ContentService.ListContents",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return List(runtime_.engine(), rpc, q, r);
      });
}

grpc::ServerUnaryReactor* ContentServiceImpl::UpdateContent(
    grpc::CallbackServerContext* context,
    const v1::UpdateContentRequest* request, v1::Content* response) {
  return RunUnary(
      runtime_, context, request, response, "ContentService.UpdateContent",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return Update(runtime_.engine(), rpc, q, r);
      });
}

grpc::ServerUnaryReactor* ContentServiceImpl::DeleteContent(
    grpc::CallbackServerContext* context,
    const v1::DeleteContentRequest* request,
    google::protobuf::Empty* response) {
  return RunUnary(
      runtime_, context, request, response, "ContentService.DeleteContent",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return Delete(runtime_.engine(), rpc, q, r);
      });
}

grpc::ServerBidiReactor<v1::SyncContentsRequest, v1::SyncContentsResponse>*
ContentServiceImpl::SyncContents(grpc::CallbackServerContext* context) {
  return StartSync(runtime_, context, "ContentService.SyncContents", limits_,
                   [this] { return std::make_unique<ContentSync>(runtime_); });
}

}  // namespace gradmatch
