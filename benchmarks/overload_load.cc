#include "benchmarks/overload_load.h"

#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "gradmatch/v1/match_service.grpc.pb.h"
#include "index/base/mutex.h"

namespace gradmatch {
namespace {

class Calls {
 public:
  explicit Calls(const OverloadPlan& plan) : plan_(plan) {
    for (const auto& channel : plan.channels) {
      stubs_.push_back(v1::MatchService::NewStub(channel));
    }
  }

  void Start(int64_t number, absl::Time due) {
    {
      MutexLock lock(mu_);
      ++open_;
      ++result_.offered;
    }
    Send(number, due);
  }

  OverloadResult Finish() {
    MutexLock lock(mu_);
    while (open_ > 0) changed_.Wait(mu_);
    return std::move(result_);
  }

 private:
  struct Call {
    grpc::ClientContext context;
    v1::MatchPostingsRequest request;
    v1::MatchPostingsResponse response;
  };

  void Send(int64_t number, absl::Time due) {
    auto call = std::make_shared<Call>();
    call->request.set_graduate(
        (*plan_.graduates)[number % plan_.graduates->size()]);
    call->context.set_deadline(absl::ToChronoTime(due + plan_.deadline));
    if (plan_.identify) plan_.identify(call->context);
    stubs_[number % stubs_.size()]->async()->MatchPostings(
        &call->context, &call->request, &call->response,
        [this, call, number, due](const grpc::Status& status) {
          Done(number, due, status);
        });
  }

  void Done(int64_t number, absl::Time due, const grpc::Status& status) {
    const absl::Time now = absl::Now();
    const bool refused =
        status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED;
    if (refused && plan_.retry_at_once && now < due + plan_.deadline) {
      {
        MutexLock lock(mu_);
        ++result_.retries;
      }
      return Send(number, due);
    }
    MutexLock lock(mu_);
    if (!refused) result_.admitted.Add(now - due);
    if (status.ok()) result_.answered.Add(now - due);
    if (refused) {
      ++result_.refused;
    } else if (status.ok()) {
      ++(now < due + plan_.deadline ? result_.in_time : result_.late);
    } else if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
      ++result_.late;
    } else {
      ++result_.failed;
    }
    if (--open_ == 0) changed_.NotifyAll();
  }

  const OverloadPlan& plan_;
  std::vector<std::unique_ptr<v1::MatchService::Stub>> stubs_;
  Mutex mu_;
  CondVar changed_;
  int64_t open_ ABSL_GUARDED_BY(mu_) = 0;
  OverloadResult result_ ABSL_GUARDED_BY(mu_);
};

}  // namespace

OverloadResult RunOverload(const OverloadPlan& plan) {
  Calls calls(plan);
  const absl::Time start = absl::Now();
  const auto total = static_cast<int64_t>(plan.per_second *
                                          absl::ToDoubleSeconds(plan.length));
  for (int64_t i = 0; i < total; ++i) {
    const absl::Time due = start + absl::Seconds(i / plan.per_second);
    const absl::Duration wait = due - absl::Now();
    if (wait > absl::ZeroDuration()) {
      std::this_thread::sleep_for(absl::ToChronoNanoseconds(wait));
    }
    calls.Start(i, due);
  }
  // Of the load, not of the last calls' way back.
  const double seconds =
      absl::ToDoubleSeconds(std::max(absl::Now() - start, plan.length));
  OverloadResult result = calls.Finish();
  result.seconds = seconds;
  return result;
}

}  // namespace gradmatch
