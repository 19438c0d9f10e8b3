#ifndef GRADMATCH_SERVER_TLS_CERTIFICATES_H_
#define GRADMATCH_SERVER_TLS_CERTIFICATES_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace gradmatch {

// What certificates in PEM say; no type of OpenSSL appears here. Pure.
// Messages name no file: whoever read it adds that.

struct CertificateInfo {
  absl::Time not_before;
  absl::Time not_after;
  bool is_authority = false;              // may sign others
  std::vector<std::string> dns_names;     // subject alternative names
  std::vector<std::string> ip_addresses;  // as text
  std::vector<std::string> uris;
};

// All of them, in the order of the text. InvalidArgument when there is none, or
// one that does not parse.
absl::StatusOr<std::vector<CertificateInfo>> ReadCertificates(
    std::string_view pem);

// InvalidArgument when `key_pem` is no private key, is encrypted, or belongs to
// another certificate than the first of `certificate_pem`.
absl::Status CheckKeyOf(std::string_view certificate_pem,
                        std::string_view key_pem);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_TLS_CERTIFICATES_H_
