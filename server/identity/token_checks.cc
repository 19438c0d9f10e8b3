#include "server/identity/token_checks.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "server/identity/access_rules.h"
#include "server/identity/token_store.h"
#include "server/identity/token_text.h"
#include "server/purpose.h"
#include "server/resource_name.h"
#include "server/time_proto.h"

namespace gradmatch {
namespace {

constexpr int kMaxScopes = 50;
constexpr char kIdShape[] = "[a-z0-9][a-z0-9-]{0,39}";

std::string Shown(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

absl::Status CheckRoleAndTenant(const v1::Token& token) {
  if (token.role() == v1::Token::ROLE_UNSPECIFIED ||
      !v1::Token::Role_IsValid(token.role())) {
    return InvalidField(
        token.role() == v1::Token::ROLE_UNSPECIFIED ? kFieldMissing
                                                    : kFieldInvalid,
        {"token.role", absl::StrCat(static_cast<int>(token.role())),
         "ROLE_PLATFORM、ROLE_SOURCE、ROLE_OPERATOR、ROLE_STAFF、"
         "ROLE_SCIENTIST 或 ROLE_VIEWER",
         ""});
  }
  switch (token.role()) {
    case v1::Token::ROLE_SOURCE:
      return ParseSourceName("token.tenant", token.tenant()).status();
    case v1::Token::ROLE_STAFF:
      return ParseStaffName("token.tenant", token.tenant()).status();
    default:
      break;
  }
  if (token.tenant().empty()) return absl::OkStatus();
  return InvalidField(kFieldInvalid,
                      {"token.tenant", token.tenant(),
                       "留空：只有 SOURCE 和 STAFF 属于某一方", ""});
}

absl::Status CheckScopes(const v1::Token& token) {
  if (token.scopes_size() > kMaxScopes) {
    return InvalidField(
        kFieldTooLong,
        {"token.scopes", absl::StrCat(token.scopes_size(), " 项"),
         absl::StrCat("至多 ", kMaxScopes, " 项"), ""});
  }
  std::set<std::string> seen;
  const CallerRole role = CallerOf(token).role;
  for (int i = 0; i < token.scopes_size(); ++i) {
    const std::string& scope = token.scopes(i);
    const std::string field = absl::StrCat("token.scopes[", i, "]");
    if (!seen.insert(scope).second) {
      return InvalidField(kDuplicateId, {field, scope, "每项至多一次", ""});
    }
    if (!IsScopeOf(role, scope)) {
      return InvalidField(kFieldInvalid,
                          {field, scope,
                           "该角色可以调用的服务或方法，如 PostingService 或 "
                           "PostingService.SyncPostings",
                           ""});
    }
  }
  return absl::OkStatus();
}

// Such texts may be empty, or what a purpose may be.
absl::Status CheckText(const char* field, const std::string& text) {
  if (text.empty()) return absl::OkStatus();
  const absl::Status right = CheckPurpose(text);
  if (right.ok()) return right;
  FieldError error = FieldErrorOf(right);
  error.field = field;
  return InvalidField(ReasonOf(right), error);
}

absl::Status CheckExpiry(const char* field,
                         const google::protobuf::Timestamp& time,
                         absl::Time now) {
  constexpr int64_t kLastSecond = 253'402'300'799;  // of the year 9999
  if (time.seconds() < 0 || time.seconds() > kLastSecond || time.nanos() < 0 ||
      time.nanos() > 999'999'999) {
    return InvalidField(kFieldOutOfRange, {field, absl::StrCat(time.seconds()),
                                           "有效的时间", ""});
  }
  const absl::Time expiry = FromTimestamp(time);
  if (expiry > now && expiry <= now + TokenStore::kLongestLife) {
    return absl::OkStatus();
  }
  return InvalidField(
      kFieldOutOfRange,
      {field, Shown(expiry),
       absl::StrCat("晚于现在、至多 400 天：",
                    Shown(now + TokenStore::kLongestLife), " 之前"),
       ""});
}

}  // namespace

absl::StatusOr<std::string> ParseTokenName(std::string_view field,
                                           std::string_view name) {
  auto ids = ParseResourceName(field, "tokens/{token}", name);
  if (!ids.ok()) return ids.status();
  if (!IsValidTokenId(ids->front())) {
    return InvalidField(
        kNameInvalid,
        {std::string(field), std::string(name),
         absl::StrCat("tokens/{token}，{token} 为 ", kIdShape), ""});
  }
  return ids->front();
}

absl::Status CheckNewToken(const v1::CreateTokenRequest& request,
                           absl::Time now) {
  if (!request.token_id().empty() && !IsValidTokenId(request.token_id())) {
    return InvalidField(kNameInvalid,
                        {"token_id", request.token_id(), kIdShape, ""});
  }
  const v1::Token& token = request.token();
  absl::Status right = CheckRoleAndTenant(token);
  if (right.ok()) right = CheckScopes(token);
  if (right.ok()) right = CheckText("token.note", token.note());
  if (right.ok() && token.has_expire_time()) {
    right = CheckExpiry("token.expire_time", token.expire_time(), now);
  }
  return right;
}

absl::StatusOr<absl::Duration> OverlapOf(
    const v1::RotateTokenRequest& request) {
  if (!request.has_overlap()) return TokenStore::kStandardOverlap;
  const absl::Duration overlap = absl::Seconds(request.overlap().seconds()) +
                                 absl::Nanoseconds(request.overlap().nanos());
  const int32_t nanos = request.overlap().nanos();
  if (nanos >= 0 && nanos < 1'000'000'000 && overlap >= absl::ZeroDuration() &&
      overlap <= TokenStore::kLongestOverlap) {
    return overlap;
  }
  return InvalidField(kFieldOutOfRange,
                      {"overlap", absl::FormatDuration(overlap),
                       "0 至 7 天，如 86400s", "86400s"});
}

absl::StatusOr<std::optional<absl::Time>> NewExpiryOf(
    const v1::RotateTokenRequest& request, absl::Time now) {
  if (!request.has_expire_time()) return std::nullopt;
  absl::Status right = CheckExpiry("expire_time", request.expire_time(), now);
  if (!right.ok()) return right;
  return FromTimestamp(request.expire_time());
}

absl::Status CheckRevocation(const v1::RevokeTokenRequest& request) {
  return CheckText("purpose", request.purpose());
}

}  // namespace gradmatch
