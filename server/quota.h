#ifndef GRADMATCH_SERVER_QUOTA_H_
#define GRADMATCH_SERVER_QUOTA_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/caller.h"

namespace gradmatch {

// What a call may be refused by. Those of one tenant leave room for others;
// those of the server keep the answers of the admitted in time.
enum class QuotaLimit {
  kCalls,        // calls under way, of all
  kBytes,        // bytes of their requests
  kStreams,      // streams that are open
  kTenantCalls,  // the same of one tenant
  kTenantBytes,
  kTenantStreams,
  kTenantRate,   // calls a second of one tenant
  kQueue,        // calls that wait for a thread
  kTenantQueue,  // the same of one tenant
  kQueueWait,    // it waited too long while the queue was standing
  kPeerCancels,  // its connection cancelled too many calls at once
};
inline constexpr int kQuotaLimits = 11;
// "tenant_calls", as errors and metrics spell it.
std::string_view QuotaLimitName(QuotaLimit limit);

// RESOURCE_EXHAUSTED, QUOTA_EXCEEDED: ErrorInfo and google.rpc.QuotaFailure
// name the limit and whether it is the caller's or the server's, RetryInfo says
// when to come again. Less than 1 KiB on the wire; nothing of the request.
absl::Status QuotaError(QuotaLimit limit, absl::Duration retry_after);
// The same with a usual time: from 200 to 400 ms, spread evenly from call to
// call so that those who were refused together do not come back together; for
// streams ten times that.
absl::Status QuotaError(QuotaLimit limit);

// Milliseconds for grpc-retry-pushback-ms, or -1 when `status` is not a
// QuotaError: other errors may say "tomorrow", which is for people.
int64_t RetryPushbackMillis(const absl::Status& status);

// Whose share a call takes: "source/hubei", "staff/s-1", "platform".
std::string QuotaTenant(const Caller& caller);

// Whether the tenant may be named where operators look: institutions may,
// staff are people.
bool MayNameTenant(std::string_view tenant);

// How often each limit refused. Thread-safe.
class RefusalCounters {
 public:
  void Add(QuotaLimit limit) {
    counts_[static_cast<size_t>(limit)].fetch_add(1, std::memory_order_relaxed);
  }
  int64_t Get(QuotaLimit limit) const {
    return counts_[static_cast<size_t>(limit)].load(std::memory_order_relaxed);
  }

 private:
  std::array<std::atomic<int64_t>, kQuotaLimits> counts_{};
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_QUOTA_H_
