// Lets the thread sanitizer see the locks of Debian's Abseil, which gRPC uses:
// built without instrumentation, they order its threads without a trace, and
// whatever gRPC hands from one thread to the next looks like a race. These
// definitions stand before the library's, tell the sanitizer and call on.
// Linked into test programs of the thread sanitizer's build only.

#include <sanitizer/tsan_interface.h>

#include "absl/synchronization/mutex.h"
#include "tests/sanitizers/original.h"

namespace absl {
ABSL_NAMESPACE_BEGIN

using gradmatch::Original;

void Mutex::Lock() {
  static const auto original =
      Original<void (*)(Mutex*)>("_ZN4absl7debian35Mutex4LockEv");
  original(this);
  __tsan_acquire(this);
}

bool Mutex::TryLock() {
  static const auto original =
      Original<bool (*)(Mutex*)>("_ZN4absl7debian35Mutex7TryLockEv");
  if (!original(this)) return false;
  __tsan_acquire(this);
  return true;
}

void Mutex::Unlock() {
  static const auto original =
      Original<void (*)(Mutex*)>("_ZN4absl7debian35Mutex6UnlockEv");
  __tsan_release(this);
  original(this);
}

void ReleasableMutexLock::Release() {
  static const auto original = Original<void (*)(ReleasableMutexLock*)>(
      "_ZN4absl7debian319ReleasableMutexLock7ReleaseEv");
  __tsan_release(mu_);
  original(this);
}

void CondVar::Wait(Mutex* mu) {
  static const auto original = Original<void (*)(CondVar*, Mutex*)>(
      "_ZN4absl7debian37CondVar4WaitEPNS0_5MutexE");
  __tsan_release(mu);
  original(this, mu);
  __tsan_acquire(mu);
}

bool CondVar::WaitWithTimeout(Mutex* mu, Duration timeout) {
  static const auto original = Original<bool (*)(CondVar*, Mutex*, Duration)>(
      "_ZN4absl7debian37CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE");
  __tsan_release(mu);
  const bool timed_out = original(this, mu, timeout);
  __tsan_acquire(mu);
  return timed_out;
}

bool CondVar::WaitWithDeadline(Mutex* mu, Time deadline) {
  static const auto original = Original<bool (*)(CondVar*, Mutex*, Time)>(
      "_ZN4absl7debian37CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE");
  __tsan_release(mu);
  const bool timed_out = original(this, mu, deadline);
  __tsan_acquire(mu);
  return timed_out;
}

ABSL_NAMESPACE_END
}  // namespace absl
