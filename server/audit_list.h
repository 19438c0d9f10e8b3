#ifndef GRADMATCH_SERVER_AUDIT_LIST_H_
#define GRADMATCH_SERVER_AUDIT_LIST_H_

#include "absl/status/status.h"
#include "gradmatch/v1/admin_service.pb.h"
#include "server/rpc.h"
#include "server/runtime.h"

namespace gradmatch {

// AdminService.ListAuditEntries: newest first, by method and resource. The
// resource may be the name of a graduate: entries name it by pseudonym, and so
// they answer. DATA_LOSS when entries are damaged or the newest are missing.
absl::Status ListAuditEntries(const Engine& engine, const RpcContext& rpc,
                              const v1::ListAuditEntriesRequest& request,
                              v1::ListAuditEntriesResponse& response);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_AUDIT_LIST_H_
