#ifndef GRADMATCH_SERVER_IDENTITY_TOKEN_SERVICE_H_
#define GRADMATCH_SERVER_IDENTITY_TOKEN_SERVICE_H_

#include "gradmatch/v1/token_service.grpc.pb.h"
#include "server/rpc.h"
#include "server/runtime.h"

namespace gradmatch {

// Makes, shows, rotates and revokes bearer tokens; also on a server that does
// not ask for any, so that they are there before it does.
class TokenServiceImpl final : public v1::TokenService::CallbackService {
 public:
  // Borrowed.
  explicit TokenServiceImpl(Runtime& runtime) : runtime_(runtime) {}

  grpc::ServerUnaryReactor* CreateToken(grpc::CallbackServerContext* context,
                                        const v1::CreateTokenRequest* request,
                                        v1::IssuedToken* response) override;
  grpc::ServerUnaryReactor* GetToken(grpc::CallbackServerContext* context,
                                     const v1::GetTokenRequest* request,
                                     v1::Token* response) override;
  grpc::ServerUnaryReactor* ListTokens(
      grpc::CallbackServerContext* context,
      const v1::ListTokensRequest* request,
      v1::ListTokensResponse* response) override;
  grpc::ServerUnaryReactor* RotateToken(grpc::CallbackServerContext* context,
                                        const v1::RotateTokenRequest* request,
                                        v1::IssuedToken* response) override;
  grpc::ServerUnaryReactor* RevokeToken(grpc::CallbackServerContext* context,
                                        const v1::RevokeTokenRequest* request,
                                        v1::Token* response) override;

 private:
  Runtime& runtime_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_IDENTITY_TOKEN_SERVICE_H_
