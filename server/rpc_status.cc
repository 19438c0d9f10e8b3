#include "server/rpc_status.h"

#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"

namespace gradmatch {
namespace {

// Peers accept 8 KiB of metadata; the message goes twice, once percent-encoded
// at three bytes a byte.
constexpr size_t kMaxMessageBytes = 900;
constexpr size_t kMaxDetailBytes = 2'500;

std::string CutText(absl::string_view text) {
  if (text.size() <= kMaxMessageBytes) return std::string(text);
  size_t end = kMaxMessageBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) {
    --end;
  }
  return absl::StrCat(text.substr(0, end), "…");
}

bool IsOurFault(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal ||
         code == absl::StatusCode::kUnknown ||
         code == absl::StatusCode::kDataLoss;
}

const char* ReasonFor(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kCancelled:
      return kCancelled;
    case absl::StatusCode::kDeadlineExceeded:
      return kDeadlinePassed;
    case absl::StatusCode::kInvalidArgument:
      return kFieldInvalid;
    case absl::StatusCode::kOutOfRange:
      return kFieldOutOfRange;
    case absl::StatusCode::kResourceExhausted:
      return kQuotaExceeded;
    case absl::StatusCode::kDataLoss:
      return kDataLoss;
    default:
      return kInternal;
  }
}

// ErrorInfo first, so that it is never the one that is left out.
void AddDetails(const absl::Status& status, google::rpc::Status& out) {
  const std::string info_url =
      absl::StrCat("type.googleapis.com/",
                   google::rpc::ErrorInfo::descriptor()->full_name());
  size_t bytes = 0;
  const auto add = [&](absl::string_view url, const absl::Cord& payload) {
    if (bytes + payload.size() > kMaxDetailBytes) return;
    bytes += payload.size();
    google::protobuf::Any* any = out.add_details();
    any->set_type_url(std::string(url));
    any->set_value(std::string(payload));
  };
  const absl::optional<absl::Cord> info = status.GetPayload(info_url);
  if (info.has_value()) {
    add(info_url, *info);
  } else {
    google::rpc::ErrorInfo made;
    made.set_domain(kDomain);
    made.set_reason(ReasonFor(status.code()));
    add(info_url, absl::Cord(made.SerializeAsString()));
  }
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    if (url != info_url) add(url, payload);
  });
}

}  // namespace

google::rpc::Status ToRpcStatus(const absl::Status& status) {
  google::rpc::Status out;
  out.set_code(static_cast<int>(status.code()));
  if (status.ok()) return out;
  const bool hidden = IsOurFault(status.code()) && ReasonOf(status).empty();
  out.set_message(hidden ? "服务内部错误，已记入日志；请稍后重试，仍失败请联系"
                           "运行维护人员"
                         : CutText(status.message()));
  AddDetails(status, out);
  return out;
}

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const google::rpc::Status rpc = ToRpcStatus(status);
  return grpc::Status(static_cast<grpc::StatusCode>(rpc.code()), rpc.message(),
                      rpc.SerializeAsString());
}

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status out(static_cast<absl::StatusCode>(status.error_code()),
                   status.error_message());
  google::rpc::Status rpc;
  if (rpc.ParseFromString(status.error_details())) {
    for (const google::protobuf::Any& any : rpc.details()) {
      out.SetPayload(any.type_url(), absl::Cord(any.value()));
    }
  }
  return out;
}

}  // namespace gradmatch
