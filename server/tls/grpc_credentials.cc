#include "server/tls/grpc_credentials.h"

#include <atomic>
#include <cstdint>

#include "grpc/grpc.h"
#include "grpc/grpc_security.h"

namespace gradmatch {
namespace {

class Credentials final : public grpc::ServerCredentials {
 public:
  explicit Credentials(const TlsKeeper& keeper) : keeper_(keeper) {
    const auto current = keeper.current();
    auto request = GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE;
    if (!current->material.client_ca_pem.empty()) {
      request = current->require_client
                    ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                    : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY;
    }
    credentials_ = grpc_ssl_server_credentials_create_with_options(
        grpc_ssl_server_credentials_create_options_using_config_fetcher(
            request, &Credentials::Fetch, this));
  }
  ~Credentials() override { grpc_server_credentials_release(credentials_); }

  void SetAuthMetadataProcessor(
      const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

 private:
  int AddPortToServer(const std::string& address,
                      grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  // Called by gRPC for each connection; several at a time.
  static grpc_ssl_certificate_config_reload_status Fetch(
      void* self, grpc_ssl_server_certificate_config** config) {
    return static_cast<Credentials*>(self)->FetchNext(config);
  }

  grpc_ssl_certificate_config_reload_status FetchNext(
      grpc_ssl_server_certificate_config** config) {
    const auto current = keeper_.current();
    if (handed_out_.exchange(current->number) == current->number) {
      return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    }
    const TlsMaterial& material = current->material;
    const grpc_ssl_pem_key_cert_pair pair = {
        .private_key = material.key_pem.c_str(),
        .cert_chain = material.certificate_pem.c_str()};
    // Copies them. It wants roots also where no certificate is asked for, and
    // then has no use for them.
    *config = grpc_ssl_server_certificate_config_create(
        material.client_ca_pem.empty() ? material.certificate_pem.c_str()
                                       : material.client_ca_pem.c_str(),
        &pair, 1);
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

  const TlsKeeper& keeper_;
  grpc_server_credentials* credentials_ = nullptr;
  std::atomic<int64_t> handed_out_{0};
};

}  // namespace

std::shared_ptr<grpc::ServerCredentials> NewServerCredentials(
    const TlsKeeper& keeper) {
  return std::make_shared<Credentials>(keeper);
}

}  // namespace gradmatch
