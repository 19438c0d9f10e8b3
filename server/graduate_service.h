#ifndef GRADMATCH_SERVER_GRADUATE_SERVICE_H_
#define GRADMATCH_SERVER_GRADUATE_SERVICE_H_

#include "gradmatch/v1/graduate_service.grpc.pb.h"
#include "server/erasure_runner.h"
#include "server/rpc.h"
#include "server/runtime.h"
#include "server/sync_stream.h"

namespace gradmatch {

// Graduates: parses, calls the ingester or the catalog, converts. Ids of
// graduates are turned into pseudonyms before they become keys, and never
// logged. `runtime` and `erasures` are borrowed and outlive this.
class GraduateServiceImpl final : public v1::GraduateService::CallbackService {
 public:
  GraduateServiceImpl(Runtime& runtime, ErasureRunner& erasures,
                      const SyncLimits& limits)
      : runtime_(runtime), erasures_(erasures), limits_(limits) {}

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

  // graduate_rights.h
  grpc::ServerUnaryReactor* GetPreferences(
      grpc::CallbackServerContext* context,
      const v1::GetPreferencesRequest* request,
      v1::Preferences* response) override;
  grpc::ServerUnaryReactor* UpdatePreferences(
      grpc::CallbackServerContext* context,
      const v1::UpdatePreferencesRequest* request,
      v1::Preferences* response) override;
  grpc::ServerUnaryReactor* ListTags(grpc::CallbackServerContext* context,
                                     const v1::ListTagsRequest* request,
                                     v1::ListTagsResponse* response) override;
  grpc::ServerUnaryReactor* DeleteTag(
      grpc::CallbackServerContext* context, const v1::DeleteTagRequest* request,
      google::protobuf::Empty* response) override;
  grpc::ServerUnaryReactor* ReportPlacement(
      grpc::CallbackServerContext* context,
      const v1::ReportPlacementRequest* request,
      v1::Graduate* response) override;
  grpc::ServerUnaryReactor* RevokePlacement(
      grpc::CallbackServerContext* context,
      const v1::RevokePlacementRequest* request,
      v1::Graduate* response) override;
  grpc::ServerUnaryReactor* FreezeGraduate(
      grpc::CallbackServerContext* context,
      const v1::FreezeGraduateRequest* request,
      v1::Graduate* response) override;
  grpc::ServerUnaryReactor* UnfreezeGraduate(
      grpc::CallbackServerContext* context,
      const v1::UnfreezeGraduateRequest* request,
      v1::Graduate* response) override;

  // erasures.h
  grpc::ServerUnaryReactor* EraseGraduate(
      grpc::CallbackServerContext* context,
      const v1::EraseGraduateRequest* request,
      google::longrunning::Operation* response) override;
  grpc::ServerUnaryReactor* GetErasureReceipt(
      grpc::CallbackServerContext* context,
      const v1::GetErasureReceiptRequest* request,
      v1::ErasureReceipt* response) override;

 private:
  Runtime& runtime_;
  ErasureRunner& erasures_;
  const SyncLimits limits_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_GRADUATE_SERVICE_H_
