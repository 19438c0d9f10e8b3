#ifndef GRADMATCH_SERVER_CODE_SERVICE_H_
#define GRADMATCH_SERVER_CODE_SERVICE_H_

#include "gradmatch/v1/code_service.grpc.pb.h"
#include "server/rpc.h"
#include "server/runtime.h"

namespace gradmatch {

// The code tables and their import. `runtime` is borrowed and outlives this.
class CodeServiceImpl final : public v1::CodeService::CallbackService {
 public:
  explicit CodeServiceImpl(Runtime& runtime) : runtime_(runtime) {}

  grpc::ServerUnaryReactor* ListCodeSystems(
      grpc::CallbackServerContext* context,
      const v1::ListCodeSystemsRequest* request,
      v1::ListCodeSystemsResponse* response) override;
  grpc::ServerUnaryReactor* ListCodes(grpc::CallbackServerContext* context,
                                      const v1::ListCodesRequest* request,
                                      v1::ListCodesResponse* response) override;
  grpc::ServerUnaryReactor* ResolveCodes(
      grpc::CallbackServerContext* context,
      const v1::ResolveCodesRequest* request,
      v1::ResolveCodesResponse* response) override;
  grpc::ServerUnaryReactor* CrossCodes(
      grpc::CallbackServerContext* context,
      const v1::CrossCodesRequest* request,
      v1::CrossCodesResponse* response) override;
  grpc::ServerUnaryReactor* ImportCodes(
      grpc::CallbackServerContext* context,
      const v1::ImportCodesRequest* request,
      v1::ImportCodesResponse* response) override;

 private:
  Runtime& runtime_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_CODE_SERVICE_H_
