#ifndef GRADMATCH_SERVER_PUSH_SUBSYSTEM_H_
#define GRADMATCH_SERVER_PUSH_SUBSYSTEM_H_

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "grpcpp/impl/codegen/service_type.h"
#include "index/push_store.h"
#include "matcher/push/push_explainer.h"
#include "matcher/push/push_run.h"
#include "server/operation_provider.h"
#include "server/runtime.h"

namespace gradmatch {

class PushScheduler;

// Push as server.cc sees it: two services, its kind of operations, and the
// thread that carries runs out.
//
//   auto push = NewPushSubsystem(runtime, options.push);   // before listening
//   for (grpc::Service* s : push->services()) builder.RegisterService(s);
//   ... load, runtime.SetEngine(engine) ...
//   push->Start(has_room);  // takes up runs that were cut short
//   runtime.Serve();
//   runtime.Drain();
//   push->Stop();        // answers waiting calls; before the engine goes
class PushSubsystem {
 public:
  virtual ~PushSubsystem() = default;

  // PushService and FeedbackService. Valid as long as this.
  virtual std::vector<grpc::Service*> services() = 0;

  // What runs write with; UNAVAILABLE before Start.
  virtual absl::StatusOr<PushStore*> store() = 0;

  // For google.longrunning.Operations. Valid as long as this.
  virtual OperationProvider& operations() = 0;

  // Once, after Runtime::SetEngine: queues the runs that are not at their end.
  // Runs pause while `has_room` is not OK.
  virtual absl::Status Start(std::function<absl::Status()> has_room) = 0;

  // Runs stop at their next checkpoint and are taken up by the next Start;
  // waiting calls are answered. Returns when the thread has ended. Idempotent.
  virtual void Stop() = 0;

  // Runs, items and the ledger, for what staff do beside the runs. UNAVAILABLE
  // before Start.
  virtual absl::StatusOr<PushStore*> push_store() = 0;

  // Plans that run by themselves; started and stopped with this.
  virtual PushScheduler& scheduler() = 0;

  // For ExplainMatch. May be called from any thread while serving; before Start
  // it answers UNAVAILABLE.
  virtual PushReasonsFor push_reasons() = 0;
};

// `runtime` is borrowed and outlives the result.
std::unique_ptr<PushSubsystem> NewPushSubsystem(Runtime& runtime,
                                                const PushRunOptions& options);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_PUSH_SUBSYSTEM_H_
