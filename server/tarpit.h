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
// moment. A call that waits here costs nothing but its memory, and keeps its
// place among the streams of its connection, of which there are few
// (server.grpc_streams): so a caller that offers ten times what can be done has
// most of it wait on its own side, and one that tries again at once, whatever
// it is told, does so a few times a second. Refusing a call took 80
// microseconds where serving one took 2,500, so that without this a flood of
// refusals takes the cores from the calls that were admitted. (The name and the
// idea are those of mail servers and of HAProxy.)
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
  // the call is to be ended now. `bytes` is the size of its request.
  bool Hold(absl::Time deadline, size_t bytes, std::function<void()> end);

  // Ends all that is held, and holds nothing from now on. Idempotent.
  void Open();

  size_t held() const;

 private:
  // Of `now`, whether a refusal may be held, not whether there is room.
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
