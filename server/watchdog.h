#ifndef GRADMATCH_SERVER_WATCHDOG_H_
#define GRADMATCH_SERVER_WATCHDOG_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "index/base/mutex.h"
#include "server/log.h"

namespace grpc {
class Channel;
}

namespace gradmatch {

// The process looks at itself from outside: it connects to its own listeners,
// anew each time, as a caller would. A listener can be dead in a process that
// is otherwise well (gRPC 1.51 after it ran out of descriptors), and then no
// other sign shows it: the process lives, and connections there are go on.

// What came of one try at one listener.
enum class Probe {
  kAnswered,  // whatever the answer is: RESOURCE_EXHAUSTED is an answer
  kAccepted,  // no answer, but it took the connection: overload, not death
  kNoAnswer,  // not in time, or the connection failed
  kNotTried,  // no descriptor to try with, also not from the reserve
};

// From tries to a verdict, one listener; pure. Dead when `failures` tries in a
// row had no answer; or when for `starving` none could be made, since a process
// without descriptors serves nobody either. One answer makes all good again.
class WatchdogVerdict {
 public:
  struct Limits {
    int failures = 3;
    absl::Duration starving = absl::Seconds(60);
  };
  enum class State { kWell, kDoubtful, kDead };

  explicit WatchdogVerdict(const Limits& limits) : limits_(limits) {}

  State Next(Probe probe, absl::Time now);

 private:
  const Limits limits_;
  int failures_ = 0;
  absl::Time starving_since_ = absl::InfiniteFuture();
};

// Tries one listener; returns within `timeout`.
using Prober = std::function<Probe(absl::Duration timeout)>;

// A connection of its own over `dial`, which makes a new channel each time, for
// its grpc.health.v1.Health. `door_count` grows with every connection that the
// listener closed at once since too many were open: that is life, too.
Prober GrpcProber(std::function<std::shared_ptr<grpc::Channel>()> dial,
                  std::function<int64_t()> door_count);
// An unprotected channel that shares nothing with others, to 127.0.0.1 or
// whatever `address` is; "host:port".
std::shared_ptr<grpc::Channel> DialOwnListener(const std::string& address);
// GET /healthz over a new TCP connection; `address` is numeric. `door_count`
// grows with every connection that was accepted: its threads may all be busy.
Prober HttpProber(const std::string& address,
                  std::function<int64_t()> door_count);

// For a listener whose protocol cannot be spoken from here, as with client
// certificates: sends over a new TCP connection what no protocol begins with,
// and takes whatever comes back for life, an end of the connection too.
Prober TcpProber(const std::string& address);

// Tries every `interval` on a thread of its own, from its making until Stop.
// To be made when the server serves, and stopped before it drains.
class Watchdog {
 public:
  struct Listener {
    std::string name;  // "grpc", "http"
    Prober probe;
  };
  struct Hooks {
    // All listeners answered. On the watchdog's thread, as the others.
    std::function<void()> on_well;
    // Called once; nothing is tried after it.
    std::function<void(const std::string& listener)> on_dead;
  };

  Watchdog(absl::Duration interval, const WatchdogVerdict::Limits& limits,
           std::vector<Listener> listeners, Hooks hooks, Logger& log);
  ~Watchdog();  // Stop

  // Waits for the try under way, at most an interval. Idempotent.
  void Stop();

 private:
  struct Watched {
    Listener listener;
    WatchdogVerdict verdict;
    bool doubted = false;
  };

  void Loop();
  // Whether to go on.
  bool TryAll();
  bool TryOne(Watched& watched, bool& all_well);

  const absl::Duration interval_;
  const Hooks hooks_;
  Logger& log_;
  std::vector<Watched> watched_;  // the thread's
  Mutex mu_;
  CondVar changed_;
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_WATCHDOG_H_
