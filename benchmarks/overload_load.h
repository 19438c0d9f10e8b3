#ifndef GRADMATCH_BENCHMARKS_OVERLOAD_LOAD_H_
#define GRADMATCH_BENCHMARKS_OVERLOAD_LOAD_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "benchmarks/latency.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"

namespace gradmatch {

// MatchPostings at fixed times whatever the answers do (open loop), with a
// deadline that counts from when a call was due.
struct OverloadPlan {
  // Calls take the channels in turn.
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  const std::vector<std::string>* graduates = nullptr;
  double per_second = 0;
  absl::Duration length;
  absl::Duration deadline;
  // Who calls: adds what proves it. May be null.
  std::function<void(grpc::ClientContext&)> identify;
  // A client without manners: what is refused is sent again at once, as long
  // as its deadline has not passed.
  bool retry_at_once = false;
};

struct OverloadResult {
  int64_t offered = 0;
  int64_t in_time = 0;  // answered before the deadline
  int64_t refused = 0;  // RESOURCE_EXHAUSTED, at last
  int64_t late = 0;     // DEADLINE_EXCEEDED
  int64_t failed = 0;   // all else
  int64_t retries = 0;
  // From when they were due: of those that were answered, and of all that were
  // not refused, the late among them, which may never have reached the server.
  Latencies answered;
  Latencies admitted;
  double seconds = 0;

  double goodput() const { return seconds > 0 ? in_time / seconds : 0; }
};

// Returns when the last call has ended.
OverloadResult RunOverload(const OverloadPlan& plan);

}  // namespace gradmatch

#endif  // GRADMATCH_BENCHMARKS_OVERLOAD_LOAD_H_
