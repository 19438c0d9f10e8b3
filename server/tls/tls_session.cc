#include "server/tls/tls_session.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "index/base/mutex.h"

namespace gradmatch {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(X509* x509) const { X509_free(x509); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

// OpenSSL's text of the last error of this thread, which is then forgotten.
std::string LastError() {
  char text[256] = "";
  ERR_error_string_n(ERR_peek_last_error(), text, sizeof(text));
  ERR_clear_error();
  return text;
}

Owned<BIO> Reading(const std::string& text) {
  return Owned<BIO>(
      BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// OpenSSL's own socket BIO writes without MSG_NOSIGNAL, and a peer that has
// gone would end the process.
int SocketWrite(BIO* bio, const char* bytes, int size) {
  const auto fd =
      static_cast<int>(reinterpret_cast<intptr_t>(BIO_get_data(bio)));
  BIO_clear_retry_flags(bio);
  const ssize_t n =
      send(fd, bytes, static_cast<size_t>(size), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
    BIO_set_retry_write(bio);
  }
  return static_cast<int>(n);
}

int SocketRead(BIO* bio, char* to, int size) {
  const auto fd =
      static_cast<int>(reinterpret_cast<intptr_t>(BIO_get_data(bio)));
  BIO_clear_retry_flags(bio);
  const ssize_t n = recv(fd, to, static_cast<size_t>(size), MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
    BIO_set_retry_read(bio);
  }
  if (n != 0) return static_cast<int>(n);
  // For OpenSSL this end without a goodbye would be the end of writing, too. It
  // is told to wait instead, and StepOf tells the end.
  BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  BIO_set_retry_read(bio);
  return -1;
}

long SocketControl(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO* NewSocketBio(int fd) {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK,
                                    "gradmatch socket");
    BIO_meth_set_write(made, SocketWrite);
    BIO_meth_set_read(made, SocketRead);
    BIO_meth_set_ctrl(made, SocketControl);
    return made;
  }();
  BIO* bio = BIO_new(method);
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<intptr_t>(fd)));
  BIO_set_init(bio, 1);
  return bio;
}

class SessionImpl final : public TlsSession {
 public:
  SessionImpl(SSL_CTX* context, int fd)
      : ssl_(SSL_new(context)), bio_(NewSocketBio(fd)) {
    SSL_set_bio(ssl_.get(), bio_, bio_);
    SSL_set_accept_state(ssl_.get());
  }

  TlsStep Handshake() override {
    MutexLock lock(mu_);
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    if (result == 1) return TlsStep::kDone;
    const unsigned long error = ERR_peek_error();
    plain_http_ = ERR_GET_LIB(error) == ERR_LIB_SSL &&
                  (ERR_GET_REASON(error) == SSL_R_HTTP_REQUEST ||
                   ERR_GET_REASON(error) == SSL_R_HTTPS_PROXY_REQUEST);
    return StepOf(result);
  }

  TlsStep Read(char* to, size_t size, size_t* done) override {
    MutexLock lock(mu_);
    ERR_clear_error();
    const int result = SSL_read_ex(ssl_.get(), to, size, done);
    return result == 1 ? TlsStep::kDone : StepOf(result);
  }

  TlsStep Write(std::string_view bytes, size_t* done) override {
    MutexLock lock(mu_);
    ERR_clear_error();
    const int result =
        SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), done);
    return result == 1 ? TlsStep::kDone : StepOf(result);
  }

  bool HasPending() const override {
    MutexLock lock(mu_);
    return SSL_pending(ssl_.get()) > 0;
  }

  void SayGoodbye() override {
    MutexLock lock(mu_);
    ERR_clear_error();
    if (SSL_is_init_finished(ssl_.get()) == 1) (void)SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }

  std::vector<std::string> PeerUris() const override {
    MutexLock lock(mu_);
    std::vector<std::string> uris;
    const Owned<X509> peer(SSL_get1_peer_certificate(ssl_.get()));
    if (peer == nullptr || SSL_get_verify_result(ssl_.get()) != X509_V_OK) {
      return uris;
    }
    const Owned<GENERAL_NAMES> names(static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(peer.get(), NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get());
         ++i) {
      const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
      if (name->type != GEN_URI) continue;
      const ASN1_IA5STRING* uri = name->d.uniformResourceIdentifier;
      uris.emplace_back(
          reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
          static_cast<size_t>(ASN1_STRING_length(uri)));
    }
    return uris;
  }

  bool PeerSpeaksPlainHttp() const override {
    MutexLock lock(mu_);
    return plain_http_;
  }

 private:
  TlsStep StepOf(int result) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    const int error = SSL_get_error(ssl_.get(), result);
    ERR_clear_error();
    switch (error) {
      case SSL_ERROR_WANT_READ:
        return BIO_test_flags(bio_, BIO_FLAGS_IN_EOF) != 0 ? TlsStep::kClosed
                                                           : TlsStep::kWantRead;
      case SSL_ERROR_WANT_WRITE:
        return TlsStep::kWantWrite;
      case SSL_ERROR_ZERO_RETURN:
        return TlsStep::kClosed;
      default:
        return TlsStep::kFailed;
    }
  }

  mutable Mutex mu_;
  const Owned<SSL> ssl_;  // its state is guarded by mu_
  BIO* const bio_;        // ssl_'s
  bool plain_http_ ABSL_GUARDED_BY(mu_) = false;
};

// Callers that offer protocols must offer ours; those that offer none are of
// the time before.
int ChooseProtocol(SSL*, const unsigned char** out, unsigned char* out_size,
                   const unsigned char* offered, unsigned int size, void*) {
  static constexpr unsigned char kHttp[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kHttp, sizeof(kHttp) - 1,
                            offered, size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

class ContextImpl final : public TlsContext {
 public:
  ContextImpl() : context_(SSL_CTX_new(TLS_server_method())) {
    SSL_CTX* context = context_.get();
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
                                     SSL_OP_NO_COMPRESSION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_alpn_select_cb(context, ChooseProtocol, nullptr);
  }

  absl::Status Take(const TlsMaterial& material, bool require_client) {
    ERR_clear_error();
    SSL_CTX* context = context_.get();
    if (SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1) {
      return Refused("ciphers");
    }
    absl::Status taken = TakeChain(material.certificate_pem);
    if (taken.ok()) taken = TakeKey(material.key_pem);
    if (taken.ok() && !material.client_ca_pem.empty()) {
      taken = TakeClientCa(material.client_ca_pem);
      SSL_CTX_set_verify(
          context,
          SSL_VERIFY_PEER |
              (require_client ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
          nullptr);
    }
    return taken;
  }

  std::unique_ptr<TlsSession> Accept(int fd) const override {
    return std::make_unique<SessionImpl>(context_.get(), fd);
  }

 private:
  static absl::Status Refused(const char* option) {
    return absl::InvalidArgumentError(
        absl::StrCat(option, " is not taken by OpenSSL: ", LastError()));
  }

  absl::Status TakeChain(const std::string& pem) {
    const Owned<BIO> in = Reading(pem);
    const Owned<X509> leaf(
        PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
    // Here too short keys and weak digests are refused.
    if (leaf == nullptr ||
        SSL_CTX_use_certificate(context_.get(), leaf.get()) != 1) {
      return Refused("tls.certificate_file");
    }
    while (X509* more =
               PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)) {
      const Owned<X509> owned(more);
      if (SSL_CTX_add1_chain_cert(context_.get(), more) != 1) {
        return Refused("tls.certificate_file");
      }
    }
    ERR_clear_error();  // the end of the text is one
    return absl::OkStatus();
  }

  absl::Status TakeKey(const std::string& pem) {
    const Owned<BIO> in = Reading(pem);
    const Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(
        in.get(), nullptr, [](char*, int, int, void*) { return 0; }, nullptr));
    if (key == nullptr ||
        SSL_CTX_use_PrivateKey(context_.get(), key.get()) != 1 ||
        SSL_CTX_check_private_key(context_.get()) != 1) {
      return Refused("tls.key_file");
    }
    return absl::OkStatus();
  }

  absl::Status TakeClientCa(const std::string& pem) {
    const Owned<BIO> in = Reading(pem);
    X509_STORE* store = SSL_CTX_get_cert_store(context_.get());
    while (X509* ca = PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)) {
      const Owned<X509> owned(ca);
      if (X509_STORE_add_cert(store, ca) != 1 ||
          SSL_CTX_add_client_CA(context_.get(), ca) != 1) {
        return Refused("tls.client_ca_file");
      }
    }
    ERR_clear_error();
    return absl::OkStatus();
  }

  const Owned<SSL_CTX> context_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const TlsContext>> TlsContext::Make(
    const TlsMaterial& material, bool require_client) {
  auto context = std::make_shared<ContextImpl>();
  const absl::Status taken = context->Take(material, require_client);
  if (!taken.ok()) return taken;
  return context;
}

std::string TlsClientHello() {
  const Owned<SSL_CTX> context(SSL_CTX_new(TLS_client_method()));
  const Owned<SSL> ssl(SSL_new(context.get()));
  BIO* sent = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), sent);
  // gRPC's servers do not answer those who offer another protocol.
  SSL_set_alpn_protos(
      ssl.get(), reinterpret_cast<const unsigned char*>("\x02h2\x08http/1.1"),
      12);
  SSL_set_connect_state(ssl.get());
  (void)SSL_do_handshake(ssl.get());
  ERR_clear_error();
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(sent, &bytes);
  return std::string(bytes, static_cast<size_t>(size));
}

}  // namespace gradmatch
