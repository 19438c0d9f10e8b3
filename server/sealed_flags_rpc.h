#ifndef GRADMATCH_SERVER_SEALED_FLAGS_RPC_H_
#define GRADMATCH_SERVER_SEALED_FLAGS_RPC_H_

#include "absl/status/status.h"
#include "google/protobuf/empty.pb.h"
#include "gradmatch/v1/graduate_service.pb.h"
#include "server/rpc.h"
#include "server/runtime.h"

namespace gradmatch {

// GraduateService.UpdateSealedFlags and DeleteSealedFlags: the role that writes
// hardship and disability, and can read neither. Audited; the answer says
// nothing, and nor does what the request log keeps.
absl::Status UpdateSealedFlags(const Engine& engine, const RpcContext& rpc,
                               const v1::UpdateSealedFlagsRequest& request,
                               google::protobuf::Empty& response);
absl::Status DeleteSealedFlags(const Engine& engine, const RpcContext& rpc,
                               const v1::DeleteSealedFlagsRequest& request,
                               google::protobuf::Empty& response);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_SEALED_FLAGS_RPC_H_
