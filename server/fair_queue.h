#ifndef GRADMATCH_SERVER_FAIR_QUEUE_H_
#define GRADMATCH_SERVER_FAIR_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace gradmatch {

// What waits for a thread of a pool; see FairQueue for what becomes of it.
// Exactly one of the three is called.
struct PoolTask {
  std::function<void()> run;
  // Called instead of `run` when `deadline` has passed before a thread was
  // free: nobody waits for the answer any more. Null: it is run all the same.
  std::function<void()> expired;
  absl::Time deadline = absl::InfiniteFuture();
  // Whose share of the threads it takes.
  std::string tenant;
  // Called instead of `run` when it waited too long in a standing queue. Null:
  // it is kept, and its turn comes in order.
  std::function<void()> given_up;
};

// One queue a tenant, and the decision who is next. Pure but for what it holds:
// times are passed in. Not thread-safe.
//
// Between tenants the next is who has used the least thread time so far, of
// those that wait: shares are of time, not of calls, so a tenant with heavy
// calls gets fewer of them, and one that offers ten times its share waits
// behind itself only. A tenant that comes back starts level with the others
// and has saved nothing up. (Start-time fair queueing: Goyal, Vin and Cheng,
// SIGCOMM 1996; a task's time is guessed from the tenant's last ones and put
// right at its end.) No tenant runs on more than `tenant_running` threads.
//
// Within a tenant the oldest is next, as long as waiting is short for those who
// wait. When the queue has not been empty for 100 ms, so that it is no burst,
// and its oldest has waited for a quarter of the time its caller gave, then
// more comes than can be done, and in order of arrival every call would be
// begun when its caller is about to give up. So the newest is next, and what
// has waited for half of its time is given up. Capacity goes to calls that will
// be in time; the others hear of it while they can still go elsewhere. Callers
// with patience notice nothing: for them the oldest stays the next. (Telling a
// standing queue from a burst: Nichols and Jacobson, "Controlling Queue Delay",
// ACM Queue 10(5), 2012; newest first while it stands: Maurer, "Fail at Scale",
// ACM Queue 13(8), 2015. Parts of a call's own time stand in for their fixed
// target, since our calls differ by a factor of thousand in what they need.)
class FairQueue {
 public:
  struct Limits {
    size_t max_queued = 1'024;
    size_t tenant_max_queued = 1'024;
    int tenant_running = 1'000'000;
  };
  enum class Pushed { kQueued, kFull, kTenantFull };
  // A task that was taken out, by Next or by TakeStale.
  struct Turn {
    PoolTask task;
    absl::Duration guess;  // of its time; given back to Done
  };
  struct Stale {
    std::function<void()> tell;  // the task's `expired` or `given_up`
    bool expired = false;
  };

  explicit FairQueue(const Limits& limits) : limits_(limits) {}

  // Moves from `task` when it is queued only.
  Pushed TryPush(PoolTask& task, absl::Time now);

  // Takes out what is not to be begun any more. To be called before Next.
  void TakeStale(absl::Time now, std::vector<Stale>& stale);

  // nullopt: nothing waits that may run now.
  std::optional<Turn> Next(absl::Time now);
  // A turn has ended after `used`. Someone else's may begin now.
  void Done(const Turn& turn, absl::Duration used);

  size_t queued() const { return queued_; }
  // Of who waits longest; zero when nobody waits.
  absl::Duration OldestWait(absl::Time now) const;

 private:
  struct Waiting {
    PoolTask task;
    absl::Time since;
  };
  struct Tenant {
    std::deque<Waiting> waiting;
    absl::Time waiting_since;  // not empty since
    int running = 0;
    absl::Duration used;                           // more than others: later
    absl::Duration usual = absl::Milliseconds(1);  // a task's time
  };
  // Whether more comes than can be done in time.
  static bool Overloaded(const Tenant& tenant, absl::Time now);
  void ForgetIdle();

  const Limits limits_;
  std::map<std::string, Tenant> tenants_;
  size_t queued_ = 0;
  absl::Duration level_;  // what who comes new is taken to have used
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_FAIR_QUEUE_H_
