#include "server/posting_service.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/catalog.h"
#include "index/keys.h"
#include "matcher/ingest/resource_id.h"
#include "server/idempotency.h"
#include "server/page_token.h"
#include "server/posting_kind.h"
#include "server/posting_sync.h"
#include "server/record_writer.h"
#include "server/resource_name.h"
#include "server/source_registry.h"

namespace gradmatch {
namespace {

constexpr size_t kMaxPageBytes = 3 << 20;  // below the message limit of 4 MiB
constexpr size_t kMaxScanned = 20'000;     // records looked at for one page

PostingSource AsPostingSource(const SourceRegistry::Use& use) {
  return {use.id(), use.source().sandbox()};
}

const v1::Posting& FirstRecord(std::span<const PostingRow> rows) {
  return *rows.front().record;
}

absl::Status Create(const Engine& engine, const RpcContext& rpc,
                    const v1::CreatePostingRequest& request,
                    v1::Posting& response) {
  const auto source = ParseSourceName("parent", request.parent());
  if (!source.ok()) return source.status();
  auto use = engine.sources.BeginUse(*source);
  if (!use.ok()) return use.status();
  return RunIdempotent(
      engine.requests, rpc, request, response,
      [&](const AnswerLog& answers) -> absl::Status {
        const PostingKind kind(engine, AsPostingSource(**use));
        std::vector<PostingOp> ops(1);
        ops[0].posting = request.posting();
        ops[0].precondition.must_not_exist = true;
        auto rows = RecordWriter<PostingKind>(engine.catalog, kind)
                        .Run(ops, answers, FirstRecord);
        if (!rows.ok()) return rows.status();
        absl::Status taken = ToStatus(rows->front(), "posting.");
        if (taken.ok()) response = *std::move(rows->front().record);
        return taken;
      });
}

// The edit that one UpdatePostingRequest asks for; its name's source is put
// into `source`, and must be it when it is not empty.
absl::StatusOr<PostingKind::Edit> ParseEdit(
    const v1::UpdatePostingRequest& request, const std::string& path,
    std::string& source) {
  const std::string field = absl::StrCat(path, "posting");
  auto name = ParsePostingName(field + ".name", request.posting().name());
  if (!name.ok()) return name.status();
  if (source.empty()) source = name->source;
  if (name->source != source) {
    FieldError error;
    error.field = field + ".name";
    error.value = request.posting().name();
    error.allowed =
        absl::StrCat("parent 之下的名称，即 sources/", source, "/postings/…");
    return InvalidField(kNameInvalid, error);
  }
  PostingKind::Edit edit;
  edit.name = request.posting().name();
  edit.id = name->posting;
  edit.key = PostingKey(name->source, name->posting);
  edit.field = field;
  edit.mask_field = absl::StrCat(path, "update_mask");
  edit.patch = &request.posting();
  edit.mask = &request.update_mask();
  edit.allow_missing = request.allow_missing();
  return edit;
}

absl::Status Update(const Engine& engine, const RpcContext& rpc,
                    const v1::UpdatePostingRequest& request,
                    v1::Posting& response) {
  std::string source;
  auto edit = ParseEdit(request, "", source);
  if (!edit.ok()) return edit.status();
  auto use = engine.sources.BeginUse(source);
  if (!use.ok()) return use.status();
  return RunIdempotent(
      engine.requests, rpc, request, response,
      [&](const AnswerLog& answers) -> absl::Status {
        const PostingKind kind(engine, AsPostingSource(**use));
        auto rows = RecordWriter<PostingKind>(engine.catalog, kind)
                        .Update(rpc, {&*edit, 1}, answers, FirstRecord);
        if (!rows.ok()) return rows.status();
        response = *std::move(rows->front().record);
        return absl::OkStatus();
      });
}

v1::BatchUpdatePostingsResponse BatchResponse(
    std::span<const PostingRow> rows) {
  v1::BatchUpdatePostingsResponse response;
  for (const PostingRow& row : rows) *response.add_postings() = *row.record;
  return response;
}

absl::Status BatchUpdate(const Engine& engine, const RpcContext& rpc,
                         const v1::BatchUpdatePostingsRequest& request,
                         v1::BatchUpdatePostingsResponse& response) {
  auto parent = ParseSourceName("parent", request.parent());
  if (!parent.ok()) return parent.status();
  const int count = request.requests_size();
  if (count == 0 || count > kMaxBatchRows) {
    return BatchTooLarge("requests", count);
  }
  std::vector<PostingKind::Edit> edits;
  for (int i = 0; i < count; ++i) {
    const std::string path = absl::StrCat("requests[", i, "].");
    absl::Status single = CheckNoRequestId(path, request.requests(i));
    if (!single.ok()) return single;
    auto edit = ParseEdit(request.requests(i), path, *parent);
    if (!edit.ok()) return edit.status();
    edits.push_back(*std::move(edit));
  }
  absl::Status distinct = CheckDistinct<v1::Posting>(edits);
  if (!distinct.ok()) return distinct;
  auto use = engine.sources.BeginUse(*parent);
  if (!use.ok()) return use.status();
  return RunIdempotent(engine.requests, rpc, request, response,
                       [&](const AnswerLog& answers) -> absl::Status {
                         const PostingKind kind(engine, AsPostingSource(**use));
                         auto rows =
                             RecordWriter<PostingKind>(engine.catalog, kind)
                                 .Update(rpc, edits, answers, BatchResponse);
                         if (!rows.ok()) return rows.status();
                         response = BatchResponse(*rows);
                         return absl::OkStatus();
                       });
}

absl::Status Delete(const Engine& engine, const RpcContext& rpc,
                    const v1::DeletePostingRequest& request,
                    google::protobuf::Empty& response) {
  const auto name = ParsePostingName("name", request.name());
  if (!name.ok()) return name.status();
  auto use = engine.sources.BeginUse(name->source);
  if (!use.ok()) return use.status();
  return RunIdempotent(
      engine.requests, rpc, request, response,
      [&](const AnswerLog& answers) -> absl::Status {
        const PostingKind kind(engine, AsPostingSource(**use));
        std::vector<PostingOp> ops(1);
        ops[0].action = IngestAction::kDelete;
        ops[0].posting_id = name->posting;
        ops[0].precondition.must_exist = true;
        if (!request.etag().empty()) ops[0].precondition.etag = request.etag();
        auto rows = RecordWriter<PostingKind>(engine.catalog, kind)
                        .Run(ops, answers, [](std::span<const PostingRow>) {
                          return google::protobuf::Empty();
                        });
        if (!rows.ok()) return rows.status();
        absl::Status taken = ToStatus(rows->front());
        if (!absl::IsNotFound(taken)) return taken;
        if (!request.allow_missing()) return PostingNotFound(request.name());
        return answers.Keep(engine.store, response);
      });
}

absl::Status CheckStates(const v1::ListPostingsRequest& request) {
  for (int i = 0; i < request.states_size(); ++i) {
    const int state = request.states(i);
    if (v1::Posting::State_IsValid(state) &&
        state != v1::Posting::STATE_UNSPECIFIED &&
        state != v1::Posting::STATE_DELETED) {
      continue;
    }
    FieldError error;
    error.field = absl::StrCat("states[", i, "]");
    error.value = absl::StrCat(state);
    error.allowed =
        "STATE_DRAFT、STATE_OPEN、STATE_QUARANTINED、STATE_EXPIRED 或 "
        "STATE_CLOSED（1 至 5）";
    return InvalidField(kFieldInvalid, error);
  }
  return absl::OkStatus();
}

absl::Status CheckView(v1::PostingView view) {
  if (v1::PostingView_IsValid(view)) return absl::OkStatus();
  FieldError error;
  error.field = "view";
  error.value = absl::StrCat(static_cast<int>(view));
  error.allowed = "POSTING_VIEW_BASIC（1）或 POSTING_VIEW_FULL（2）";
  return InvalidField(kFieldInvalid, error);
}

bool Wanted(const v1::ListPostingsRequest& request,
            const v1::Posting& posting) {
  return request.states_size() == 0 ||
         std::find(request.states().begin(), request.states().end(),
                   posting.state()) != request.states().end();
}

absl::Status List(const Engine& engine, const RpcContext& rpc,
                  const v1::ListPostingsRequest& request,
                  v1::ListPostingsResponse& response) {
  const auto source = ParseSourceParent("parent", request.parent());
  if (!source.ok()) return source.status();
  if (!source->empty()) {
    auto known = engine.sources.Get(*source);
    if (!known.ok()) return known.status();
  }
  const auto size = PageSize(request.page_size(), 50, 1'000);
  if (!size.ok()) return size.status();
  absl::Status states = CheckStates(request);
  if (!states.ok()) return states;
  absl::Status known = CheckView(request.view());
  if (!known.ok()) return known;
  auto cursor = engine.tokens.Read(rpc.page_scope(), request);
  if (!cursor.ok()) return cursor.status();

  KeyRange range =
      source->empty() ? KeyRange{} : PrefixRange(SourcePrefix(*source));
  if (!cursor->empty()) range.begin = *cursor + '\0';
  const v1::PostingView view = request.view() == v1::POSTING_VIEW_UNSPECIFIED
                                   ? v1::POSTING_VIEW_BASIC
                                   : request.view();
  size_t bytes = 0;
  for (size_t scanned = 0; scanned < kMaxScanned;) {
    absl::Status go_on = rpc.Check();
    if (!go_on.ok()) return go_on;
    constexpr size_t kStep = 256;
    auto records = engine.catalog.List(CollectionId::kPostings, range, kStep);
    if (!records.ok()) return records.status();
    for (const auto& [key, record] : *records) {
      auto posting = PostingFromRecord(key, record);
      if (!posting.ok()) return posting.status();
      ApplyView(view, *posting);
      HideOthers(rpc.caller(), *posting);
      if (Wanted(request, *posting)) {
        bytes += posting->ByteSizeLong();
        *response.add_postings() = *std::move(posting);
      }
      if (response.postings_size() == *size || bytes >= kMaxPageBytes) {
        response.set_next_page_token(
            engine.tokens.Make(rpc.page_scope(), request, key));
        return absl::OkStatus();
      }
    }
    if (records->size() < kStep) return absl::OkStatus();
    scanned += records->size();
    *cursor = records->back().first;
    range.begin = *cursor + '\0';
  }
  // Few of many were wanted: a page may be short, or empty, and not the last.
  response.set_next_page_token(
      engine.tokens.Make(rpc.page_scope(), request, *cursor));
  return absl::OkStatus();
}

}  // namespace

grpc::ServerUnaryReactor* PostingServiceImpl::CreatePosting(
    grpc::CallbackServerContext* context,
    const v1::CreatePostingRequest* request, v1::Posting* response) {
  return RunUnary(
      runtime_, context, request, response, "PostingService.CreatePosting",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        absl::Status done = Create(runtime_.engine(), rpc, q, r);
        HideOthers(rpc.caller(), r);
        return done;
      });
}

grpc::ServerUnaryReactor* PostingServiceImpl::GetPosting(
    grpc::CallbackServerContext* context, const v1::GetPostingRequest* request,
    v1::Posting* response) {
  return RunUnary(
      runtime_, context, request, response, "PostingService.GetPosting",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        absl::Status known = CheckView(q.view());
        if (!known.ok()) return known;
        auto posting = ReadPosting(runtime_.engine(), "name", q.name());
        if (!posting.ok()) return posting.status();
        ApplyView(q.view(), *posting);
        HideOthers(rpc.caller(), *posting);
        r = *std::move(posting);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* PostingServiceImpl::ListPostings(
    grpc::CallbackServerContext* context,
    const v1::ListPostingsRequest* request,
    v1::ListPostingsResponse* response) {
  return RunUnary(
      runtime_, context, request, response, "PostingService.ListPostings",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return List(runtime_.engine(), rpc, q, r);
      });
}

grpc::ServerUnaryReactor* PostingServiceImpl::UpdatePosting(
    grpc::CallbackServerContext* context,
    const v1::UpdatePostingRequest* request, v1::Posting* response) {
  return RunUnary(
      runtime_, context, request, response, "PostingService.UpdatePosting",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        absl::Status done = Update(runtime_.engine(), rpc, q, r);
        HideOthers(rpc.caller(), r);
        return done;
      });
}

grpc::ServerUnaryReactor* PostingServiceImpl::DeletePosting(
    grpc::CallbackServerContext* context,
    const v1::DeletePostingRequest* request,
    google::protobuf::Empty* response) {
  return RunUnary(
      runtime_, context, request, response, "PostingService.DeletePosting",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return Delete(runtime_.engine(), rpc, q, r);
      });
}

grpc::ServerUnaryReactor* PostingServiceImpl::BatchUpdatePostings(
    grpc::CallbackServerContext* context,
    const v1::BatchUpdatePostingsRequest* request,
    v1::BatchUpdatePostingsResponse* response) {
  return RunUnary(
      runtime_, context, request, response,
      "PostingService.BatchUpdatePostings",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        absl::Status done = BatchUpdate(runtime_.engine(), rpc, q, r);
        for (v1::Posting& posting : *r.mutable_postings()) {
          HideOthers(rpc.caller(), posting);
        }
        return done;
      });
}

grpc::ServerBidiReactor<v1::SyncPostingsRequest, v1::SyncPostingsResponse>*
PostingServiceImpl::SyncPostings(grpc::CallbackServerContext* context) {
  return StartSync(runtime_, context, "PostingService.SyncPostings", limits_,
                   [this] { return std::make_unique<PostingSync>(runtime_); });
}

}  // namespace gradmatch
