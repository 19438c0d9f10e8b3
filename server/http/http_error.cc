#include "server/http/http_error.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "server/error_registry.h"
#include "server/http/json_codec.h"
#include "server/rpc_status.h"

namespace gradmatch {
namespace {

// gRPC's own answers carry no reason.
absl::Status WithReason(const absl::Status& error) {
  if (error.code() != absl::StatusCode::kUnimplemented ||
      !ReasonOf(error).empty()) {
    return error;
  }
  return MakeError(absl::StatusCode::kUnimplemented, kMethodUnimplemented,
                   "这个版本的服务没有该方法");
}

// Whole seconds, at least one; 0 when the error says nothing.
int64_t RetryAfterSeconds(const google::rpc::Status& status) {
  google::rpc::RetryInfo info;
  for (const google::protobuf::Any& detail : status.details()) {
    if (detail.UnpackTo(&info)) {
      return std::max<int64_t>(1, info.retry_delay().seconds() +
                                      (info.retry_delay().nanos() > 0 ? 1 : 0));
    }
  }
  return 0;
}

std::string StatusJson(const google::rpc::Status& status) {
  const absl::StatusOr<std::string> json = MessageToJson(status);
  if (json.ok()) return *json;
  // Details that this program cannot name, from a service it does not know.
  return absl::StrCat("{\"code\":", status.code(),
                      ",\"message\":", JsonQuote(status.message()), "}");
}

}  // namespace

HttpReply ErrorReply(const absl::Status& error, bool if_match) {
  const absl::Status known = WithReason(error);
  const google::rpc::Status status = ToRpcStatus(known);
  const std::string reason = ReasonOf(known);
  HttpReply reply;
  reply.status = HttpStatusOf(known.code(), reason);
  if (if_match && reason == kEtagMismatch) reply.status = 412;
  reply.headers.emplace_back("Content-Type", "application/json");
  const int64_t retry_after = RetryAfterSeconds(status);
  if (retry_after > 0) {
    reply.headers.emplace_back("Retry-After", absl::StrCat(retry_after));
  } else if (reply.status == 503) {
    reply.headers.emplace_back("Retry-After", "1");
  }
  reply.body = StatusJson(status) + "\n";
  return reply;
}

std::string ErrorLine(const absl::Status& error) {
  return absl::StrCat("{\"error\":", StatusJson(ToRpcStatus(WithReason(error))),
                      "}");
}

}  // namespace gradmatch
