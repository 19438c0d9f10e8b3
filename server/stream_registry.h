#ifndef GRADMATCH_SERVER_STREAM_REGISTRY_H_
#define GRADMATCH_SERVER_STREAM_REGISTRY_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "index/base/mutex.h"

namespace gradmatch {

// The open streams: finds those whose peer has fallen silent, and tells all of
// them when the server drains. One thread looks after all streams, so a stream
// costs no timer. Durations are those of the steady clock.
class StreamRegistry {
 public:
  enum class Event {
    kIdle,      // nothing from the peer for the idle time; told until it ends
    kDraining,  // the server ends; told once
  };

  // One stream's entry. Await, Settle: any thread, cheap, no lock.
  class Entry {
   public:
    explicit Entry(std::function<void(Event)> on_event)
        : on_event_(std::move(on_event)) {}

    // The peer's turn begins (again): the idle time counts from now.
    void Await();
    // Our own turn: silence is ours.
    void Settle();
    // After it returns, on_event is not running and is not called again. Not to
    // be called with a lock held that on_event takes.
    void Close();

   private:
    friend class StreamRegistry;
    void Tell(Event event);

    std::atomic<int64_t> awaiting_since_ns_{0};  // 0: settled
    Mutex mu_;
    std::function<void(Event)> on_event_ ABSL_GUARDED_BY(mu_);
    bool told_draining_ ABSL_GUARDED_BY(mu_) = false;
  };

  explicit StreamRegistry(absl::Duration idle);
  ~StreamRegistry();

  // `on_event` is called from the registry's thread; it must be quick.
  std::shared_ptr<Entry> Add(std::function<void(Event)> on_event);

  // Tells all streams, also those that come later. Returns at once.
  void Drain();

  // Streams that are open.
  int64_t open() const;

 private:
  void Loop();

  const absl::Duration idle_;
  mutable Mutex mu_;
  CondVar changed_;
  std::vector<std::weak_ptr<Entry>> entries_ ABSL_GUARDED_BY(mu_);
  bool draining_ ABSL_GUARDED_BY(mu_) = false;
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_STREAM_REGISTRY_H_
