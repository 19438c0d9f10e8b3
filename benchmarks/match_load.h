#ifndef GRADMATCH_BENCHMARKS_MATCH_LOAD_H_
#define GRADMATCH_BENCHMARKS_MATCH_LOAD_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "benchmarks/latency.h"
#include "grpcpp/channel.h"

namespace gradmatch {

struct LoadResult {
  Latencies latencies;
  int64_t errors = 0;
  int64_t matches = 0;  // recommended postings in all answers
  double seconds = 0;
};

// MatchPostings for `graduates` in turn, sent at fixed times whatever the
// answers do (open loop); a call's time counts from when it was due, so that
// waiting in a queue is not hidden.
LoadResult OpenLoop(const std::shared_ptr<grpc::Channel>& channel,
                    const std::vector<std::string>& graduates,
                    double per_second, absl::Duration length);

// The same with `concurrency` calls always under way: what the server can do.
LoadResult ClosedLoop(const std::shared_ptr<grpc::Channel>& channel,
                      const std::vector<std::string>& graduates,
                      int concurrency, absl::Duration length);

}  // namespace gradmatch

#endif  // GRADMATCH_BENCHMARKS_MATCH_LOAD_H_
