#ifndef GRADMATCH_SERVER_CONTENT_MATCHING_H_
#define GRADMATCH_SERVER_CONTENT_MATCHING_H_

#include "absl/status/status.h"
#include "gradmatch/v1/match_service.pb.h"
#include "server/rpc.h"
#include "server/runtime.h"

namespace gradmatch {

// MatchService.MatchContents.
absl::Status MatchContents(const Runtime& runtime, const RpcContext& rpc,
                           const v1::MatchContentsRequest& request,
                           v1::MatchContentsResponse& response);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_CONTENT_MATCHING_H_
