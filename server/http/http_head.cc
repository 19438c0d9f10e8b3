#include "server/http/http_head.h"

#include <cctype>
#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"

namespace gradmatch {
namespace {

const char* ReasonPhrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 429:
      return "Too Many Requests";
    case 503:
      return "Service Unavailable";
    case 507:
      return "Insufficient Storage";
    default:
      return status < 400 ? "OK" : "Error";
  }
}

bool IsToken(std::string_view name) {
  for (const unsigned char c : name) {
    if (!std::isalnum(c) &&
        std::string_view("!#$%&'*+-.^_`|~").find(c) == std::string_view::npos) {
      return false;
    }
  }
  return !name.empty();
}

bool IsNumber(std::string_view text) {
  uint64_t value = 0;
  return !text.empty() &&
         text.find_first_not_of("0123456789") == std::string_view::npos &&
         absl::SimpleAtoi(A(text), &value);
}

}  // namespace

std::string_view FramingProblem(
    std::string_view method,
    const std::vector<std::pair<std::string_view, std::string_view>>& headers) {
  int lengths = 0, codings = 0;
  bool has_body = false;
  for (const auto& [name, value] : headers) {
    if (!IsToken(name)) return "请求头的名字不合规";
    if (absl::EqualsIgnoreCase(A(name), "Content-Length")) {
      ++lengths;
      if (!IsNumber(value)) return "Content-Length 不是数字";
      has_body = value.find_first_not_of('0') != std::string_view::npos;
    } else if (absl::EqualsIgnoreCase(A(name), "Transfer-Encoding")) {
      ++codings;
      if (!absl::EqualsIgnoreCase(A(value), "chunked")) {
        return "只支持 Transfer-Encoding: chunked";
      }
      has_body = true;
    }
  }
  if (lengths + codings > 1) return "请求正文的长度有两种说法";
  if (has_body &&
      (method == "GET" || method == "HEAD" || method == "OPTIONS")) {
    return "该 HTTP 方法不带请求正文";
  }
  return "";
}

HttpReply BadFraming(std::string_view what) {
  return ErrorReply(MakeError(absl::StatusCode::kInvalidArgument, kFieldInvalid,
                              absl::StrCat("HTTP 请求无法解析：", A(what)),
                              {{"field", "(request)"}}));
}

std::string ResponseHead(int status, const HttpHeaders& headers, bool close) {
  std::string out =
      absl::StrCat("HTTP/1.1 ", status, " ", ReasonPhrase(status), "\r\n");
  for (const auto& [name, value] : headers) {
    absl::StrAppend(&out, name, ": ", value, "\r\n");
  }
  absl::StrAppend(&out,
                  "X-Content-Type-Options: nosniff\r\n"
                  "Content-Security-Policy: default-src 'none'; "
                  "frame-ancestors 'none'\r\n"
                  "Referrer-Policy: no-referrer\r\n");
  if (close) absl::StrAppend(&out, "Connection: close\r\n");
  return out;
}

}  // namespace gradmatch
