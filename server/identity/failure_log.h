#ifndef GRADMATCH_SERVER_IDENTITY_FAILURE_LOG_H_
#define GRADMATCH_SERVER_IDENTITY_FAILURE_LOG_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "index/base/mutex.h"

namespace gradmatch {

// Decides which refusals the audit gets, so that it tells of every kind, and
// yet a stranger who knocks for a year does not fill the disk: of each reason
// the first few of an hour, then at the beginning of the next how many there
// were. Pure but for its counters. Thread-safe.
class FailureSampler {
 public:
  static constexpr int64_t kEach = 5;  // an hour and reason
  static constexpr absl::Duration kWindow = absl::Hours(1);

  struct Decision {
    bool keep = false;
    // Refusals of the last window that were not kept; to be told when > 0.
    int64_t left_out = 0;
  };
  Decision Add(std::string_view reason, absl::Time now);

 private:
  struct Window {
    absl::Time begin = absl::InfinitePast();
    int64_t count = 0;
  };
  Mutex mu_;
  // Reasons are words of ours, so there are few.
  std::map<std::string, Window, std::less<>> windows_ ABSL_GUARDED_BY(mu_);
};

// Counts refusals by address and minute. Thread-safe; remembers at most
// kMostPeers addresses, the rest count together.
class FailureBudget {
 public:
  static constexpr size_t kMostPeers = 4'096;

  // `per_minute` 0: any number.
  explicit FailureBudget(int per_minute) : per_minute_(per_minute) {}

  // One more of `peer`; false when that is more than it may.
  bool Take(std::string_view peer, absl::Time now);

 private:
  const int per_minute_;
  Mutex mu_;
  absl::Time minute_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
  std::map<std::string, int64_t, std::less<>> counts_ ABSL_GUARDED_BY(mu_);
};

// "ipv4:10.0.0.1:4711" without its port, which changes with every connection.
std::string_view AddressOfPeer(std::string_view peer);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_IDENTITY_FAILURE_LOG_H_
