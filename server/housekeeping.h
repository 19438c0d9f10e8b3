#ifndef GRADMATCH_SERVER_HOUSEKEEPING_H_
#define GRADMATCH_SERVER_HOUSEKEEPING_H_

#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "index/base/mutex.h"

namespace gradmatch {

// Runs a chore now and then on a thread of its own: first when it is made,
// then every `pause` until it is destroyed. The chore looks at `stop` between
// its steps and returns when it is true.
class Housekeeping {
 public:
  using Chore = std::function<void(const std::function<bool()>& stop)>;

  Housekeeping(absl::Duration pause, Chore chore);
  // Waits for the chore.
  ~Housekeeping();

 private:
  void Loop();
  bool Stopped() const;

  const absl::Duration pause_;
  const Chore chore_;
  mutable Mutex mu_;
  CondVar changed_;
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_HOUSEKEEPING_H_
