#ifndef GRADMATCH_SERVER_STAFF_SERVICE_H_
#define GRADMATCH_SERVER_STAFF_SERVICE_H_

#include <functional>
#include <utility>

#include "absl/status/statusor.h"
#include "gradmatch/v1/staff_service.grpc.pb.h"
#include "index/push_store.h"
#include "matcher/push/push_explainer.h"
#include "server/rpc.h"
#include "server/runtime.h"

namespace gradmatch {

// Staff, their digests and what they recommend by hand: parses, calls,
// converts. `runtime` is borrowed and outlives this.
class StaffServiceImpl final : public v1::StaffService::CallbackService {
 public:
  // The first is UNAVAILABLE until runs can be read.
  using PushStoreOf = std::function<absl::StatusOr<PushStore*>()>;

  StaffServiceImpl(Runtime& runtime, PushStoreOf push_store,
                   PushReasonsFor push_reasons)
      : runtime_(runtime),
        push_store_(std::move(push_store)),
        push_reasons_(std::move(push_reasons)) {}

  grpc::ServerUnaryReactor* CreateStaff(grpc::CallbackServerContext* context,
                                        const v1::CreateStaffRequest* request,
                                        v1::Staff* response) override;
  grpc::ServerUnaryReactor* GetStaff(grpc::CallbackServerContext* context,
                                     const v1::GetStaffRequest* request,
                                     v1::Staff* response) override;
  grpc::ServerUnaryReactor* ListStaff(grpc::CallbackServerContext* context,
                                      const v1::ListStaffRequest* request,
                                      v1::ListStaffResponse* response) override;
  grpc::ServerUnaryReactor* UpdateStaff(grpc::CallbackServerContext* context,
                                        const v1::UpdateStaffRequest* request,
                                        v1::Staff* response) override;
  grpc::ServerUnaryReactor* DeleteStaff(
      grpc::CallbackServerContext* context,
      const v1::DeleteStaffRequest* request,
      google::protobuf::Empty* response) override;
  grpc::ServerUnaryReactor* GetStaffDigest(
      grpc::CallbackServerContext* context,
      const v1::GetStaffDigestRequest* request,
      v1::StaffDigest* response) override;
  grpc::ServerUnaryReactor* RecommendPosting(
      grpc::CallbackServerContext* context,
      const v1::RecommendPostingRequest* request,
      v1::HandRecommendation* response) override;
  grpc::ServerUnaryReactor* ListHandRecommendations(
      grpc::CallbackServerContext* context,
      const v1::ListHandRecommendationsRequest* request,
      v1::ListHandRecommendationsResponse* response) override;

 private:
  Runtime& runtime_;
  const PushStoreOf push_store_;
  const PushReasonsFor push_reasons_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_STAFF_SERVICE_H_
