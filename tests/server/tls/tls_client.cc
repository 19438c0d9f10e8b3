#include "tests/server/tls/tls_client.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "absl/strings/str_cat.h"

namespace gradmatch {
namespace {

BIO* Reading(const std::string& pem) {
  return BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
}

X509* ReadX509(const std::string& pem) {
  BIO* in = Reading(pem);
  X509* x509 = PEM_read_bio_X509(in, nullptr, nullptr, nullptr);
  BIO_free(in);
  return x509;
}

void UseCertificate(SSL_CTX* context, const IssuedCertificate& certificate) {
  X509* x509 = ReadX509(certificate.certificate_pem);
  BIO* in = Reading(certificate.key_pem);
  EVP_PKEY* key = PEM_read_bio_PrivateKey(in, nullptr, nullptr, nullptr);
  if (SSL_CTX_use_certificate(context, x509) != 1 ||
      SSL_CTX_use_PrivateKey(context, key) != 1) {
    std::abort();
  }
  BIO_free(in);
  EVP_PKEY_free(key);
  X509_free(x509);
}

}  // namespace

int ConnectPlain(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval limit = {.tv_sec = 30, .tv_usec = 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) ==
      0) {
    return fd;
  }
  close(fd);
  return -1;
}

std::string ReadPlain(int fd) {
  std::string all;
  char piece[4'096];
  ssize_t n = 0;
  while ((n = recv(fd, piece, sizeof(piece), 0)) > 0) {
    all.append(piece, static_cast<size_t>(n));
  }
  return all;
}

bool ClosedByPeer(int fd) {
  char piece[4'096];
  ssize_t n = 0;
  do {
    n = recv(fd, piece, sizeof(piece), 0);
  } while (n > 0);
  return n == 0 || errno == ECONNRESET;
}

struct TlsClient::Impl {
  SSL_CTX* context = nullptr;
  SSL* ssl = nullptr;
  int fd = -1;
  bool connected = false;
  bool goodbye = false;
  std::string buffer;
};

TlsClient::TlsClient(int port, const Settings& settings)
    : impl_(std::make_unique<Impl>()) {
  signal(SIGPIPE, SIG_IGN);
  impl_->context = SSL_CTX_new(TLS_client_method());
  // So that old versions can be offered at all.
  SSL_CTX_set_security_level(impl_->context, 0);
  SSL_CTX_set_min_proto_version(impl_->context, settings.min_version);
  SSL_CTX_set_max_proto_version(impl_->context, settings.max_version);
  if (!settings.ca_pem.empty()) {
    X509* ca = ReadX509(settings.ca_pem);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(impl_->context), ca);
    X509_free(ca);
    SSL_CTX_set_verify(impl_->context, SSL_VERIFY_PEER, nullptr);
  }
  if (settings.certificate != nullptr) {
    UseCertificate(impl_->context, *settings.certificate);
  }
  impl_->ssl = SSL_new(impl_->context);
  if (!settings.alpn.empty()) {
    const std::string protocols =
        std::string(1, static_cast<char>(settings.alpn.size())) + settings.alpn;
    SSL_set_alpn_protos(
        impl_->ssl, reinterpret_cast<const unsigned char*>(protocols.data()),
        static_cast<unsigned>(protocols.size()));
  }
  SSL_set1_host(impl_->ssl, "localhost");
  impl_->fd = ConnectPlain(port);
  if (impl_->fd < 0) return;
  SSL_set_fd(impl_->ssl, impl_->fd);
  impl_->connected = SSL_connect(impl_->ssl) == 1;
  ERR_clear_error();
}

TlsClient::~TlsClient() {
  SSL_free(impl_->ssl);
  SSL_CTX_free(impl_->context);
  if (impl_->fd >= 0) close(impl_->fd);
}

bool TlsClient::connected() const { return impl_->connected; }
bool TlsClient::got_goodbye() const { return impl_->goodbye; }

std::string TlsClient::protocol() const {
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(impl_->ssl, &name, &size);
  return std::string(reinterpret_cast<const char*>(name), size);
}

std::string TlsClient::version() const { return SSL_get_version(impl_->ssl); }

std::string TlsClient::server_serial() const {
  X509* peer = SSL_get1_peer_certificate(impl_->ssl);
  if (peer == nullptr) return "";
  BIGNUM* number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(peer), nullptr);
  char* hex = BN_bn2hex(number);
  std::string serial = hex;
  OPENSSL_free(hex);
  BN_free(number);
  X509_free(peer);
  return serial;
}

bool TlsClient::Send(std::string_view bytes) {
  if (!impl_->connected) return false;
  ERR_clear_error();
  return SSL_write(impl_->ssl, bytes.data(), static_cast<int>(bytes.size())) ==
         static_cast<int>(bytes.size());
}

std::string TlsClient::ReadUntil(std::string_view end) {
  while (impl_->connected) {
    const size_t at = end.empty() ? std::string::npos : impl_->buffer.find(end);
    if (at != std::string::npos) {
      std::string out = impl_->buffer.substr(0, at + end.size());
      impl_->buffer.erase(0, at + end.size());
      return out;
    }
    char piece[16'384];
    ERR_clear_error();
    const int n = SSL_read(impl_->ssl, piece, sizeof(piece));
    if (n <= 0) {
      impl_->goodbye = SSL_get_error(impl_->ssl, n) == SSL_ERROR_ZERO_RETURN;
      break;
    }
    impl_->buffer.append(piece, static_cast<size_t>(n));
  }
  std::string rest;
  rest.swap(impl_->buffer);
  return rest;
}

std::string TlsClient::Get(const std::string& target) {
  if (!Send(absl::StrCat("GET ", target,
                         " HTTP/1.1\r\nHost: localhost\r\n\r\n"))) {
    return "";
  }
  std::string answer = ReadUntil("\r\n\r\n");
  const size_t at = answer.find("Content-Length: ");
  if (at == std::string::npos) return answer;
  const size_t size = std::strtoull(answer.c_str() + at + 16, nullptr, 10);
  while (impl_->connected && impl_->buffer.size() < size) {
    char piece[16'384];
    const int n = SSL_read(impl_->ssl, piece, sizeof(piece));
    if (n <= 0) break;
    impl_->buffer.append(piece, static_cast<size_t>(n));
  }
  answer += impl_->buffer.substr(0, size);
  impl_->buffer.erase(0, size);
  return answer;
}

}  // namespace gradmatch
