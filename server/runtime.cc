#include "server/runtime.h"

#include <algorithm>
#include <iterator>

#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "server/gate.h"

namespace gradmatch {

Runtime::Runtime(const Clock& clock_in, Logger& log_in, WorkerPool& workers_in,
                 WorkerPool& write_workers_in, WorkerPool& ingest_workers_in,
                 Admission& admission_in, StreamRegistry& streams_in)
    : clock(clock_in),
      log(log_in),
      workers(workers_in),
      write_workers(write_workers_in),
      ingest_workers(ingest_workers_in),
      admission(admission_in),
      streams(streams_in),
      gate_(&OpenGate()) {}

bool WaitsForDisk(std::string_view method) {
  const std::string_view service = method.substr(0, method.find('.'));
  // About people, so audited; a budget of the day is written too.
  if (service == "StaffService" || method == "MatchService.MatchGraduates") {
    return true;
  }
  if (method.size() == service.size()) return true;
  const std::string_view name = method.substr(service.size() + 1);
  constexpr std::string_view kReads[] = {"BatchMatch", "Check",   "Cross",
                                         "Explain",    "Get",     "List",
                                         "Match",      "Resolve", "Search"};
  return std::none_of(
      std::begin(kReads), std::end(kReads),
      [name](std::string_view verb) { return name.starts_with(verb); });
}

absl::Status CheckServing(ServerState state) {
  switch (state) {
    case ServerState::kServing:
      return absl::OkStatus();
    case ServerState::kLoading:
      return MakeError(absl::StatusCode::kUnavailable, kIndexLoading,
                       "服务正在加载数据，请稍后重试");
    case ServerState::kDraining:
      break;
  }
  return MakeError(absl::StatusCode::kUnavailable, kDraining,
                   "服务正在停止，不再接受新请求，请稍后重试");
}

}  // namespace gradmatch
