#include "server/push_subsystem.h"

#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "server/feedback_service.h"
#include "server/push_operations.h"
#include "server/push_runner.h"
#include "server/push_scheduler.h"
#include "server/push_service.h"

namespace gradmatch {
namespace {

class PushSubsystemImpl : public PushSubsystem {
 public:
  PushSubsystemImpl(Runtime& runtime, const PushRunOptions& options)
      : runtime_(runtime),
        runner_(runtime, options),
        scheduler_(runtime, runner_),
        push_(runtime, runner_, scheduler_),
        feedback_(runtime, runner_),
        operations_(runner_) {}

  std::vector<grpc::Service*> services() override {
    return {&push_, &feedback_};
  }
  absl::StatusOr<PushStore*> store() override { return runner_.store(); }
  OperationProvider& operations() override { return operations_; }
  absl::Status Start(std::function<absl::Status()> has_room) override {
    absl::Status started = runner_.Start(std::move(has_room));
    if (started.ok()) scheduler_.Start();
    return started;
  }
  void Stop() override {
    scheduler_.Stop();
    runner_.Stop();
  }
  PushScheduler& scheduler() override { return scheduler_; }

  absl::StatusOr<PushStore*> push_store() override { return runner_.store(); }

  PushReasonsFor push_reasons() override {
    return [this](const v1::Graduate& graduate, std::string_view graduate_key,
                  const v1::Posting& posting,
                  absl::Time now) -> absl::StatusOr<std::vector<v1::Reason>> {
      auto store = runner_.store();
      if (!store.ok()) return store.status();
      return MakePushReasons(runtime_.engine().store, **store)(
          graduate, graduate_key, posting, now);
    };
  }

 private:
  Runtime& runtime_;
  PushRunner runner_;
  PushScheduler scheduler_;
  PushServiceImpl push_;
  FeedbackServiceImpl feedback_;
  PushOperations operations_;
};

}  // namespace

std::unique_ptr<PushSubsystem> NewPushSubsystem(Runtime& runtime,
                                                const PushRunOptions& options) {
  return std::make_unique<PushSubsystemImpl>(runtime, options);
}

}  // namespace gradmatch
