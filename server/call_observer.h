#ifndef GRADMATCH_SERVER_CALL_OBSERVER_H_
#define GRADMATCH_SERVER_CALL_OBSERVER_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "grpcpp/support/server_interceptor.h"
#include "server/log.h"
#include "server/metrics/metrics.h"

namespace gradmatch {

struct CallObserverOptions {
  enum class Lines { kNone, kSlow, kFailed, kAll };
  Lines lines = Lines::kSlow;
  absl::Duration slow = absl::Seconds(1);
};
// "none", "slow", "failed", "all"; kSlow for other words.
CallObserverOptions::Lines CallLinesOf(std::string_view word);

// Sees every call of the server, over gRPC and HTTP, from its arrival to its
// status, those too that are refused at the door: measures it, counts the
// reasons of errors, writes its line of the log, and gives it a number that its
// caller gets back in the trailer gradmatch-call, so that "my call of noon
// failed" can be found. The number is the trace id of a W3C traceparent if the
// call came with one; nothing else that a caller sends gets into the log.
//
// Both are borrowed and outlive the server.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
NewCallObserver(const CallObserverOptions& options, Metrics& metrics,
                Logger& log);

// The trace id of "00-<32 hex digits>-<16 hex digits>-01"; empty for anything
// else. Pure.
std::string TraceIdOf(std::string_view traceparent);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_CALL_OBSERVER_H_
