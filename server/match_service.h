#ifndef GRADMATCH_SERVER_MATCH_SERVICE_H_
#define GRADMATCH_SERVER_MATCH_SERVICE_H_

#include <functional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gradmatch/v1/match_service.grpc.pb.h"
#include "server/rpc.h"
#include "server/runtime.h"

namespace gradmatch {

// Matching: parses, calls the matcher, converts. `runtime` is borrowed and
// outlives this.
class MatchServiceImpl final : public v1::MatchService::CallbackService {
 public:
  // Why a graduate was or was not told of a posting; see
  // matcher/push/push_explainer.h. May be empty: then nothing is said.
  using PushReasons = std::function<absl::StatusOr<std::vector<v1::Reason>>(
      const v1::Graduate& graduate, std::string_view graduate_key,
      const v1::Posting& posting, absl::Time now)>;

  MatchServiceImpl(Runtime& runtime, PushReasons push_reasons)
      : runtime_(runtime), push_reasons_(std::move(push_reasons)) {}

  grpc::ServerUnaryReactor* MatchPostings(
      grpc::CallbackServerContext* context,
      const v1::MatchPostingsRequest* request,
      v1::MatchPostingsResponse* response) override;
  grpc::ServerUnaryReactor* SearchPostings(
      grpc::CallbackServerContext* context,
      const v1::SearchPostingsRequest* request,
      v1::SearchPostingsResponse* response) override;
  grpc::ServerUnaryReactor* ExplainMatch(
      grpc::CallbackServerContext* context,
      const v1::ExplainMatchRequest* request,
      v1::ExplainMatchResponse* response) override;
  grpc::ServerUnaryReactor* CheckEligibility(
      grpc::CallbackServerContext* context,
      const v1::CheckEligibilityRequest* request,
      v1::CheckEligibilityResponse* response) override;

  grpc::ServerUnaryReactor* MatchContents(
      grpc::CallbackServerContext* context,
      const v1::MatchContentsRequest* request,
      v1::MatchContentsResponse* response) override;

 private:
  Runtime& runtime_;
  const PushReasons push_reasons_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_MATCH_SERVICE_H_
