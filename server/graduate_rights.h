#ifndef GRADMATCH_SERVER_GRADUATE_RIGHTS_H_
#define GRADMATCH_SERVER_GRADUATE_RIGHTS_H_

#include "absl/status/status.h"
#include "google/protobuf/empty.pb.h"
#include "gradmatch/v1/graduate_service.pb.h"
#include "server/rpc.h"
#include "server/runtime.h"

namespace gradmatch {

// The methods of GraduateService by which graduates, and those who act for
// them, decide what is done with a record: preferences, tags, placement,
// freeze. In force once they return OK: whoever reads the record from then on
// sees it, and answers under way look again before they are sent
// (AnswerFromCurrent in graduate_kind.h). The etag of preferences is that of
// the graduate.

absl::Status GetPreferences(const Engine& engine,
                            const v1::GetPreferencesRequest& request,
                            v1::Preferences& response);
absl::Status UpdatePreferences(const Engine& engine, const RpcContext& rpc,
                               const v1::UpdatePreferencesRequest& request,
                               v1::Preferences& response);

absl::Status ListTags(const Engine& engine, const RpcContext& rpc,
                      const v1::ListTagsRequest& request,
                      v1::ListTagsResponse& response);
absl::Status DeleteTag(const Engine& engine, const RpcContext& rpc,
                       const v1::DeleteTagRequest& request,
                       google::protobuf::Empty& response);

absl::Status ReportPlacement(const Engine& engine, const RpcContext& rpc,
                             const v1::ReportPlacementRequest& request,
                             v1::Graduate& response);
// What was never registered, or set by a write of the record only, is taken
// back all the same.
absl::Status RevokePlacement(const Engine& engine, const RpcContext& rpc,
                             const v1::RevokePlacementRequest& request,
                             v1::Graduate& response);

absl::Status FreezeGraduate(const Engine& engine, const RpcContext& rpc,
                            const v1::FreezeGraduateRequest& request,
                            v1::Graduate& response);
absl::Status UnfreezeGraduate(const Engine& engine, const RpcContext& rpc,
                              const v1::UnfreezeGraduateRequest& request,
                              v1::Graduate& response);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_GRADUATE_RIGHTS_H_
