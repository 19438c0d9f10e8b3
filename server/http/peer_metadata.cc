#include "server/http/peer_metadata.h"

#include <algorithm>

namespace gradmatch {

std::vector<std::pair<std::string, std::string>> PeerMetadata(
    const std::vector<std::string>& peer_uris) {
  constexpr size_t kMaxBytes = 2'048;
  std::vector<std::pair<std::string, std::string>> metadata;
  for (const std::string& uri : peer_uris) {
    const bool printable = std::all_of(
        uri.begin(), uri.end(), [](char c) { return c > ' ' && c <= '~'; });
    metadata.emplace_back(kPeerUriMetadata,
                          printable && !uri.empty() && uri.size() <= kMaxBytes
                              ? uri
                              : kUnreadableUri);
  }
  return metadata;
}

}  // namespace gradmatch
