#include "server/identity/identity_setup.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "index/vault/sodium.h"
#include "server/graduate_readers.h"
#include "server/identity/bootstrap.h"
#include "server/identity/certificate_caller.h"
#include "server/identity/token_store.h"

namespace gradmatch {
namespace {

constexpr size_t kHopSecretBytes = 32;

std::unique_ptr<AccessGate> MakeGate(const Options& options,
                                     const std::string& hop_secret,
                                     const Clock& clock) {
  const std::string& mode = options.auth.mode;
  if (mode == "none") return nullptr;
  AccessGateOptions access;
  access.proofs.tokens = mode == "tokens" || mode == "both";
  access.proofs.certificates = mode == "mtls" || mode == "both";
  access.hop_secret = hop_secret;
  access.failures_per_minute = options.auth.failures_per_minute;
  access.uri_sans_of = UriSansOf;
  access.caller_of_certificate = [domain = options.auth.trust_domain](
                                     const std::vector<std::string>& uris) {
    return CallerOfCertificate(uris, domain);
  };
  return std::make_unique<AccessGate>(std::move(access), clock);
}

}  // namespace

IdentitySetup::IdentitySetup(const Options& options, const Clock& clock,
                             Logger& log)
    : options_(options),
      clock_(clock),
      log_(log),
      hop_secret_(absl::BytesToHexString(RandomBytes(kHopSecretBytes))),
      access_(MakeGate(options, hop_secret_, clock)) {}

const Gate& IdentitySetup::gate() const {
  if (access_ == nullptr) return OpenGate();
  return *access_;
}

absl::Status IdentitySetup::Open(const Engine& engine) {
  if (access_ == nullptr) return absl::OkStatus();
  if (options_.auth.mode != "mtls") {
    const std::string& folder = options_.storage.data_dir;
    const std::string path =
        BootstrapFile(options_.auth.bootstrap_file, folder);
    const auto made =
        WriteBootstrapToken(engine.bearers, path, folder, clock_.Now());
    if (!made.ok()) return made.status();
    if (*made) {
      log_.Log(LogLevel::kWarning, "identity", "operator_token_written",
               {{LogField::kPath, path}});
    }
  }
  access_->Open({engine.bearers, engine.audit, MakeIsStudent(engine)});
  return absl::OkStatus();
}

}  // namespace gradmatch
