#include "server/http/host_check.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "server/exposure.h"

namespace gradmatch {
namespace {

// Without the port; brackets stay.
std::string_view NameOf(std::string_view host) {
  const size_t bracket = host.rfind(']');
  const size_t colon = host.rfind(':');
  if (colon == std::string_view::npos ||
      (bracket != std::string_view::npos && bracket > colon)) {
    return host;
  }
  return host.substr(0, colon);
}

}  // namespace

absl::Status CheckHost(std::string_view host,
                       const std::vector<std::string>& names) {
  if (host.empty()) return absl::OkStatus();
  const std::string name = absl::AsciiStrToLower(A(NameOf(host)));
  if (IsLoopback(absl::StrCat(name, ":0"))) return absl::OkStatus();
  const bool listed =
      std::any_of(names.begin(), names.end(), [&](const std::string& allowed) {
        return absl::EqualsIgnoreCase(allowed, name);
      });
  if (listed) return absl::OkStatus();
  return MakeError(
      absl::StatusCode::kPermissionDenied, kPermissionDenied,
      absl::StrCat("请求的主机名 \"", A(host.substr(0, 100)),
                   "\" 不是本机；服务未设身份验证时只应答发往 127.0.0.1、"
                   "localhost 的请求。如经代理访问，请运维把该主机名加入 "
                   "server.http_hosts"),
      {{"field", "Host"}, {"value", std::string(host.substr(0, 100))}});
}

}  // namespace gradmatch
