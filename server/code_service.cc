#include "server/code_service.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/codes/code_registry.h"
#include "matcher/ingest/field_checks.h"
#include "matcher/resolve_code.h"
#include "server/code_import.h"
#include "server/code_messages.h"
#include "server/page_token.h"

namespace gradmatch {
namespace {

constexpr int kMaxTexts = 500;
constexpr size_t kMaxText = 200;

absl::Status TooMany(std::string_view field, int count) {
  FieldError error;
  error.field = std::string(field);
  error.value = absl::StrCat(count, " 项");
  error.allowed = absl::StrCat("1 至 ", kMaxTexts, " 项；更多请分几次");
  return InvalidField(count == 0 ? kFieldMissing : kBatchTooLarge, error);
}

void ListSystems(v1::ListCodeSystemsResponse& response) {
  for (const RegisteredTable& one : ListCodeTables()) {
    *response.add_code_systems() = ToCodeSystem(one);
  }
}

// In force and former, by code, behind `after`.
std::vector<const CodeEntry*> EntriesAfter(const CodeTable& table,
                                           std::string_view after) {
  std::vector<const CodeEntry*> entries;
  for (const auto list : {table.entries(), table.former()}) {
    for (const CodeEntry& entry : list) {
      if (entry.code > after) entries.push_back(&entry);
    }
  }
  std::sort(
      entries.begin(), entries.end(),
      [](const CodeEntry* a, const CodeEntry* b) { return a->code < b->code; });
  return entries;
}

bool IsBelow(const CodeTable& table, const CodeEntry& entry,
             const CodeEntry* below) {
  for (const CodeEntry* e = &entry; e != nullptr; e = table.Parent(*e)) {
    if (e == below) return true;
  }
  return false;
}

absl::Status List(const Engine& engine, const RpcContext& rpc,
                  const v1::ListCodesRequest& request,
                  v1::ListCodesResponse& response) {
  const auto table =
      FindNamedTable("parent", request.parent(), request.version());
  if (!table.ok()) return table.status();
  const CodeEntry* below = nullptr;
  if (!request.below().empty()) {
    const auto found = FindNamedCode("below", **table, request.below());
    if (!found.ok()) return found.status();
    below = *found;
  }
  const auto size = PageSize(request.page_size(), 50, 1'000);
  if (!size.ok()) return size.status();
  const auto after = engine.tokens.Read(rpc.page_scope(), request);
  if (!after.ok()) return after.status();
  for (const CodeEntry* entry : EntriesAfter(**table, *after)) {
    if (below != nullptr && !IsBelow(**table, *entry, below)) continue;
    if (response.codes_size() == *size) {
      const std::string& last = response.codes(*size - 1).code().code();
      response.set_next_page_token(
          engine.tokens.Make(rpc.page_scope(), request, last));
      break;
    }
    *response.add_codes() = ToCodeInfo(**table, *entry);
  }
  return absl::OkStatus();
}

absl::Status CheckText(int index, const std::string& text) {
  FieldError error;
  error.field = Indexed("texts", index);
  error.allowed = absl::StrCat("1 至 ", kMaxText, " 个字符");
  if (text.empty()) return InvalidField(kFieldMissing, error);
  if (CountCharacters(text) <= kMaxText) return absl::OkStatus();
  error.value = CutCharacters(text, 20);
  return InvalidField(kFieldTooLong, error);
}

absl::Status Resolve(const RpcContext& rpc,
                     const v1::ResolveCodesRequest& request,
                     v1::ResolveCodesResponse& response) {
  const auto table = FindNamedTable("parent", request.parent());
  if (!table.ok()) return table.status();
  if (request.texts().empty() || request.texts_size() > kMaxTexts) {
    return TooMany("texts", request.texts_size());
  }
  if (request.candidates() < 0) {
    FieldError error;
    error.field = "candidates";
    error.value = absl::StrCat(request.candidates());
    error.allowed = "0 至 20，0 表示 3";
    return InvalidField(kFieldOutOfRange, error);
  }
  const size_t most = request.candidates() == 0
                          ? 3
                          : std::min<size_t>(request.candidates(), 20);
  for (int i = 0; i < request.texts_size(); ++i) {
    absl::Status valid = CheckText(i, request.texts(i));
    if (valid.ok()) valid = rpc.Check();
    if (!valid.ok()) return valid;
    v1::ResolveCodesResponse::Result& result = *response.add_results();
    result.set_text(request.texts(i));
    for (const CodeReading& r : ReadAsCode(**table, request.texts(i), most)) {
      auto& candidate = *result.add_candidates();
      *candidate.mutable_code() = ToCodeInfo(**table, *r.entry);
      candidate.set_confidence(r.confidence);
    }
  }
  return absl::OkStatus();
}

// The system to cross to; a field of the request, so no resource.
absl::StatusOr<const CodeTable*> FindTarget(const std::string& system) {
  if (const CodeTable* table = CodeTable::Get(system)) return table;
  FieldError error;
  error.field = "to_system";
  error.value = system;
  for (const RegisteredTable& one : ListCodeTables()) {
    if (!one.current) continue;
    absl::StrAppend(&error.allowed, error.allowed.empty() ? "" : ", ",
                    one.table->system());
  }
  return InvalidField(system.empty() ? kFieldMissing : kCodeSystemUnknown,
                      error);
}

void CrossOne(const CodeTable& from, const CodeEntry& entry,
              const CodeTable& to, v1::CrossCodesResponse& response) {
  const std::vector<const CodeEntry*> found = CrossByName(entry, to);
  if (found.empty()) {
    *response.add_misses() = ToCode(from, entry);
    return;
  }
  v1::CrossCodesResponse::Result& result = *response.add_results();
  *result.mutable_code() = ToCode(from, entry);
  for (const CodeEntry* e : found) *result.add_crossed() = ToCode(to, *e);
}

absl::Status Cross(const v1::CrossCodesRequest& request,
                   v1::CrossCodesResponse& response) {
  const auto from = FindNamedTable("parent", request.parent());
  if (!from.ok()) return from.status();
  const auto to = FindTarget(request.to_system());
  if (!to.ok()) return to.status();
  if (request.codes_size() > kMaxTexts) {
    return TooMany("codes", request.codes_size());
  }
  if (request.codes().empty()) {
    for (const CodeEntry& entry : (*from)->entries()) {
      CrossOne(**from, entry, **to, response);
    }
  }
  for (int i = 0; i < request.codes_size(); ++i) {
    const auto entry =
        FindNamedCode(Indexed("codes", i), **from, request.codes(i));
    if (!entry.ok()) return entry.status();
    CrossOne(**from, **entry, **to, response);
  }
  return absl::OkStatus();
}

}  // namespace

grpc::ServerUnaryReactor* CodeServiceImpl::ListCodeSystems(
    grpc::CallbackServerContext* context,
    const v1::ListCodeSystemsRequest* request,
    v1::ListCodeSystemsResponse* response) {
  return RunUnary(runtime_, context, request, response,
                  "CodeService.ListCodeSystems",
                  [](const RpcContext&, const auto&, auto& r) -> absl::Status {
                    ListSystems(r);
                    return absl::OkStatus();
                  });
}

grpc::ServerUnaryReactor* CodeServiceImpl::ListCodes(
    grpc::CallbackServerContext* context, const v1::ListCodesRequest* request,
    v1::ListCodesResponse* response) {
  return RunUnary(
      runtime_, context, request, response, "CodeService.ListCodes",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return List(runtime_.engine(), rpc, q, r);
      });
}

grpc::ServerUnaryReactor* CodeServiceImpl::ResolveCodes(
    grpc::CallbackServerContext* context,
    const v1::ResolveCodesRequest* request,
    v1::ResolveCodesResponse* response) {
  return RunUnary(runtime_, context, request, response,
                  "CodeService.ResolveCodes",
                  [](const RpcContext& rpc, const auto& q,
                     auto& r) -> absl::Status { return Resolve(rpc, q, r); });
}

grpc::ServerUnaryReactor* CodeServiceImpl::CrossCodes(
    grpc::CallbackServerContext* context, const v1::CrossCodesRequest* request,
    v1::CrossCodesResponse* response) {
  return RunUnary(runtime_, context, request, response,
                  "CodeService.CrossCodes",
                  [](const RpcContext&, const auto& q,
                     auto& r) -> absl::Status { return Cross(q, r); });
}

grpc::ServerUnaryReactor* CodeServiceImpl::ImportCodes(
    grpc::CallbackServerContext* context, const v1::ImportCodesRequest* request,
    v1::ImportCodesResponse* response) {
  return RunUnary(
      runtime_, context, request, response, "CodeService.ImportCodes",
      [this](const RpcContext& rpc, const auto& q, auto& r) -> absl::Status {
        return gradmatch::ImportCodes(runtime_.engine(), rpc, q, r);
      });
}

}  // namespace gradmatch
