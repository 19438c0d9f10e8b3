#ifndef GRADMATCH_SERVER_ADMISSION_H_
#define GRADMATCH_SERVER_ADMISSION_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "index/base/mutex.h"
#include "server/quota.h"

namespace gradmatch {

// How much is under way, of all and of each tenant: calls, bytes of their
// requests, and, apart from those because they last, streams. Refusing early is
// what keeps the answers of the admitted in time.
//
// Besides its own limit a tenant may never have more under way than is still
// free. So one tenant alone gets half of the whole, two that press get a third
// each, and there is always room for the next to come; with limits of the
// tenants alone, some of them together could take everything. (Dynamic
// thresholds: Choudhury and Hahne, IEEE/ACM Transactions on Networking 6(2),
// 1998, with their alpha 1.)
//
// Threads may share it. Times are those of any one clock that does not stand.
class Admission {
 public:
  struct Limits {
    int64_t max_in_flight = 256;
    int64_t max_bytes = 128 << 20;
    int64_t max_streams = 256;
    int64_t tenant_in_flight = 1 << 30;
    int64_t tenant_bytes = int64_t{1} << 40;
    int64_t tenant_streams = 1 << 30;
    // Calls a second of one tenant, streams not counted; as many may come at
    // once. 0: no limit.
    int64_t tenant_rate = 0;
  };
  enum class Kind { kCall, kStream };

  // Held while the call is under way. Movable; releases when destroyed.
  class Permit {
   public:
    // One that nothing was counted for.
    Permit() = default;
    Permit(Permit&& other) noexcept { *this = std::move(other); }
    Permit& operator=(Permit&& other) noexcept {
      Release();
      admission_ = std::exchange(other.admission_, nullptr);
      tenant_ = std::move(other.tenant_);
      kind_ = other.kind_;
      bytes_ = other.bytes_;
      return *this;
    }
    ~Permit() { Release(); }

   private:
    friend class Admission;
    Permit(Admission* admission, std::string tenant, Kind kind, int64_t bytes)
        : admission_(admission),
          tenant_(std::move(tenant)),
          kind_(kind),
          bytes_(bytes) {}
    void Release();

    Admission* admission_ = nullptr;
    std::string tenant_;
    Kind kind_ = Kind::kCall;
    int64_t bytes_ = 0;
  };

  // A permit, or the limit that refuses and when to come again (zero: the
  // usual time).
  struct Answer {
    std::optional<Permit> permit;
    QuotaLimit refused_by = QuotaLimit::kCalls;
    absl::Duration retry_after;
  };

  explicit Admission(const Limits& limits) : limits_(limits) {}

  // A call larger than all limits of bytes is let in when nothing else is under
  // way, or it never would be.
  Answer TryEnter(const std::string& tenant, Kind kind, int64_t bytes,
                  absl::Time now);

  // Calls and streams.
  int64_t in_flight() const;
  int64_t bytes() const;
  int64_t streams() const;

  // The tenants with most calls under way, most first: at most `most` of them
  // that may be named; all others are summed up as "(other)".
  std::vector<std::pair<std::string, int64_t>> BusiestTenants(
      size_t most) const;

 private:
  struct Use {
    int64_t calls = 0;
    int64_t bytes = 0;
    int64_t streams = 0;
    // What is left of the calls of this second, as of `filled`.
    double tokens = 0;
    absl::Time filled = absl::InfinitePast();
  };
  std::optional<QuotaLimit> Refusal(const Use& use, Kind kind,
                                    int64_t bytes) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Duration TakeToken(Use& use, absl::Time now) const;
  void ForgetIdle(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Release(const std::string& tenant, Kind kind, int64_t bytes);

  const Limits limits_;
  mutable Mutex mu_;
  Use all_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, Use> tenants_ ABSL_GUARDED_BY(mu_);
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_ADMISSION_H_
