#ifndef GRADMATCH_SERVER_WAITING_ROOM_H_
#define GRADMATCH_SERVER_WAITING_ROOM_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "index/base/mutex.h"

namespace gradmatch {

// Calls that wait for something to happen, without a thread each. Whoever
// enters is called exactly once: when its topic is woken, its time is over, it
// is told to leave, or the room closes. All methods may run concurrently.
class WaitingRoom {
 public:
  WaitingRoom();
  // Closes.
  ~WaitingRoom();

  // `leave` runs on the room's thread or the caller's of WakeAll, Leave or
  // Close, holding no lock; it must be quick. After Close it runs at once.
  // `timeout` is one of the steady clock. Returns a ticket.
  uint64_t Enter(std::string topic, absl::Duration timeout,
                 std::function<void()> leave);

  void WakeAll(std::string_view topic);
  // Does nothing when the ticket's holder was called already.
  void Leave(uint64_t ticket);
  void Close();

 private:
  struct Guest {
    std::string topic;
    int64_t until_ns = 0;  // of the steady clock
    std::function<void()> leave;
  };
  // Takes out the guests that `wanted` names; they are called by CallAll.
  template <typename Wanted>
  std::vector<std::function<void()>> TakeIf(Wanted wanted);
  void Loop();

  Mutex mu_;
  CondVar changed_;
  std::map<uint64_t, Guest> guests_ ABSL_GUARDED_BY(mu_);
  uint64_t next_ticket_ ABSL_GUARDED_BY(mu_) = 1;
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_WAITING_ROOM_H_
