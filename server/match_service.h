#ifndef GRADMATCH_SERVER_MATCH_SERVICE_H_
#define GRADMATCH_SERVER_MATCH_SERVICE_H_

#include <functional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gradmatch/v1/match_service.grpc.pb.h"
#include "server/match_graduates.h"
#include "server/rpc.h"
#include "server/runtime.h"

namespace gradmatch {

struct MatchServiceOptions {
  // What the results of a batch may come to: less than a message, since
  // messages have a limit and answers that do not fit are told so.
  size_t max_response_bytes = 3'500'000;
  MatchGraduatesOptions graduates;
};

// Matching: parses, calls the matcher, converts. `runtime` is borrowed and
// outlives this.
class MatchServiceImpl final : public v1::MatchService::CallbackService {
 public:
  // Why a graduate was or was not told of a posting; see
  // matcher/push/push_explainer.h. May be empty: then nothing is said.
  using PushReasons = std::function<absl::StatusOr<std::vector<v1::Reason>>(
      const v1::Graduate& graduate, std::string_view graduate_key,
      const v1::Posting& posting, absl::Time now)>;

  MatchServiceImpl(Runtime& runtime, PushReasons push_reasons,
                   const MatchServiceOptions& options = {},
                   GraduateReaderHooks hooks = {})
      : runtime_(runtime),
        push_reasons_(std::move(push_reasons)),
        options_(options),
        hooks_(std::move(hooks)) {}

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
  grpc::ServerUnaryReactor* BatchMatchPostings(
      grpc::CallbackServerContext* context,
      const v1::BatchMatchPostingsRequest* request,
      v1::BatchMatchPostingsResponse* response) override;
  grpc::ServerUnaryReactor* MatchGraduates(
      grpc::CallbackServerContext* context,
      const v1::MatchGraduatesRequest* request,
      v1::MatchGraduatesResponse* response) override;

  grpc::ServerUnaryReactor* MatchContents(
      grpc::CallbackServerContext* context,
      const v1::MatchContentsRequest* request,
      v1::MatchContentsResponse* response) override;

 private:
  Runtime& runtime_;
  const PushReasons push_reasons_;
  const MatchServiceOptions options_;
  const GraduateReaderHooks hooks_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_MATCH_SERVICE_H_
