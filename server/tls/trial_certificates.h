#ifndef GRADMATCH_SERVER_TLS_TRIAL_CERTIFICATES_H_
#define GRADMATCH_SERVER_TLS_TRIAL_CERTIFICATES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace gradmatch {

// Makes certificates for trials and tests, with keys on the curve P-256. Not
// for production: the key of the authority lies unencrypted beside the rest.

struct CertificateRequest {
  std::string name;  // common name; nobody decides by it
  std::vector<std::string> dns_names;
  std::vector<std::string> ip_addresses;
  std::vector<std::string> uris;
  absl::Time not_before;
  absl::Time not_after;
  enum class Use { kAuthority, kServer, kClient } use = Use::kClient;
};

struct IssuedCertificate {
  std::string certificate_pem;
  std::string key_pem;
};

// Signed by `issuer`, or by itself without one. InvalidArgument when OpenSSL
// does not take what is asked for.
absl::StatusOr<IssuedCertificate> IssueCertificate(
    const CertificateRequest& request,
    const IssuedCertificate* issuer = nullptr);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_TLS_TRIAL_CERTIFICATES_H_
