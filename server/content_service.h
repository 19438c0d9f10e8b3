#ifndef GRADMATCH_SERVER_CONTENT_SERVICE_H_
#define GRADMATCH_SERVER_CONTENT_SERVICE_H_

#include "gradmatch/v1/content_service.grpc.pb.h"
#include "server/rpc.h"
#include "server/runtime.h"
#include "server/sync_stream.h"

namespace gradmatch {

// Policies, news, events and courses: parses, calls the ingester or the
// catalog, converts. `runtime` is borrowed and outlives this.
class ContentServiceImpl final : public v1::ContentService::CallbackService {
 public:
  ContentServiceImpl(Runtime& runtime, const SyncLimits& limits)
      : runtime_(runtime), limits_(limits) {}

  grpc::ServerUnaryReactor* CreateContent(
      grpc::CallbackServerContext* context,
      const v1::CreateContentRequest* request, v1::Content* response) override;
  grpc::ServerUnaryReactor* GetContent(grpc::CallbackServerContext* context,
                                       const v1::GetContentRequest* request,
                                       v1::Content* response) override;
  grpc::ServerUnaryReactor* ListContents(
      grpc::CallbackServerContext* context,
      const v1::ListContentsRequest* request,
      v1::ListContentsResponse* response) override;
  grpc::ServerUnaryReactor* UpdateContent(
      grpc::CallbackServerContext* context,
      const v1::UpdateContentRequest* request, v1::Content* response) override;
  grpc::ServerUnaryReactor* DeleteContent(
      grpc::CallbackServerContext* context,
      const v1::DeleteContentRequest* request,
      google::protobuf::Empty* response) override;
  grpc::ServerBidiReactor<v1::SyncContentsRequest, v1::SyncContentsResponse>*
  SyncContents(grpc::CallbackServerContext* context) override;

 private:
  Runtime& runtime_;
  const SyncLimits limits_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_CONTENT_SERVICE_H_
