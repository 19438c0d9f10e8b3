#include "tools/process/channel.h"

#include <utility>
#include <vector>

#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/channel_arguments.h"
#include "grpcpp/support/client_interceptor.h"

namespace gradmatch {

namespace {

namespace experimental = grpc::experimental;

// Not gRPC's call credentials, which it refuses to send without TLS: whether a
// server may be talked to so is decided where it listens.
class BearerInterceptor final : public experimental::Interceptor {
 public:
  explicit BearerInterceptor(const std::string& header) : header_(header) {}
  void Intercept(experimental::InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(
            experimental::InterceptionHookPoints::PRE_SEND_INITIAL_METADATA)) {
      methods->GetSendInitialMetadata()->insert({"authorization", header_});
    }
    methods->Proceed();
  }

 private:
  const std::string& header_;
};

class BearerFactory final
    : public experimental::ClientInterceptorFactoryInterface {
 public:
  explicit BearerFactory(const std::string& bearer)
      : header_("Bearer " + bearer) {}
  experimental::Interceptor* CreateClientInterceptor(
      experimental::ClientRpcInfo*) override {
    return new BearerInterceptor(header_);
  }

 private:
  const std::string header_;
};

}  // namespace

std::shared_ptr<grpc::Channel> OpenChannel(const std::string& endpoint,
                                           const std::string& bearer) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  std::vector<std::unique_ptr<experimental::ClientInterceptorFactoryInterface>>
      interceptors;
  if (!bearer.empty()) {
    interceptors.push_back(std::make_unique<BearerFactory>(bearer));
  }
  return experimental::CreateCustomChannelWithInterceptors(
      endpoint, grpc::InsecureChannelCredentials(), arguments,
      std::move(interceptors));
}

}  // namespace gradmatch
