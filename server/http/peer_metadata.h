#ifndef GRADMATCH_SERVER_HTTP_PEER_METADATA_H_
#define GRADMATCH_SERVER_HTTP_PEER_METADATA_H_

#include <string>
#include <utility>
#include <vector>

namespace gradmatch {

// Key of the metadata in which a call from the HTTP listener to the services of
// this process says whom its connection proved: one entry a URI. Believed only
// together with the secret of the process that only the listener has.
inline constexpr char kPeerUriMetadata[] = "x-gradmatch-peer-uri";

// What stands for a URI that metadata cannot hold (it is too long, or not
// printable ASCII): no URI at all, so that CallerOfCertificate refuses its
// certificate, and does not take it for one without it.
inline constexpr char kUnreadableUri[] = "not readable";

// The entries for a caller with these URIs in its certificate. Pure.
std::vector<std::pair<std::string, std::string>> PeerMetadata(
    const std::vector<std::string>& peer_uris);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_HTTP_PEER_METADATA_H_
