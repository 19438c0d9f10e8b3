#ifndef GRADMATCH_SERVER_RPC_STATUS_H_
#define GRADMATCH_SERVER_RPC_STATUS_H_

#include <string_view>

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/support/status.h"

namespace gradmatch {

// The same error as google.rpc.Status: payloads become details. An error
// without an ErrorInfo gets one, reason INTERNAL (CANCELLED, DEADLINE_PASSED
// where the code says so), and the text of an INTERNAL, UNKNOWN or DATA_LOSS
// error stays here: it is for the log.
google::rpc::Status ToRpcStatus(const absl::Status& status);

// The same for the wire: the google.rpc.Status is the binary trailer
// grpc-status-details-bin. Messages are cut to what fits into the metadata.
grpc::Status ToGrpcStatus(const absl::Status& status);

// Back from the wire, details as payloads; for clients and tests.
absl::Status FromGrpcStatus(const grpc::Status& status);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_RPC_STATUS_H_
