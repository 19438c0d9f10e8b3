#ifndef GRADMATCH_INDEX_BASE_GROUP_COMMIT_H_
#define GRADMATCH_INDEX_BASE_GROUP_COMMIT_H_

#include <functional>
#include <new>
#include <span>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "index/base/mutex.h"

namespace gradmatch {

// Callers that each have something to write, and wait for each other, share one
// write: the first writes for all that came while the one before was at it. All
// methods may run concurrently.
template <typename Item>
class GroupCommit {
 public:
  // Writes the items of one group, in the order in which they came.
  using WriteGroup = std::function<absl::Status(std::span<const Item* const>)>;

  // Returns what the write of its group came to; `item` is borrowed until then.
  // Memory that runs out is RESOURCE_EXHAUSTED for the whole group, and the
  // next group is not kept waiting by it.
  absl::Status Commit(const Item& item, const WriteGroup& write) {
    Waiter self{.item = &item};
    std::vector<Waiter*> group;
    {
      MutexLock lock(mu_);
      waiting_.push_back(&self);
      while (!self.done && writing_) changed_.Wait(mu_);
      if (self.done) return self.status;
      // This call writes for all that wait.
      writing_ = true;
      group.swap(waiting_);
    }
    const absl::Status written = Guarded([&] {
      std::vector<const Item*> items;
      for (const Waiter* waiter : group) items.push_back(waiter->item);
      return write(items);
    });
    MutexLock lock(mu_);
    writing_ = false;
    for (Waiter* waiter : group) {
      waiter->done = true;
      waiter->status = written;
    }
    changed_.NotifyAll();
    return written;
  }

  // Runs `body` while nobody writes.
  absl::Status Exclusively(const std::function<absl::Status()>& body) {
    {
      MutexLock lock(mu_);
      while (writing_) changed_.Wait(mu_);
      writing_ = true;
    }
    const absl::Status done = Guarded(body);
    MutexLock lock(mu_);
    writing_ = false;
    changed_.NotifyAll();
    return done;
  }

 private:
  struct Waiter {
    const Item* item = nullptr;
    bool done = false;
    absl::Status status;
  };

  absl::Status Guarded(const std::function<absl::Status()>& body) const {
    try {
      return body();
    } catch (const std::bad_alloc&) {
      return out_of_memory_;
    }
  }

  // Made beforehand: there is no memory to make it when it is needed.
  const absl::Status out_of_memory_ =
      absl::ResourceExhaustedError("memory ran out in a write; try again");
  Mutex mu_;
  CondVar changed_;
  std::vector<Waiter*> waiting_ ABSL_GUARDED_BY(mu_);
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_BASE_GROUP_COMMIT_H_
