#include "server/quota.h"

#include <cmath>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"

namespace gradmatch {
namespace {

struct LimitText {
  std::string_view name;
  bool tenants;  // the caller's own limit, else the server's
  std::string_view message;
};

constexpr std::array<LimitText, kQuotaLimits> kTexts = {{
    {"calls", false, "服务繁忙：同时处理的请求已达上限，请稍后重试"},
    {"bytes", false, "服务繁忙：同时处理的请求正文总量已达上限，请稍后重试"},
    {"streams", false, "服务繁忙：同时打开的流已达上限，请稍后重试"},
    {"tenant_calls", true, "贵方同时进行的请求已达上限，请降低并发，稍后重试"},
    {"tenant_bytes", true,
     "贵方同时进行的请求正文总量已达上限，请降低并发或拆小请求，稍后重试"},
    {"tenant_streams", true,
     "贵方同时打开的流已达上限，请等其中一个结束后重试"},
    {"tenant_rate", true, "贵方每秒请求数已达上限，请放慢后重试"},
    {"queue", false, "服务繁忙：等待队列已满，请稍后重试"},
    {"tenant_queue", true, "贵方排队等待的请求已达上限，请降低并发，稍后重试"},
    {"queue_wait", false, "服务繁忙：请求排队过久，已放弃处理，请稍后重试"},
    {"peer_cancels", true,
     "该连接在短时间内取消了过多请求，暂不受理，请稍后重试"},
}};

const LimitText& TextOf(QuotaLimit limit) {
  return kTexts[static_cast<size_t>(limit)];
}

constexpr absl::Duration kRetryAfter = absl::Milliseconds(200);
constexpr int kStreamFactor = 10;

// n times the golden ratio modulo 1: each next one falls into the widest gap
// that those before it have left.
double NextFraction() {
  static std::atomic<uint64_t> calls{0};
  constexpr double kGolden = 0.6180339887498949;
  const double n = static_cast<double>(calls.fetch_add(1) % 1'000'000);
  return n * kGolden - std::floor(n * kGolden);
}

}  // namespace

std::string_view QuotaLimitName(QuotaLimit limit) { return TextOf(limit).name; }

absl::Status QuotaError(QuotaLimit limit, absl::Duration retry_after) {
  const LimitText& text = TextOf(limit);
  const std::string subject = text.tenants ? "tenant" : "server";
  const int64_t millis =
      absl::ToInt64Milliseconds(absl::Ceil(retry_after, absl::Milliseconds(1)));
  absl::Status status = MakeError(
      absl::StatusCode::kResourceExhausted, kQuotaExceeded, text.message,
      {{"limit", std::string(text.name)}, {"subject", subject}});
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(millis / 1'000);
  retry.mutable_retry_delay()->set_nanos(
      static_cast<int32_t>(millis % 1'000 * 1'000'000));
  google::rpc::QuotaFailure failure;
  auto* violation = failure.add_violations();
  violation->set_subject(subject);
  violation->set_description(std::string(text.name));
  const auto attach = [&status](const google::protobuf::Message& detail) {
    status.SetPayload(absl::StrCat("type.googleapis.com/",
                                   detail.GetDescriptor()->full_name()),
                      absl::Cord(detail.SerializeAsString()));
  };
  attach(retry);
  attach(failure);
  return status;
}

absl::Status QuotaError(QuotaLimit limit) {
  const bool stream =
      limit == QuotaLimit::kStreams || limit == QuotaLimit::kTenantStreams;
  return QuotaError(
      limit, kRetryAfter * (1 + NextFraction()) * (stream ? kStreamFactor : 1));
}

int64_t RetryPushbackMillis(const absl::Status& status) {
  if (status.code() != absl::StatusCode::kResourceExhausted ||
      ReasonOf(status) != kQuotaExceeded) {
    return -1;
  }
  const auto payload =
      status.GetPayload("type.googleapis.com/google.rpc.RetryInfo");
  google::rpc::RetryInfo retry;
  if (!payload.has_value() || !retry.ParseFromString(std::string(*payload))) {
    return -1;
  }
  return retry.retry_delay().seconds() * 1'000 +
         retry.retry_delay().nanos() / 1'000'000;
}

std::string QuotaTenant(const Caller& caller) {
  const std::string_view role = CallerRoleName(caller.role);
  return caller.tenant.empty() ? std::string(role)
                               : absl::StrCat(A(role), "/", caller.tenant);
}

bool MayNameTenant(std::string_view tenant) {
  return !absl::StartsWith(A(tenant), "staff/");
}

}  // namespace gradmatch
