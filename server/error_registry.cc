#include "server/error_registry.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "index/base/strings.h"

namespace gradmatch {
namespace {

using Code = absl::StatusCode;
using enum RetryAdvice;

std::string_view RetryText(RetryAdvice retry) {
  switch (retry) {
    case kNever:
      return "否";
    case kAfterFix:
      return "改正后";
    case kAfterRead:
      return "重新读取后";
    case kLater:
      return "是，间隔渐增";
  }
  return "";
}

}  // namespace

const ErrorEntry* FindError(std::string_view reason) {
  const std::span<const ErrorEntry> all = ErrorRegistry();
  const auto it = std::ranges::find(all, reason, &ErrorEntry::reason);
  return it == all.end() ? nullptr : &*it;
}

int HttpStatusOf(absl::StatusCode code) {
  switch (code) {
    case Code::kOk:
      return 200;
    case Code::kInvalidArgument:
    case Code::kFailedPrecondition:
    case Code::kOutOfRange:
      return 400;
    case Code::kUnauthenticated:
      return 401;
    case Code::kPermissionDenied:
      return 403;
    case Code::kNotFound:
      return 404;
    case Code::kAlreadyExists:
    case Code::kAborted:
      return 409;
    case Code::kResourceExhausted:
      return 429;
    case Code::kCancelled:
      return 499;
    case Code::kUnimplemented:
      return 501;
    case Code::kUnavailable:
      return 503;
    case Code::kDeadlineExceeded:
      return 504;
    default:
      return 500;
  }
}

int HttpStatusOf(absl::StatusCode code, std::string_view reason) {
  const ErrorEntry* entry = FindError(reason);
  return entry == nullptr || entry->http_status == 0 ? HttpStatusOf(code)
                                                     : entry->http_status;
}

std::string ErrorPage() {
  std::string page =
      "# 错误原因一览\n\n"
      "每个错误都带有 `google.rpc.ErrorInfo`：`domain` 为 "
      "`gradmatch`，`reason` 为"
      "下表之一，`metadata` 中有 `field`、`value`、`allowed`、`nearest` 等。\n"
      "HTTP 的错误正文是 `google.rpc.Status` 的 JSON；同步流中逐行的 "
      "`error.reason` "
      "用同样的词。原因的含义不会改变。\n\n"
      "只有 `UNAVAILABLE`（503）可以由客户端自动重试，见 "
      "`tools/clients/service_config.json`；带 `If-Match` 的请求遇到 "
      "`ETAG_MISMATCH` 时返回 412。\n\n"
      "本页由 `server/error_entries.cc` 生成（`tools/renew_api_pages`），请勿"
      "手改。\n\n"
      "| 原因 | 含义 | 怎么办 | 可否重试 | gRPC | HTTP |\n"
      "|---|---|---|---|---|---|\n";
  for (const ErrorEntry& entry : ErrorRegistry()) {
    std::string codes, statuses;
    for (const Code code : entry.codes) {
      absl::StrAppend(&codes, codes.empty() ? "" : "、",
                      absl::StatusCodeToString(code));
      const std::string status = absl::StrCat(HttpStatusOf(code, entry.reason));
      if (statuses.find(status) == std::string::npos) {
        absl::StrAppend(&statuses, statuses.empty() ? "" : "、", status);
      }
    }
    absl::StrAppend(&page, "| `", A(entry.reason), "` | ", A(entry.meaning),
                    " | ", A(entry.advice), " | ", A(RetryText(entry.retry)),
                    " | ", codes, " | ", statuses, " |\n");
  }
  return page;
}

}  // namespace gradmatch
