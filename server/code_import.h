#ifndef GRADMATCH_SERVER_CODE_IMPORT_H_
#define GRADMATCH_SERVER_CODE_IMPORT_H_

#include "absl/status/status.h"
#include "gradmatch/v1/code_service.pb.h"
#include "server/rpc.h"
#include "server/runtime.h"

namespace gradmatch {

// CodeService.ImportCodes: checks the table whole, says which codes get lost,
// and keeps it unless only asked to check. Errors name the line.
absl::Status ImportCodes(const Engine& engine, const RpcContext& rpc,
                         const v1::ImportCodesRequest& request,
                         v1::ImportCodesResponse& response);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_CODE_IMPORT_H_
