#include "server/identity/access_gate.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/vault/audit_log.h"
#include "index/vault/sodium.h"
#include "server/identity/token_store.h"
#include "server/identity/token_text.h"
#include "server/rpc_status.h"
#include "server/runtime.h"

namespace gradmatch {

// What a call shows of itself.
struct AccessGate::Presented {
  std::string peer;
  bool hop = false;        // it says it comes from our HTTP listener
  bool own_hop = false;    // and it does
  bool ambiguous = false;  // a header that may be there once is there twice
  std::string authorization;
  std::vector<std::string> uri_sans;
};

namespace {

constexpr char kStranger[] = "unknown";
constexpr char kNoMethod[] = "(any)";
constexpr int64_t kThrottleMillis = 60'000;

using Metadata = std::multimap<grpc::string_ref, grpc::string_ref>;

// All values under `name`.
std::vector<std::string> Values(const Metadata& metadata, const char* name) {
  std::vector<std::string> out;
  const auto [begin, end] = metadata.equal_range(name);
  for (auto it = begin; it != end; ++it) {
    out.emplace_back(it->second.data(), it->second.size());
  }
  return out;
}

absl::Status Unauthenticated(const char* reason, std::string_view text) {
  return MakeError(absl::StatusCode::kUnauthenticated, reason, text);
}

bool IsSame(const Caller& a, const Caller& b) {
  return a.role == b.role && a.tenant == b.tenant;
}

}  // namespace

AccessGate::AccessGate(AccessGateOptions options, const Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      budget_(options_.failures_per_minute) {}

void AccessGate::Open(const Loaded& loaded) {
  owned_ = std::make_unique<const Loaded>(loaded);
  loaded_.store(owned_.get(), std::memory_order_release);
}

absl::StatusOr<Caller> AccessGate::Identify(
    const grpc::ServerContextBase& context) const {
  const Loaded* loaded = loaded_.load(std::memory_order_acquire);
  if (loaded == nullptr) return CheckServing(ServerState::kLoading);
  const Metadata& metadata = context.client_metadata();
  Presented presented;
  presented.peer = context.peer();
  const auto hops = Values(metadata, kHopHeader);
  const auto authorizations = Values(metadata, kAuthorizationHeader);
  presented.hop = !hops.empty();
  presented.own_hop =
      hops.size() == 1 && EqualSecrets(hops[0], options_.hop_secret);
  presented.ambiguous = authorizations.size() > 1;
  if (authorizations.size() == 1) presented.authorization = authorizations[0];
  if (presented.own_hop) {
    presented.uri_sans = Values(metadata, kPeerUriHeader);
  } else if (options_.uri_sans_of) {
    presented.uri_sans = options_.uri_sans_of(context);
  }
  absl::StatusOr<Caller> caller = IdentifyBy(presented);
  if (caller.ok()) return caller;
  const absl::Time now = clock_.Now();
  if (budget_.Take(AddressOfPeer(presented.peer), now)) {
    return Refused(caller.status(), kStranger, "", kNoMethod);
  }
  return Overloaded(kQuotaExceeded,
                    "该地址身份验证失败次数过多；请先改正令牌或证书，稍后再试",
                    kThrottleMillis);
}

absl::StatusOr<Caller> AccessGate::IdentifyBy(
    const Presented& presented) const {
  if (presented.hop && !presented.own_hop) {
    return Unauthenticated(
        kTokenInvalid,
        absl::StrCat("请求不可带 ", kHopHeader, "：它只用于服务内部"));
  }
  if (presented.ambiguous) {
    return Unauthenticated(kTokenInvalid, "authorization 只能出现一次");
  }
  const bool has_certificate =
      options_.proofs.certificates && !presented.uri_sans.empty();
  const bool has_token =
      options_.proofs.tokens && !presented.authorization.empty();
  if (has_certificate && has_token) {
    absl::StatusOr<Caller> certified = ByCertificate(presented);
    if (!certified.ok()) return certified;
    absl::StatusOr<Caller> bearer = ByToken(presented);
    // The token's name and scopes: it can only allow less.
    if (!bearer.ok() || IsSame(*certified, *bearer)) return bearer;
    return Unauthenticated(
        kIdentityConflict,
        "证书与令牌的角色或所属方不同；请使用同一主体的证书和令牌，或只用其一");
  }
  if (has_certificate) return ByCertificate(presented);
  if (has_token) return ByToken(presented);
  if (!options_.proofs.tokens) {
    return Unauthenticated(kCertificateMissing,
                           "缺少客户端证书；请用运维人员签发的证书建立连接");
  }
  return Unauthenticated(kTokenMissing,
                         "缺少令牌；请在 authorization 中给出 \"Bearer "
                         "gm_…\"，令牌由运维人员签发");
}

absl::StatusOr<Caller> AccessGate::ByCertificate(
    const Presented& presented) const {
  return options_.caller_of_certificate(presented.uri_sans);
}

absl::StatusOr<Caller> AccessGate::ByToken(const Presented& presented) const {
  const auto bearer = BearerOfHeader(presented.authorization);
  if (!bearer.has_value()) {
    return Unauthenticated(
        kTokenInvalid, "authorization 须为 \"Bearer gm_…\"；其他方式不接受");
  }
  return loaded_.load(std::memory_order_acquire)->tokens.Verify(*bearer);
}

absl::Status AccessGate::Admit(const Caller& caller,
                               std::string_view method) const {
  absl::Status may = CheckRole(caller, method);
  if (may.ok()) return may;
  return Refused(may, caller.principal, CallerRoleName(caller.role), method);
}

absl::Status AccessGate::Authorize(
    const Caller& caller, std::string_view method,
    const google::protobuf::Message& request) const {
  const Loaded* loaded = loaded_.load(std::memory_order_acquire);
  if (loaded == nullptr) return CheckServing(ServerState::kLoading);
  absl::Status own = CheckTenant(caller, method, request, loaded->is_student);
  if (own.ok()) return own;
  return Refused(own, caller.principal, CallerRoleName(caller.role), method);
}

absl::Status AccessGate::Refused(const absl::Status& status,
                                 std::string_view principal,
                                 std::string_view role,
                                 std::string_view method) const {
  const std::string reason = ReasonOf(status);
  const auto decision = sampler_.Add(reason, clock_.Now());
  std::vector<AuditEvent> events;
  if (decision.left_out > 0) {
    events.push_back(
        {.principal = "(several)",
         .role = "",
         .method = kNoMethod,
         .resource = "",
         .purpose = absl::StrCat(decision.left_out, " more in an hour before"),
         .result = reason});
  }
  if (decision.keep) {
    events.push_back({.principal = std::string(principal),
                      .role = std::string(role),
                      .method = std::string(method),
                      .resource = "",
                      .purpose = "",
                      .result = reason});
  }
  // Nothing was done or shown, so the refusal stands even if it cannot be kept.
  if (!events.empty()) {
    loaded_.load(std::memory_order_acquire)->audit.Append(events).IgnoreError();
  }
  return status;
}

}  // namespace gradmatch
