#ifndef GRADMATCH_SERVER_AUDIT_H_
#define GRADMATCH_SERVER_AUDIT_H_

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "index/vault/audit_log.h"
#include "server/rpc.h"

namespace gradmatch {

// Who calls, as the audit names it.
std::string PrincipalOf(const RpcContext& rpc);

// The service itself, reading sealed flags for the floors of a push run. All
// other entries have the role of who called (CallerRoleName).
inline constexpr char kRoleFloorReader[] = "floor-reader";

// The result of what is about to be done.
inline constexpr char kAuditAllowed[] = "ALLOWED";

// What a call does, for the audit.
struct AuditedAct {
  std::string resource;  // a resource name; people as PersonInAudit
  std::string purpose;   // as the caller stated it; may be empty
};

AuditEvent AuditEventOf(const RpcContext& rpc, const AuditedAct& act,
                        std::string_view result);

// Runs `body` once the audit has on disk that it is going to: when that cannot
// be written, `body` is not called and the call fails with AUDIT_UNAVAILABLE.
// When `body` fails, a second entry says how, by reason or code. So whatever
// was answered with OK has one entry, ALLOWED, that is older than the answer.
//
//   return RunAudited(engine.audit, rpc,
//                     {PersonInAudit(pseudonym), request.purpose()},
//                     [&] { return Freeze(...); });
absl::Status RunAudited(AuditLog& log, const RpcContext& rpc,
                        const AuditedAct& act,
                        const std::function<absl::Status()>& body);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_AUDIT_H_
