#ifndef GRADMATCH_MATCHER_PUSH_THREAD_TEAM_H_
#define GRADMATCH_MATCHER_PUSH_THREAD_TEAM_H_

#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "index/base/mutex.h"

namespace gradmatch {

// Threads of one push run. Which thread does what is left to chance; results
// are kept by number, so nothing depends on it.
class ThreadTeam {
 public:
  // At least one thread, the caller's own.
  explicit ThreadTeam(int threads);
  ~ThreadTeam();
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;

  // Calls body(0) .. body(n - 1) and returns when all that were begun are done.
  // After an error no more are begun; of several errors that of the lowest
  // number is returned. Called by one thread at a time.
  absl::Status ForEach(size_t n,
                       const std::function<absl::Status(size_t)>& body);

 private:
  void Loop();
  // Takes numbers until none is left.
  void Work();

  Mutex mu_;
  CondVar changed_;
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  const std::function<absl::Status(size_t)>* body_ ABSL_GUARDED_BY(mu_) =
      nullptr;
  size_t next_ ABSL_GUARDED_BY(mu_) = 0;
  size_t end_ ABSL_GUARDED_BY(mu_) = 0;
  size_t running_ ABSL_GUARDED_BY(mu_) = 0;
  absl::Status error_ ABSL_GUARDED_BY(mu_);
  size_t error_at_ ABSL_GUARDED_BY(mu_) = 0;
  std::vector<std::thread> threads_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_PUSH_THREAD_TEAM_H_
