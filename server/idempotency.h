#ifndef GRADMATCH_SERVER_IDEMPOTENCY_H_
#define GRADMATCH_SERVER_IDEMPOTENCY_H_

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "index/request_log.h"
#include "index/store.h"
#include "server/rpc.h"

namespace gradmatch {

// Keeps the answer with the change. Passed to the body of RunIdempotent.
class AnswerLog {
 public:
  AnswerLog() = default;  // keeps nothing: a request without request_id
  AnswerLog(const RequestLog& log, RequestIdentity id, uint64_t body_hash)
      : log_(&log), id_(std::move(id)), body_hash_(body_hash) {}

  bool enabled() const { return log_ != nullptr; }

  // Adds the answer to the batch that makes the change. Nothing when disabled.
  void AddTo(WriteBatch& batch,
             const google::protobuf::Message& response) const;
  // Keeps the answer of a request that had nothing to change: a repeat must
  // not find something to do later. Nothing when disabled.
  absl::Status Keep(Store& store,
                    const google::protobuf::Message& response) const;

 private:
  const RequestLog* log_ = nullptr;
  RequestIdentity id_;
  uint64_t body_hash_ = 0;
};

// Runs a write at most once for its field request_id. The same id and body
// within 7 days: the stored answer, and `body` is not called. Another body:
// ABORTED, REQUEST_ID_REUSED. The same request under way: ABORTED, to be tried
// again. An id that IsValidId refuses: INVALID_ARGUMENT. `body` writes the
// answer with AnswerLog::AddTo in the batch of the change; errors are not kept.
// Ids are each caller's own.
//
//   return RunIdempotent(runtime_.engine().requests, rpc, request, response,
//                        [&](const AnswerLog& answers) {...});
absl::Status RunIdempotent(
    RequestLog& log, const RpcContext& rpc,
    const google::protobuf::Message& request,
    google::protobuf::Message& response,
    const std::function<absl::Status(const AnswerLog&)>& body);

// The same where the request log must not keep a hash that the request could be
// guessed from: `hash` is the caller's, and called only for a request that has
// a request_id. It is the same for the same request, and for no other.
using RequestHash = std::function<absl::StatusOr<uint64_t>()>;
absl::Status RunIdempotent(
    RequestLog& log, const RpcContext& rpc,
    const google::protobuf::Message& request,
    google::protobuf::Message& response, const RequestHash& hash,
    const std::function<absl::Status(const AnswerLog&)>& body);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_IDEMPOTENCY_H_
