#ifndef GRADMATCH_SERVER_ERASURES_H_
#define GRADMATCH_SERVER_ERASURES_H_

#include "absl/status/status.h"
#include "google/longrunning/operations.pb.h"
#include "gradmatch/v1/graduate_service.pb.h"
#include "server/erasure_runner.h"
#include "server/rpc.h"
#include "server/runtime.h"

namespace gradmatch {

// The methods of GraduateService about erasures.

// Once it returns OK the graduate is not served any more.
absl::Status EraseGraduate(const Runtime& runtime, ErasureRunner& runner,
                           const RpcContext& rpc,
                           const v1::EraseGraduateRequest& request,
                           google::longrunning::Operation& response);
absl::Status GetReceipt(const ErasureRunner& runner,
                        const v1::GetErasureReceiptRequest& request,
                        v1::ErasureReceipt& response);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_ERASURES_H_
