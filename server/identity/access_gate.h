#ifndef GRADMATCH_SERVER_IDENTITY_ACCESS_GATE_H_
#define GRADMATCH_SERVER_IDENTITY_ACCESS_GATE_H_

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/base/clock.h"
#include "server/gate.h"
#include "server/identity/access_rules.h"
#include "server/identity/failure_log.h"

namespace gradmatch {

class AuditLog;
class TokenStore;

// Metadata by which our own HTTP listener is known to the gate, and by which it
// passes on what the certificate of an HTTPS connection says. Both count only
// with the secret of this process.
inline constexpr char kHopHeader[] = "x-gradmatch-hop";
inline constexpr char kPeerUriHeader[] = "x-gradmatch-peer-uri";
inline constexpr char kAuthorizationHeader[] = "authorization";

// How callers prove who they are.
struct IdentityProofs {
  bool tokens = false;
  bool certificates = false;
};

struct AccessGateOptions {
  IdentityProofs proofs;
  // Drawn anew by every process. A call with another one is refused.
  std::string hop_secret;
  int failures_per_minute = 60;  // of one address; 0: any number

  // The URIs among the subject alternative names of the client's certificate;
  // empty when there is no certificate. Needed for certificates.
  std::function<std::vector<std::string>(const grpc::ServerContextBase&)>
      uri_sans_of;
  // Whom they name. UNAUTHENTICATED when nobody. Needed for certificates.
  std::function<absl::StatusOr<Caller>(const std::vector<std::string>&)>
      caller_of_certificate;
};

// The gate of a server whose callers have identities: who it is by certificate
// and token, what it may by access_rules.h. A certificate counts first; a token
// that comes with one must be of the same role and tenant, and then only what
// both allow is allowed. Refusals are counted by address, and told to the audit
// in bounded number. Thread-safe.
class AccessGate final : public Gate {
 public:
  AccessGate(AccessGateOptions options, const Clock& clock);

  // What is known once the data are loaded; all borrowed. Until then callers
  // cannot be told apart: UNAVAILABLE, INDEX_LOADING. Called once.
  struct Loaded {
    const TokenStore& tokens;
    AuditLog& audit;
    IsStudent is_student;
  };
  void Open(const Loaded& loaded);

  absl::StatusOr<Caller> Identify(
      const grpc::ServerContextBase& context) const override;
  absl::Status Admit(const Caller& caller,
                     std::string_view method) const override;
  absl::Status Authorize(
      const Caller& caller, std::string_view method,
      const google::protobuf::Message& request) const override;

 private:
  struct Presented;

  absl::StatusOr<Caller> IdentifyBy(const Presented& presented) const;
  absl::StatusOr<Caller> ByCertificate(const Presented& presented) const;
  absl::StatusOr<Caller> ByToken(const Presented& presented) const;
  // Counts and keeps a refusal; returns what is answered.
  absl::Status Refused(const absl::Status& status, std::string_view principal,
                       std::string_view role, std::string_view method) const;

  const AccessGateOptions options_;
  const Clock& clock_;
  std::atomic<const Loaded*> loaded_{nullptr};
  std::unique_ptr<const Loaded> owned_;
  mutable FailureSampler sampler_;
  mutable FailureBudget budget_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_IDENTITY_ACCESS_GATE_H_
