#ifndef GRADMATCH_SERVER_TLS_TLS_SESSION_H_
#define GRADMATCH_SERVER_TLS_TLS_SESSION_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/tls/tls_files.h"

namespace gradmatch {

// How far a step over a socket that does not block came.
enum class TlsStep {
  kDone,
  kWantRead,   // again when the socket can be read
  kWantWrite,  // again when it can be written
  kClosed,     // the peer has closed its side
  kFailed,     // the connection is of no use any more
};

// The server's side of TLS on one socket; knows neither threads nor time.
// Thread-safe: one thread may read while another writes.
class TlsSession {
 public:
  virtual ~TlsSession() = default;

  // Until kDone, nothing may be read or written.
  virtual TlsStep Handshake() = 0;
  // kDone: `*done` bytes, at least one.
  virtual TlsStep Read(char* to, size_t size, size_t* done) = 0;
  virtual TlsStep Write(std::string_view bytes, size_t* done) = 0;
  // Decrypted bytes that Read gives without the socket.
  virtual bool HasPending() const = 0;
  // Tells the peer that nothing more comes. Does not wait.
  virtual void SayGoodbye() = 0;

  // After the handshake: the URIs among the subject alternative names of the
  // peer's verified certificate; empty when it showed none.
  virtual std::vector<std::string> PeerUris() const = 0;
  // The handshake failed since the peer speaks HTTP without TLS.
  virtual bool PeerSpeaksPlainHttp() const = 0;
};

// What sessions of one set of certificates share. Immutable; sessions outlive
// it. TLS 1.2 and 1.3, ciphers with forward secrecy, "http/1.1" by ALPN, no
// renegotiation, no resumption: each connection shows its certificate anew, and
// a certificate that is over is of no use from then on.
class TlsContext {
 public:
  virtual ~TlsContext() = default;

  // `require_client`: a peer without a certificate gets no connection; else one
  // is asked for where there is a client CA, and verified when it is shown.
  // InvalidArgument when OpenSSL does not take the material.
  static absl::StatusOr<std::shared_ptr<const TlsContext>> Make(
      const TlsMaterial& material, bool require_client);

  // Borrows `fd`.
  virtual std::unique_ptr<TlsSession> Accept(int fd) const = 0;
};

// The first bytes of a TLS client, to find out what a server answers to them.
std::string TlsClientHello();

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_TLS_TLS_SESSION_H_
