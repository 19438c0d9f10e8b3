#ifndef GRADMATCH_TESTS_SERVER_TLS_TLS_CLIENT_H_
#define GRADMATCH_TESTS_SERVER_TLS_TLS_CLIENT_H_

#include <memory>
#include <string>
#include <string_view>

#include "server/tls/trial_certificates.h"

namespace gradmatch {

// One TLS connection to 127.0.0.1, for tests. Reads give up after 30 s.
class TlsClient {
 public:
  struct Settings {
    std::string ca_pem;  // empty: any server's certificate is taken
    const IssuedCertificate* certificate = nullptr;
    int max_version = 0;  // TLS1_2_VERSION; 0: the newest
    int min_version = 0;
    std::string alpn = "http/1.1";  // empty: none is offered
  };

  // Connects and shakes hands; under TLS 1.3 a server that refuses our
  // certificate says so only at the first Read.
  TlsClient(int port, const Settings& settings);
  ~TlsClient();

  bool connected() const;
  std::string protocol() const;  // that ALPN chose
  std::string version() const;   // "TLSv1.3"
  // Serial number of the server's certificate.
  std::string server_serial() const;
  bool Send(std::string_view bytes);
  // Up to and with `end`, or to the connection's end.
  std::string ReadUntil(std::string_view end);
  std::string ReadAll() { return ReadUntil(""); }
  // The server has said that nothing more comes, before it closed.
  bool got_goodbye() const;
  // Request and answer, the connection stays.
  std::string Get(const std::string& target);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A plain socket to 127.0.0.1; -1 when nobody accepts.
int ConnectPlain(int port);
// What the peer sends until it closes.
std::string ReadPlain(int fd);
// Reads to the end; false when the peer has not closed after 30 s.
bool ClosedByPeer(int fd);

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_SERVER_TLS_TLS_CLIENT_H_
