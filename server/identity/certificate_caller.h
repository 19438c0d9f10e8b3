#ifndef GRADMATCH_SERVER_IDENTITY_CERTIFICATE_CALLER_H_
#define GRADMATCH_SERVER_IDENTITY_CERTIFICATE_CALLER_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "grpcpp/server_context.h"
#include "server/caller.h"

namespace gradmatch {

// Who a verified certificate says its owner is. Only its URIs count (SPIFFE
// ids); the common name never does, as authorities sign it unchecked:
//
//   spiffe://<trust domain>/platform           and operator, scientist, viewer
//   spiffe://<trust domain>/source/<source id>
//   spiffe://<trust domain>/staff/<staff id>

// Pure. UNAUTHENTICATED, with a message that says which URI is wrong and how
// one looks, when there is none of our trust domain or more than one, or it is
// written in any other way than above: one string names one caller. URIs of
// other trust domains are somebody else's and do not matter.
absl::StatusOr<Caller> CallerOfCertificate(
    const std::vector<std::string>& uri_sans, std::string_view trust_domain);

// The URIs of the certificate that the peer proved to have; empty without TLS
// or without a certificate.
std::vector<std::string> UriSansOf(const grpc::ServerContextBase& context);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_IDENTITY_CERTIFICATE_CALLER_H_
