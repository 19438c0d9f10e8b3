#include "tools/process/endpoint_probe.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "index/file_system.h"
#include "server/tls/tls_session.h"

namespace gradmatch {
namespace {

// Of a record of TLS: an alert, a handshake.
constexpr unsigned char kAlert = 0x15;
constexpr unsigned char kHandshake = 0x16;

FileDescriptor Connect(const std::string& endpoint, absl::Duration limit) {
  const size_t colon = endpoint.rfind(':');
  if (colon == std::string::npos) return {};
  std::string host = endpoint.substr(0, colon);
  if (host.size() > 2 && host.front() == '[') {
    host = host.substr(1, host.size() - 2);
  }
  addrinfo wanted = {};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), endpoint.c_str() + colon + 1, &wanted,
                  &found) != 0) {
    return {};
  }
  FileDescriptor connected;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    FileDescriptor fd(
        socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, at->ai_protocol));
    const timeval time = absl::ToTimeval(limit);
    setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &time, sizeof(time));
    if (connect(fd.get(), at->ai_addr, at->ai_addrlen) != 0) continue;
    connected = std::move(fd);
    break;
  }
  freeaddrinfo(found);
  return connected;
}

}  // namespace

EndpointSpeaks ProbeEndpoint(const std::string& endpoint,
                             absl::Duration limit) {
  const FileDescriptor fd = Connect(endpoint, limit);
  if (!fd.valid()) return EndpointSpeaks::kNobody;
  const std::string hello = TlsClientHello();
  (void)!send(fd.get(), hello.data(), hello.size(), MSG_NOSIGNAL);
  pollfd ready = {.fd = fd.get(), .events = POLLIN, .revents = 0};
  unsigned char first = 0;
  if (poll(&ready, 1, static_cast<int>(absl::ToInt64Milliseconds(limit))) <=
          0 ||
      recv(fd.get(), &first, 1, 0) != 1) {
    return EndpointSpeaks::kSilence;
  }
  return first == kAlert || first == kHandshake ? EndpointSpeaks::kTls
                                                : EndpointSpeaks::kPlain;
}

}  // namespace gradmatch
