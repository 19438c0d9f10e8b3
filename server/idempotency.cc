#include "server/idempotency.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/keys.h"
#include "server/message_hash.h"

namespace gradmatch {
namespace {

std::string RequestIdOf(const google::protobuf::Message& request) {
  const google::protobuf::FieldDescriptor* field =
      request.GetDescriptor()->FindFieldByName("request_id");
  return field == nullptr ? std::string()
                          : request.GetReflection()->GetString(request, field);
}

absl::Status BadRequestId(const std::string& id) {
  FieldError error;
  error.field = "request_id";
  error.value = id;
  error.allowed = "1 至 64 个字符，限 A-Z a-z 0-9 . _ ~ -，例如 UUID";
  return InvalidField(kFieldInvalid, error);
}

}  // namespace

void AnswerLog::AddTo(WriteBatch& batch,
                      const google::protobuf::Message& response) const {
  if (log_ == nullptr) return;
  log_->AddTo(batch, id_, body_hash_, response.SerializeAsString());
}

absl::Status AnswerLog::Keep(Store& store,
                             const google::protobuf::Message& response) const {
  if (log_ == nullptr) return absl::OkStatus();
  WriteBatch batch;
  AddTo(batch, response);
  return store.Write(batch, Durability::kSynced);
}

absl::Status RunIdempotent(
    RequestLog& log, const RpcContext& rpc,
    const google::protobuf::Message& request,
    google::protobuf::Message& response,
    const std::function<absl::Status(const AnswerLog&)>& body) {
  return RunIdempotent(
      log, rpc, request, response,
      [&]() -> absl::StatusOr<uint64_t> {
        return MessageHash(request, {"request_id"});
      },
      body);
}

absl::Status RunIdempotent(
    RequestLog& log, const RpcContext& rpc,
    const google::protobuf::Message& request,
    google::protobuf::Message& response, const RequestHash& hash_of,
    const std::function<absl::Status(const AnswerLog&)>& body) {
  const std::string request_id = RequestIdOf(request);
  if (request_id.empty()) return body(AnswerLog());
  if (!IsValidId(request_id)) return BadRequestId(request_id);

  const std::string method(rpc.method());
  const RequestIdentity id{RequestScope(rpc.caller()), method, request_id};
  const std::unique_ptr<RequestLog::Claim> claim = log.TryClaim(id);
  if (claim == nullptr) {
    return MakeError(absl::StatusCode::kAborted, kRequestIdReused,
                     "同一 request_id 的请求正在执行，请稍后用相同内容重试",
                     {{"state", "RUNNING"}});
  }
  const absl::StatusOr<uint64_t> hash = hash_of();
  if (!hash.ok()) return hash.status();
  const absl::StatusOr<RequestLookup> seen = log.Lookup(id, *hash);
  if (!seen.ok()) return seen.status();
  switch (seen->outcome) {
    case RequestOutcome::kNew:
      return body(AnswerLog(log, id, *hash));
    case RequestOutcome::kSame:
      if (response.ParseFromString(seen->response)) return absl::OkStatus();
      return absl::DataLossError(absl::StrCat(
          "the answer kept for a request of ", method, " does not parse"));
    case RequestOutcome::kConflict:
      break;
  }
  return MakeError(
      absl::StatusCode::kAborted, kRequestIdReused,
      absl::StrCat("request_id 已用于内容不同的请求（方法 ", method,
                   "，7 天内有效）；请换一个新的 request_id"),
      {{"state", "DONE"}});
}

}  // namespace gradmatch
