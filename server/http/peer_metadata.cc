#include "server/http/peer_metadata.h"

#include <algorithm>

#include "server/identity/access_gate.h"

namespace gradmatch {

RpcMetadata PeerMetadata(const std::vector<std::string>& peer_uris) {
  constexpr size_t kMaxBytes = 2'048;
  RpcMetadata metadata;
  for (const std::string& uri : peer_uris) {
    const bool printable = std::all_of(
        uri.begin(), uri.end(), [](char c) { return c > ' ' && c <= '~'; });
    metadata.emplace_back(kPeerUriHeader,
                          printable && !uri.empty() && uri.size() <= kMaxBytes
                              ? uri
                              : kUnreadableUri);
  }
  return metadata;
}

}  // namespace gradmatch
