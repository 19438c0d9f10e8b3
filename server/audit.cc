#include "server/audit.h"

#include "absl/strings/str_cat.h"
#include "index/base/error.h"

namespace gradmatch {
namespace {

std::string ResultOf(const absl::Status& status) {
  std::string reason = ReasonOf(status);
  return reason.empty() ? absl::StatusCodeToString(status.code()) : reason;
}

}  // namespace

std::string PrincipalOf(const RpcContext& rpc) {
  return rpc.caller().principal;
}

AuditEvent AuditEventOf(const RpcContext& rpc, const AuditedAct& act,
                        std::string_view result) {
  return {.principal = PrincipalOf(rpc),
          .role = std::string(CallerRoleName(rpc.caller().role)),
          .method = std::string(rpc.method()),
          .resource = act.resource,
          .purpose = act.purpose,
          .result = std::string(result)};
}

absl::Status RunAudited(AuditLog& log, const RpcContext& rpc,
                        const AuditedAct& act,
                        const std::function<absl::Status()>& body) {
  const absl::Status kept = log.Append(AuditEventOf(rpc, act, kAuditAllowed));
  if (!kept.ok()) return kept;
  absl::Status done = body();
  if (done.ok()) return done;
  // Nothing was answered or changed, so the call may end as it did even when
  // this cannot be kept.
  log.Append(AuditEventOf(rpc, act, ResultOf(done))).IgnoreError();
  return done;
}

}  // namespace gradmatch
