#ifndef GRADMATCH_SERVER_MATCH_GRADUATES_H_
#define GRADMATCH_SERVER_MATCH_GRADUATES_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gradmatch/v1/match_service.pb.h"
#include "matcher/reverse/graduate_finder.h"
#include "server/rpc.h"
#include "server/runtime.h"

namespace gradmatch {

// One call that asked for graduates, for the audit.
struct GraduateAccess {
  std::string method;
  std::string posting;  // resource name
  std::string staff;    // resource name, in whose name; empty: nobody's
  Caller caller;
  std::string purpose;
  std::vector<std::string> graduate_keys;  // who is shown: GraduateKeys
  std::string reason;  // of the refusal; empty when there is an answer
  absl::Time time;
};

// What MatchGraduates asks of those who know staff and keep the audit. Called
// from any thread.
struct GraduateReaderHooks {
  // Which graduates a member of staff may see. NOT_FOUND, STAFF_NOT_FOUND. The
  // filter is used during the call only, from several threads. Empty: there is
  // no staff.
  std::function<absl::StatusOr<GraduateFilter>(std::string_view staff_id)>
      scope_of;
  // Called for every call that passed the checks of its fields, refused ones
  // too, before the caller hears: whatever it returns but OK is the answer
  // then, and nobody is shown. Empty: nothing is kept.
  std::function<absl::Status(const GraduateAccess& access)> audit;
};

struct MatchGraduatesOptions {
  // With fewer who fit the call is refused: a filter that leaves a few singles
  // them out.
  int64_t min_group = 10;
  // Graduates shown on one day in China, over all calls.
  int64_t daily_budget = 2'000;
  size_t max_ranked = 1'000;
};

absl::Status MatchGraduates(Runtime& runtime,
                            const MatchGraduatesOptions& options,
                            const GraduateReaderHooks& hooks,
                            const RpcContext& rpc,
                            const v1::MatchGraduatesRequest& request,
                            v1::MatchGraduatesResponse& response);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_MATCH_GRADUATES_H_
