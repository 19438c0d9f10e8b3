#ifndef GRADMATCH_INDEX_BASE_CLOCK_H_
#define GRADMATCH_INDEX_BASE_CLOCK_H_

#include <atomic>
#include <cstdint>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace gradmatch {

// The wall clock as a value that is passed in, so that expiry, retention and
// "today" can be tested on any day. All methods may run concurrently.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
};

class SystemClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

// A clock that stands still until told; for tests and for re-dated imports.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(absl::Time now) { Set(now); }
  absl::Time Now() const override {
    return absl::FromUnixNanos(nanos_.load(std::memory_order_relaxed));
  }
  void Set(absl::Time now) {
    nanos_.store(absl::ToUnixNanos(now), std::memory_order_relaxed);
  }
  void Advance(absl::Duration by) { Set(Now() + by); }

 private:
  std::atomic<int64_t> nanos_;
};

// Dates of postings are Chinese calendar dates: UTC+8 without daylight saving.
inline absl::TimeZone ChinaTime() { return absl::FixedTimeZone(8 * 3600); }

// Days since 1970-01-01 in China; the unit of date columns.
inline int32_t ChinaDay(absl::Time t) {
  return static_cast<int32_t>(absl::ToCivilDay(t, ChinaTime()) -
                              absl::CivilDay(1970, 1, 1));
}

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_BASE_CLOCK_H_
