#ifndef GRADMATCH_SERVER_HTTP_PEER_METADATA_H_
#define GRADMATCH_SERVER_HTTP_PEER_METADATA_H_

#include <string>
#include <vector>

#include "server/http/rpc_channel.h"

namespace gradmatch {

// What stands for a URI that metadata cannot hold (it is too long, or not
// printable ASCII): no URI at all, so that CallerOfCertificate refuses its
// certificate, and does not take it for one without it.
inline constexpr char kUnreadableUri[] = "not readable";

// The metadata, kPeerUriHeader, by which a call from the HTTP listener to the
// services of this process says whom its connection proved: one entry a URI of
// the certificate. Believed only together with kHopHeader. Pure.
RpcMetadata PeerMetadata(const std::vector<std::string>& peer_uris);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_HTTP_PEER_METADATA_H_
