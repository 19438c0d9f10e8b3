#ifndef GRADMATCH_MATCHER_INGEST_KEY_LOCKS_H_
#define GRADMATCH_MATCHER_INGEST_KEY_LOCKS_H_

#include <cstdint>
#include <unordered_set>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "index/base/mutex.h"

namespace gradmatch {

// Locks on any number of keys, given as hashes, taken all at once: a caller
// waits until none of its keys is held, so callers never wait in a circle. Two
// keys with one hash merely wait for each other. A mutex a key would need
// hundreds held at once for a batch of rows. Thread-safe.
class KeyLocks {
 public:
  // Holds the keys until it is destroyed or Release is called. The KeyLocks
  // outlives it.
  class Held {
   public:
    Held() = default;
    Held(Held&& other) noexcept;
    Held& operator=(Held&& other) noexcept;
    ~Held() { Release(); }
    void Release();
    bool Has(uint64_t key) const { return keys_.contains(key); }

   private:
    friend class KeyLocks;
    KeyLocks* locks_ = nullptr;
    std::unordered_set<uint64_t> keys_;
  };

  // Waits. Repeated keys are one. The caller must hold nothing of this object.
  Held Acquire(const std::vector<uint64_t>& keys);

 private:
  Mutex mu_;
  CondVar released_;
  std::unordered_set<uint64_t> held_ ABSL_GUARDED_BY(mu_);
};

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_INGEST_KEY_LOCKS_H_
