#ifndef GRADMATCH_SERVER_TARPIT_H_
#define GRADMATCH_SERVER_TARPIT_H_

#include <cstddef>
#include <functional>
#include <map>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "index/base/mutex.h"

namespace gradmatch {

// Answers of calls that were refused for want of capacity are held back for a
// moment, which costs nothing but their memory: so one who tries again at once,
// whatever he is told, does so a few times a second. Refusing a call takes 55
// to 75 microseconds where serving one takes 2,300, and a storm of tries takes
// the cores from the calls that were admitted. (The name and the idea are those
// of mail servers and of HAProxy.) Who goes on offering calls without waiting
// for answers is not slowed down.
//
// The first refusals of each second are answered at once: a burst that is just
// too large learns so without delay. Thread-safe; times are of the machine.
class Tarpit {
 public:
  struct Limits {
    absl::Duration delay = absl::Milliseconds(200);  // zero: nothing is held
    int free_per_second = 100;
    size_t max_held = 4'096;
    // Calls with larger requests are not held.
    size_t max_bytes = 64 << 10;
  };

  Tarpit() : Tarpit(Limits()) {}
  explicit Tarpit(const Limits& limits) : limits_(limits) {}
  ~Tarpit() { Open(); }

  // Before the first call.
  void SetLimits(const Limits& limits) { limits_ = limits; }

  // True: `end` is called once, by the thread of this, after the delay or
  // shortly before `deadline`, when that comes first. False: nothing is called,
  // the call is to be ended now, also when memory or threads have run out.
  // `bytes` is the size of its request.
  bool Hold(absl::Time deadline, size_t bytes, std::function<void()> end);

  // Ends all that is held, and holds nothing from now on. Idempotent.
  void Open();

  size_t held() const;

 private:
  bool Keep(absl::Time until, std::function<void()> end)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Counts a refusal; whether there were too many in this second.
  bool IsFlood(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Loop();

  Limits limits_;
  mutable Mutex mu_;
  CondVar changed_;
  std::multimap<absl::Time, std::function<void()>> held_ ABSL_GUARDED_BY(mu_);
  absl::Time second_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
  int refused_ ABSL_GUARDED_BY(mu_) = 0;  // in that second
  bool open_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_ ABSL_GUARDED_BY(mu_);  // from the first call on
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_TARPIT_H_
