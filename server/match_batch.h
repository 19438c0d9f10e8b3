#ifndef GRADMATCH_SERVER_MATCH_BATCH_H_
#define GRADMATCH_SERVER_MATCH_BATCH_H_

#include <cstddef>

#include "absl/status/status.h"
#include "gradmatch/v1/match_service.pb.h"
#include "server/rpc.h"
#include "server/runtime.h"

namespace gradmatch {

// The answers of MatchPostings for many graduates: of one snapshot and one
// moment, each what MatchPostings would say, in the order asked for. Graduates
// are answered over the threads of runtime.workers; records of postings that
// several are shown are read once. At most `max_bytes` of answers: the first
// one that does not fit and all after it get BATCH_TOO_LARGE, however many
// threads there are.
absl::Status BatchMatchPostings(Runtime& runtime, size_t max_bytes,
                                const RpcContext& rpc,
                                const v1::BatchMatchPostingsRequest& request,
                                v1::BatchMatchPostingsResponse& response);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_MATCH_BATCH_H_
