#include "server/identity/certificate_caller.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "grpc/grpc_security_constants.h"
#include "index/base/strings.h"
#include "server/resource_name.h"

namespace gradmatch {
namespace {

constexpr std::string_view kScheme = "spiffe://";
constexpr size_t kMaxBytes = 2'048;  // SPIFFE's

// What is shown of a URI: nothing that would not be one.
std::string Shown(std::string_view uri) {
  std::string shown(uri.substr(0, 200));
  for (char& c : shown) {
    if (c < ' ' || c > '~') c = '?';
  }
  return shown;
}

absl::Status Refused(std::string_view uri, std::string_view why) {
  return absl::UnauthenticatedError(
      absl::StrCat("客户端证书的身份 URI \"", Shown(uri), "\" 不可用：", A(why),
                   "；应为 spiffe://信任域/角色，source 和 staff 之后再加 "
                   "/编号，如 spiffe://gradmatch/source/hubei"));
}

// Compared as they are written: scheme and domain in lower case, nothing
// escaped. What a lenient reader might take for our domain is refused.
bool IsOfDomain(std::string_view uri, std::string_view trust_domain) {
  if (uri.size() < kScheme.size()) return false;
  std::string head(uri.substr(0, kScheme.size()));
  std::transform(head.begin(), head.end(), head.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (head != kScheme) return false;
  std::string authority(uri.substr(kScheme.size()));
  authority = authority.substr(0, authority.find_first_of("/?#"));
  if (const size_t at = authority.rfind('@'); at != std::string::npos) {
    authority.erase(0, at + 1);
  }
  authority = authority.substr(0, authority.find(':'));
  std::transform(
      authority.begin(), authority.end(), authority.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      });
  return authority == trust_domain;
}

bool IsPlain(std::string_view uri) {
  return !uri.empty() && uri.size() <= kMaxBytes &&
         std::all_of(uri.begin(), uri.end(),
                     [](char c) { return c > ' ' && c <= '~'; });
}

std::optional<CallerRole> RoleOf(std::string_view name) {
  constexpr std::array kRoles = {CallerRole::kPlatform,  CallerRole::kSource,
                                 CallerRole::kOperator,  CallerRole::kStaff,
                                 CallerRole::kScientist, CallerRole::kViewer};
  for (const CallerRole role : kRoles) {
    if (CallerRoleName(role) == name) return role;
  }
  return std::nullopt;
}

absl::StatusOr<Caller> ParsePath(const std::string& uri,
                                 std::string_view path) {
  const std::vector<std::string> parts = absl::StrSplit(A(path), '/');
  const std::optional<CallerRole> role = RoleOf(parts[0]);
  if (!role.has_value()) {
    return Refused(uri,
                   "没有这种角色，允许 platform、source、operator、staff、"
                   "scientist、viewer");
  }
  Caller caller;
  caller.principal = absl::StrCat("cert/", uri);
  caller.role = *role;
  const bool has_tenant =
      *role == CallerRole::kSource || *role == CallerRole::kStaff;
  if (parts.size() != (has_tenant ? 2 : 1)) {
    return Refused(uri, has_tenant ? "该角色后须有且只有一个编号"
                                   : "该角色后不能再有内容");
  }
  if (!has_tenant) return caller;
  const bool valid = *role == CallerRole::kSource ? IsValidSourceId(parts[1])
                                                  : IsValidStaffId(parts[1]);
  if (!valid) return Refused(uri, "编号不合规");
  caller.tenant = parts[1];
  return caller;
}

}  // namespace

absl::StatusOr<Caller> CallerOfCertificate(
    const std::vector<std::string>& uri_sans, std::string_view trust_domain) {
  const std::string* ours = nullptr;
  for (const std::string& uri : uri_sans) {
    if (!IsPlain(uri)) return Refused(uri, "含有不合规的字符，或过长");
    if (!IsOfDomain(uri, trust_domain)) continue;
    if (ours != nullptr) {
      return Refused(uri, "证书中本信任域的身份不止一个");
    }
    ours = &uri;
  }
  if (ours == nullptr) {
    return absl::UnauthenticatedError(
        absl::StrCat("没有出示本信任域（", A(trust_domain),
                     "）的客户端证书；证书的 URI 名称应如 spiffe://",
                     A(trust_domain), "/source/hubei"));
  }
  const std::string head = absl::StrCat(A(kScheme), A(trust_domain), "/");
  if (!std::string_view(*ours).starts_with(head)) {
    return Refused(*ours, "写法不合规");
  }
  return ParsePath(*ours, std::string_view(*ours).substr(head.size()));
}

std::vector<std::string> UriSansOf(const grpc::ServerContextBase& context) {
  std::vector<std::string> uris;
  const std::shared_ptr<const grpc::AuthContext> peer = context.auth_context();
  if (peer == nullptr || !peer->IsPeerAuthenticated()) return uris;
  for (const grpc::string_ref& uri :
       peer->FindPropertyValues(GRPC_PEER_URI_PROPERTY_NAME)) {
    uris.emplace_back(uri.data(), uri.size());
  }
  return uris;
}

}  // namespace gradmatch
