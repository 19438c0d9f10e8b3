#include "server/runtime.h"

#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "server/gate.h"
#include "server/metrics/metrics.h"

namespace gradmatch {

Runtime::Runtime(const Clock& clock_in, Logger& log_in, WorkerPool& workers_in,
                 WorkerPool& ingest_workers_in, Admission& admission_in,
                 StreamRegistry& streams_in)
    : clock(clock_in),
      log(log_in),
      workers(workers_in),
      ingest_workers(ingest_workers_in),
      admission(admission_in),
      streams(streams_in),
      gate_(&OpenGate()),
      metrics_(std::make_shared<Metrics>()) {}

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
