// The descriptors of every service. Named one by one because a program has only
// the descriptors of what it uses; a test compares with the files of proto/.

#include "google/longrunning/operations.pb.h"
#include "gradmatch/v1/admin_service.pb.h"
#include "gradmatch/v1/code_service.pb.h"
#include "gradmatch/v1/content_service.pb.h"
#include "gradmatch/v1/feedback_service.pb.h"
#include "gradmatch/v1/graduate_service.pb.h"
#include "gradmatch/v1/index_service.pb.h"
#include "gradmatch/v1/match_service.pb.h"
#include "gradmatch/v1/posting_service.pb.h"
#include "gradmatch/v1/push_service.pb.h"
#include "gradmatch/v1/snapshot_service.pb.h"
#include "gradmatch/v1/source_service.pb.h"
#include "gradmatch/v1/staff_service.pb.h"
#include "gradmatch/v1/token_service.pb.h"
#include "server/http/routes.h"

namespace gradmatch {
namespace {

// The one service of the file that declares a message.
template <typename Message>
const google::protobuf::ServiceDescriptor* ServiceOf() {
  return Message::descriptor()->file()->service(0);
}

}  // namespace

std::vector<const google::protobuf::ServiceDescriptor*> ApiServices() {
  return {ServiceOf<v1::GetServerInfoRequest>(),
          ServiceOf<v1::ListCodesRequest>(),
          ServiceOf<v1::GetContentRequest>(),
          ServiceOf<v1::ReportDeliveriesRequest>(),
          ServiceOf<v1::GetGraduateRequest>(),
          ServiceOf<v1::ListIndexesRequest>(),
          ServiceOf<v1::MatchPostingsRequest>(),
          ServiceOf<v1::GetPostingRequest>(),
          ServiceOf<v1::GetPushPlanRequest>(),
          ServiceOf<v1::GetDataSnapshotRequest>(),
          ServiceOf<v1::GetSourceRequest>(),
          ServiceOf<v1::GetStaffRequest>(),
          ServiceOf<v1::GetTokenRequest>(),
          ServiceOf<google::longrunning::GetOperationRequest>()};
}

}  // namespace gradmatch
