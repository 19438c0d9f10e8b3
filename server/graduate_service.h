#ifndef GRADMATCH_SERVER_GRADUATE_SERVICE_H_
#define GRADMATCH_SERVER_GRADUATE_SERVICE_H_

#include "gradmatch/v1/graduate_service.grpc.pb.h"
#include "server/rpc.h"
#include "server/runtime.h"
#include "server/sync_stream.h"

namespace gradmatch {

// Graduates: parses, calls the ingester or the catalog, converts. Ids of
// graduates are turned into pseudonyms before they become keys, and never
// logged. `runtime` is borrowed and outlives this.
class GraduateServiceImpl final : public v1::GraduateService::CallbackService {
 public:
  GraduateServiceImpl(Runtime& runtime, const SyncLimits& limits)
      : runtime_(runtime), limits_(limits) {}

  grpc::ServerUnaryReactor* CreateGraduate(
      grpc::CallbackServerContext* context,
      const v1::CreateGraduateRequest* request,
      v1::Graduate* response) override;
  grpc::ServerUnaryReactor* GetGraduate(grpc::CallbackServerContext* context,
                                        const v1::GetGraduateRequest* request,
                                        v1::Graduate* response) override;
  grpc::ServerUnaryReactor* ListGraduates(
      grpc::CallbackServerContext* context,
      const v1::ListGraduatesRequest* request,
      v1::ListGraduatesResponse* response) override;
  grpc::ServerUnaryReactor* UpdateGraduate(
      grpc::CallbackServerContext* context,
      const v1::UpdateGraduateRequest* request,
      v1::Graduate* response) override;
  grpc::ServerUnaryReactor* DeleteGraduate(
      grpc::CallbackServerContext* context,
      const v1::DeleteGraduateRequest* request,
      google::protobuf::Empty* response) override;
  grpc::ServerUnaryReactor* BatchUpdateGraduates(
      grpc::CallbackServerContext* context,
      const v1::BatchUpdateGraduatesRequest* request,
      v1::BatchUpdateGraduatesResponse* response) override;
  grpc::ServerBidiReactor<v1::SyncGraduatesRequest, v1::SyncGraduatesResponse>*
  SyncGraduates(grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* UpdateSealedFlags(
      grpc::CallbackServerContext* context,
      const v1::UpdateSealedFlagsRequest* request,
      google::protobuf::Empty* response) override;
  grpc::ServerUnaryReactor* DeleteSealedFlags(
      grpc::CallbackServerContext* context,
      const v1::DeleteSealedFlagsRequest* request,
      google::protobuf::Empty* response) override;

 private:
  Runtime& runtime_;
  const SyncLimits limits_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_GRADUATE_SERVICE_H_
