#ifndef GRADMATCH_SERVER_POSTING_SERVICE_H_
#define GRADMATCH_SERVER_POSTING_SERVICE_H_

#include "gradmatch/v1/posting_service.grpc.pb.h"
#include "server/rpc.h"
#include "server/runtime.h"
#include "server/sync_stream.h"

namespace gradmatch {

// Postings: parses, calls the ingester or the catalog, converts. Threads as
// gRPC likes; `runtime` is borrowed and outlives this.
class PostingServiceImpl final : public v1::PostingService::CallbackService {
 public:
  PostingServiceImpl(Runtime& runtime, const SyncLimits& limits)
      : runtime_(runtime), limits_(limits) {}

  grpc::ServerUnaryReactor* CreatePosting(
      grpc::CallbackServerContext* context,
      const v1::CreatePostingRequest* request, v1::Posting* response) override;
  grpc::ServerUnaryReactor* GetPosting(grpc::CallbackServerContext* context,
                                       const v1::GetPostingRequest* request,
                                       v1::Posting* response) override;
  grpc::ServerUnaryReactor* ListPostings(
      grpc::CallbackServerContext* context,
      const v1::ListPostingsRequest* request,
      v1::ListPostingsResponse* response) override;
  grpc::ServerUnaryReactor* UpdatePosting(
      grpc::CallbackServerContext* context,
      const v1::UpdatePostingRequest* request, v1::Posting* response) override;
  grpc::ServerUnaryReactor* DeletePosting(
      grpc::CallbackServerContext* context,
      const v1::DeletePostingRequest* request,
      google::protobuf::Empty* response) override;
  grpc::ServerUnaryReactor* BatchUpdatePostings(
      grpc::CallbackServerContext* context,
      const v1::BatchUpdatePostingsRequest* request,
      v1::BatchUpdatePostingsResponse* response) override;
  grpc::ServerBidiReactor<v1::SyncPostingsRequest, v1::SyncPostingsResponse>*
  SyncPostings(grpc::CallbackServerContext* context) override;

 private:
  Runtime& runtime_;
  const SyncLimits limits_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_POSTING_SERVICE_H_
