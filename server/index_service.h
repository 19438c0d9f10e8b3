#ifndef GRADMATCH_SERVER_INDEX_SERVICE_H_
#define GRADMATCH_SERVER_INDEX_SERVICE_H_

#include "gradmatch/v1/index_service.grpc.pb.h"
#include "server/recall_runner.h"
#include "server/rpc.h"
#include "server/runtime.h"

namespace gradmatch {

// What the search holds and how well it finds. Threads as gRPC likes; both are
// borrowed and outlive this.
class IndexServiceImpl final : public v1::IndexService::CallbackService {
 public:
  IndexServiceImpl(Runtime& runtime, RecallRunner& recall)
      : runtime_(runtime), recall_(recall) {}

  grpc::ServerUnaryReactor* GetIndex(grpc::CallbackServerContext* context,
                                     const v1::GetIndexRequest* request,
                                     v1::Index* response) override;
  grpc::ServerUnaryReactor* ListIndexes(
      grpc::CallbackServerContext* context,
      const v1::ListIndexesRequest* request,
      v1::ListIndexesResponse* response) override;
  grpc::ServerUnaryReactor* MeasureRecall(
      grpc::CallbackServerContext* context,
      const v1::MeasureRecallRequest* request,
      google::longrunning::Operation* response) override;

 private:
  Runtime& runtime_;
  RecallRunner& recall_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_INDEX_SERVICE_H_
