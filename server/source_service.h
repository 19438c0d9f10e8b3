#ifndef GRADMATCH_SERVER_SOURCE_SERVICE_H_
#define GRADMATCH_SERVER_SOURCE_SERVICE_H_

#include "gradmatch/v1/source_service.grpc.pb.h"
#include "server/rpc.h"
#include "server/runtime.h"

namespace gradmatch {

// Sources and what is held back of their postings. `runtime` is borrowed and
// outlives this.
class SourceServiceImpl final : public v1::SourceService::CallbackService {
 public:
  explicit SourceServiceImpl(Runtime& runtime) : runtime_(runtime) {}

  grpc::ServerUnaryReactor* CreateSource(grpc::CallbackServerContext* context,
                                         const v1::CreateSourceRequest* request,
                                         v1::Source* response) override;
  grpc::ServerUnaryReactor* GetSource(grpc::CallbackServerContext* context,
                                      const v1::GetSourceRequest* request,
                                      v1::Source* response) override;
  grpc::ServerUnaryReactor* ListSources(
      grpc::CallbackServerContext* context,
      const v1::ListSourcesRequest* request,
      v1::ListSourcesResponse* response) override;
  grpc::ServerUnaryReactor* UpdateSource(grpc::CallbackServerContext* context,
                                         const v1::UpdateSourceRequest* request,
                                         v1::Source* response) override;
  grpc::ServerUnaryReactor* DeleteSource(
      grpc::CallbackServerContext* context,
      const v1::DeleteSourceRequest* request,
      google::protobuf::Empty* response) override;
  grpc::ServerUnaryReactor* ListQuarantineEntries(
      grpc::CallbackServerContext* context,
      const v1::ListQuarantineEntriesRequest* request,
      v1::ListQuarantineEntriesResponse* response) override;
  grpc::ServerUnaryReactor* GetSourceFigures(
      grpc::CallbackServerContext* context,
      const v1::GetSourceFiguresRequest* request,
      v1::SourceFigures* response) override;

 private:
  Runtime& runtime_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_SOURCE_SERVICE_H_
