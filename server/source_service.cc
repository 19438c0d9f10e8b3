#include "server/source_service.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gradmatch/v1/posting.pb.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/catalog.h"
#include "index/keys.h"
#include "server/content_record.h"
#include "server/field_mask.h"
#include "server/idempotency.h"
#include "server/page_token.h"
#include "server/resource_name.h"
#include "server/source_checks.h"
#include "server/source_registry.h"
#include "server/sync_figures.h"

namespace gradmatch {
namespace {

SourceRegistry::Also KeepAnswer(const AnswerLog& answers) {
  return [&answers](const v1::Source& source, WriteBatch& batch) {
    answers.AddTo(batch, source);
  };
}

absl::Status NotEmpty(std::string_view source_id, std::string_view what) {
  const std::string name = SourceNameOf(source_id);
  return MakeError(absl::StatusCode::kFailedPrecondition, kSourceNotEmpty,
                   absl::StrCat("数据来源 ", name, " 还有职位或内容，不能",
                                A(what), "；请先全部删除"),
                   {{"source", name}});
}

absl::StatusOr<bool> HasRecords(const Engine& engine,
                                std::string_view source_id) {
  const auto records = engine.catalog.List(
      CollectionId::kPostings, PrefixRange(SourcePrefix(source_id)), 1);
  if (!records.ok()) return records.status();
  if (!records->empty()) return true;
  return HasContentOf(engine, SourceNameOf(source_id));
}

absl::Status Create(const Engine& engine, const RpcContext& rpc,
                    const v1::CreateSourceRequest& request,
                    v1::Source& response) {
  absl::Status valid = CheckSourceId("source_id", request.source_id());
  if (valid.ok()) valid = CheckSource(request.source());
  if (!valid.ok()) return valid;
  return RunIdempotent(engine.requests, rpc, request, response,
                       [&](const AnswerLog& answers) -> absl::Status {
                         SourceRegistry::Expect expect;
                         expect.must_not_exist = true;
                         auto source = engine.sources.Put(
                             request.source_id(), expect,
                             [&](v1::Source& s) {
                               s = request.source();
                               s.clear_last_sync_time();
                               return absl::OkStatus();
                             },
                             KeepAnswer(answers));
                         if (source.ok()) response = *std::move(source);
                         return source.status();
                       });
}

// Merges the request into the stored source, and says what may not change.
absl::Status MergeSource(const Engine& engine, std::string_view id,
                         const v1::UpdateSourceRequest& request,
                         v1::Source& source) {
  const v1::Source stored = source;
  absl::Status masked = ApplyFieldMask("update_mask", request.update_mask(),
                                       request.source(), source);
  if (!masked.ok()) return masked;
  *source.mutable_last_sync_time() = stored.last_sync_time();
  if (!stored.has_last_sync_time()) source.clear_last_sync_time();
  // Whether graduates see a posting was decided when it was written.
  if (!stored.name().empty() && source.sandbox() != stored.sandbox()) {
    auto has = HasRecords(engine, id);
    if (!has.ok()) return has.status();
    if (*has) return NotEmpty(id, "改变 sandbox");
  }
  return CheckSource(source);
}

absl::Status Update(const Engine& engine, const RpcContext& rpc,
                    const v1::UpdateSourceRequest& request,
                    v1::Source& response) {
  const auto id = ParseSourceName("source.name", request.source().name());
  if (!id.ok()) return id.status();
  absl::Status valid = CheckSourceId("source.name", *id);
  if (!valid.ok()) return valid;
  return RunIdempotent(
      engine.requests, rpc, request, response,
      [&](const AnswerLog& answers) -> absl::Status {
        SourceRegistry::Expect expect;
        expect.must_exist = !request.allow_missing();
        expect.etag = request.source().etag();
        auto source = engine.sources.Put(
            *id, expect,
            [&](v1::Source& s) { return MergeSource(engine, *id, request, s); },
            KeepAnswer(answers));
        if (source.ok()) response = *std::move(source);
        return source.status();
      });
}

absl::Status Delete(const Engine& engine, const RpcContext& rpc,
                    const v1::DeleteSourceRequest& request,
                    google::protobuf::Empty& response) {
  const auto id = ParseSourceName("name", request.name());
  if (!id.ok()) return id.status();
  WriteBatch figures;
  return RunIdempotent(engine.requests, rpc, request, response,
                       [&](const AnswerLog& answers) -> absl::Status {
                         return engine.sources.Delete(
                             *id, request.etag(),
                             [&]() -> absl::Status {
                               auto has = HasRecords(engine, *id);
                               if (!has.ok()) return has.status();
                               if (*has) return NotEmpty(*id, "删除");
                               return ForgetSyncFigures(engine.store, *id,
                                                        figures);
                             },
                             [&](const v1::Source&, WriteBatch& batch) {
                               batch.Append(figures);
                               answers.AddTo(batch, response);
                             });
                       });
}

absl::Status List(const Engine& engine, const RpcContext& rpc,
                  const v1::ListSourcesRequest& request,
                  v1::ListSourcesResponse& response) {
  const auto size = PageSize(request.page_size(), 50, 1'000);
  if (!size.ok()) return size.status();
  const auto cursor = engine.tokens.Read(rpc.page_scope(), request);
  if (!cursor.ok()) return cursor.status();
  // A source is shown itself alone, and not how many others there are.
  if (const auto own = OnlySource(rpc.caller()); own.has_value()) {
    auto source = engine.sources.Get(*own);
    if (source.ok()) *response.add_sources() = *std::move(source);
    return absl::OkStatus();
  }
  std::vector<v1::Source> sources = engine.sources.List(*cursor, *size + 1);
  const bool more = sources.size() > static_cast<size_t>(*size);
  if (more) sources.pop_back();
  for (v1::Source& source : sources) {
    *response.add_sources() = std::move(source);
  }
  if (!more) return absl::OkStatus();
  const auto last = ParseSourceName("name", response.sources(*size - 1).name());
  if (!last.ok()) return absl::InternalError("a stored name is invalid");
  response.set_next_page_token(
      engine.tokens.Make(rpc.page_scope(), request, *last));
  return absl::OkStatus();
}

absl::Status ListQuarantine(const Engine& engine, const RpcContext& rpc,
                            const v1::ListQuarantineEntriesRequest& request,
                            v1::ListQuarantineEntriesResponse& response) {
  const auto source = ParseSourceParent("parent", request.parent());
  if (!source.ok()) return source.status();
  if (!source->empty()) {
    auto known = engine.sources.Get(*source);
    if (!known.ok()) return known.status();
  }
  const auto size = PageSize(request.page_size(), 50, 1'000);
  if (!size.ok()) return size.status();
  const auto after = engine.tokens.Read(rpc.page_scope(), request);
  if (!after.ok()) return after.status();
  KeyRange range =
      source->empty() ? KeyRange{} : PrefixRange(SourcePrefix(*source));
  if (!after->empty()) range.begin = *after + '\0';
  const std::unique_ptr<Cursor> cursor =
      engine.store.Scan(Family::kQuarantine, range);
  std::string last;
  for (; cursor->Valid(); cursor->Next()) {
    if (response.quarantine_entries_size() == *size) {
      response.set_next_page_token(
          engine.tokens.Make(rpc.page_scope(), request, last));
      break;
    }
    last = std::string(cursor->key());
    if (!response.add_quarantine_entries()->ParseFromArray(
            cursor->value().data(), static_cast<int>(cursor->value().size()))) {
      return absl::DataLossError(
          absl::StrCat("quarantine entry ", last, " does not parse"));
    }
  }
  return cursor->status();
}

}  // namespace

grpc::ServerUnaryReactor* SourceServiceImpl::CreateSource(
    grpc::CallbackServerContext* context,
    const v1::CreateSourceRequest* request, v1::Source* response) {
  return RunUnary(
      runtime_, context, request, response, "SourceService.CreateSource",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return Create(runtime_.engine(), rpc, q, r);
      });
}

grpc::ServerUnaryReactor* SourceServiceImpl::GetSource(
    grpc::CallbackServerContext* context, const v1::GetSourceRequest* request,
    v1::Source* response) {
  return RunUnary(
      runtime_, context, request, response, "SourceService.GetSource",
      [this](const RpcContext&, const auto& q, auto& r) -> absl::Status {
        const auto id = ParseSourceName("name", q.name());
        if (!id.ok()) return id.status();
        auto source = runtime_.engine().sources.Get(*id);
        if (source.ok()) r = *std::move(source);
        return source.status();
      });
}

grpc::ServerUnaryReactor* SourceServiceImpl::ListSources(
    grpc::CallbackServerContext* context, const v1::ListSourcesRequest* request,
    v1::ListSourcesResponse* response) {
  return RunUnary(
      runtime_, context, request, response, "SourceService.ListSources",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return List(runtime_.engine(), rpc, q, r);
      });
}

grpc::ServerUnaryReactor* SourceServiceImpl::UpdateSource(
    grpc::CallbackServerContext* context,
    const v1::UpdateSourceRequest* request, v1::Source* response) {
  return RunUnary(
      runtime_, context, request, response, "SourceService.UpdateSource",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return Update(runtime_.engine(), rpc, q, r);
      });
}

grpc::ServerUnaryReactor* SourceServiceImpl::DeleteSource(
    grpc::CallbackServerContext* context,
    const v1::DeleteSourceRequest* request, google::protobuf::Empty* response) {
  return RunUnary(
      runtime_, context, request, response, "SourceService.DeleteSource",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return Delete(runtime_.engine(), rpc, q, r);
      });
}

grpc::ServerUnaryReactor* SourceServiceImpl::ListQuarantineEntries(
    grpc::CallbackServerContext* context,
    const v1::ListQuarantineEntriesRequest* request,
    v1::ListQuarantineEntriesResponse* response) {
  return RunUnary(
      runtime_, context, request, response,
      "SourceService.ListQuarantineEntries",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return ListQuarantine(runtime_.engine(), rpc, q, r);
      });
}

grpc::ServerUnaryReactor* SourceServiceImpl::GetSourceFigures(
    grpc::CallbackServerContext* context,
    const v1::GetSourceFiguresRequest* request, v1::SourceFigures* response) {
  return RunUnary(
      runtime_, context, request, response, "SourceService.GetSourceFigures",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        const auto ids =
            ParseResourceName("name", "sources/{source}/figures", q.name());
        if (!ids.ok()) return ids.status();
        auto figures =
            FiguresOf(runtime_.engine(), ids->front(), runtime_.clock.Now(),
                      [&rpc] { return rpc.Check(); });
        if (figures.ok()) r = *std::move(figures);
        return figures.status();
      });
}

}  // namespace gradmatch
