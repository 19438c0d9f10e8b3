#include "server/audit_list.h"

#include <string>
#include <utility>

#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/pseudonym.h"
#include "index/vault/audit_log.h"
#include "index/vault/audit_store.h"
#include "server/page_token.h"
#include "server/resource_name.h"

namespace gradmatch {
namespace {

constexpr size_t kMaxFilterBytes = 300;

absl::Status CheckFilter(const char* field, const std::string& text) {
  if (text.size() <= kMaxFilterBytes) return absl::OkStatus();
  return InvalidField(kFieldTooLong, {field, text, "至多 300 字节", ""});
}

}  // namespace

absl::Status ListAuditEntries(const Engine& engine, const RpcContext& rpc,
                              const v1::ListAuditEntriesRequest& request,
                              v1::ListAuditEntriesResponse& response) {
  absl::Status valid = CheckFilter("method", request.method());
  if (valid.ok()) valid = CheckFilter("resource", request.resource());
  if (!valid.ok()) return valid;
  const auto size = PageSize(request.page_size(), 50, 1'000);
  if (!size.ok()) return size.status();
  auto before = engine.tokens.Read(rpc.page_scope(), request);
  if (!before.ok()) return before.status();

  AuditQuery query{.method = request.method(),
                   .resource = request.resource(),
                   .before = *std::move(before),
                   .limit = static_cast<size_t>(*size),
                   .stop = [&rpc] { return rpc.Check(); }};
  if (query.resource.starts_with("graduates/")) {
    const auto id = ParseGraduateName("resource", query.resource);
    if (!id.ok()) return id.status();
    query.resource = PersonInAudit(engine.pseudonyms.Of(*id));
  }
  auto page = ListAudit(engine.store, query);
  if (!page.ok()) return page.status();
  for (v1::AuditEntry& entry : page->entries) {
    *response.add_audit_entries() = std::move(entry);
  }
  if (!page->next_before.empty()) {
    response.set_next_page_token(
        engine.tokens.Make(rpc.page_scope(), request, page->next_before));
  }
  return absl::OkStatus();
}

}  // namespace gradmatch
