#include "benchmarks/match_load.h"

#include <chrono>
#include <functional>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "gradmatch/v1/match_service.grpc.pb.h"
#include "grpcpp/client_context.h"
#include "index/base/mutex.h"

namespace gradmatch {
namespace {

// Calls under way and what came of them.
class Calls {
 public:
  Calls(const std::shared_ptr<grpc::Channel>& channel,
        const std::vector<std::string>& graduates)
      : stub_(v1::MatchService::NewStub(channel)), graduates_(graduates) {}

  // `due` is when the call should have begun; `then` runs after the answer.
  void Start(int64_t number, absl::Time due, std::function<void()> then) {
    auto call = std::make_shared<Call>();
    call->request.set_graduate(graduates_[number % graduates_.size()]);
    call->context.set_deadline(std::chrono::system_clock::now() +
                               std::chrono::seconds(10));
    {
      MutexLock lock(mu_);
      ++open_;
    }
    stub_->async()->MatchPostings(
        &call->context, &call->request, &call->response,
        [this, call, due, then = std::move(then)](const grpc::Status& status) {
          Done(*call, due, status);
          if (then) then();
          Close();
        });
  }

  LoadResult Finish(absl::Time start) {
    MutexLock lock(mu_);
    while (open_ > 0) changed_.Wait(mu_);
    result_.seconds = absl::ToDoubleSeconds(absl::Now() - start);
    return std::move(result_);
  }

 private:
  struct Call {
    grpc::ClientContext context;
    v1::MatchPostingsRequest request;
    v1::MatchPostingsResponse response;
  };

  void Done(const Call& call, absl::Time due, const grpc::Status& status) {
    const absl::Duration took = absl::Now() - due;
    MutexLock lock(mu_);
    result_.latencies.Add(took);
    result_.errors += !status.ok();
    result_.matches += call.response.matches_size();
  }
  void Close() {
    MutexLock lock(mu_);
    if (--open_ == 0) changed_.NotifyAll();
  }

  const std::unique_ptr<v1::MatchService::Stub> stub_;
  const std::vector<std::string>& graduates_;
  Mutex mu_;
  CondVar changed_;
  int64_t open_ ABSL_GUARDED_BY(mu_) = 0;
  LoadResult result_ ABSL_GUARDED_BY(mu_);
};

}  // namespace

LoadResult OpenLoop(const std::shared_ptr<grpc::Channel>& channel,
                    const std::vector<std::string>& graduates,
                    double per_second, absl::Duration length) {
  Calls calls(channel, graduates);
  const absl::Time start = absl::Now();
  const auto total =
      static_cast<int64_t>(per_second * absl::ToDoubleSeconds(length));
  for (int64_t i = 0; i < total; ++i) {
    const absl::Time due = start + absl::Seconds(i / per_second);
    const absl::Duration wait = due - absl::Now();
    if (wait > absl::ZeroDuration()) {
      std::this_thread::sleep_for(absl::ToChronoNanoseconds(wait));
    }
    calls.Start(i, due, nullptr);
  }
  return calls.Finish(start);
}

LoadResult ClosedLoop(const std::shared_ptr<grpc::Channel>& channel,
                      const std::vector<std::string>& graduates,
                      int concurrency, absl::Duration length) {
  Calls calls(channel, graduates);
  const absl::Time start = absl::Now();
  const absl::Time end = start + length;
  std::atomic<int64_t> next{0};
  std::function<void()> again = [&] {
    const absl::Time now = absl::Now();
    if (now < end) calls.Start(next++, now, again);
  };
  for (int i = 0; i < concurrency; ++i) again();
  return calls.Finish(start);
}

}  // namespace gradmatch
