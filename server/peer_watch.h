#ifndef GRADMATCH_SERVER_PEER_WATCH_H_
#define GRADMATCH_SERVER_PEER_WATCH_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "index/base/mutex.h"

namespace gradmatch {

// Connections that begin calls only to cancel them (HTTP/2 rapid reset,
// CVE-2023-44487): gRPC 1.51 counts a stream that was reset as ended, so its
// limit of streams does not stop them. A connection that took back more than
// `max_cancels` calls within `window`, each long before its deadline, has its
// calls refused for `ban`, before anything is done for them. The connection
// itself cannot be closed from here. Thread-safe; times are of any one clock.
class PeerWatch {
 public:
  struct Limits {
    int max_cancels = 200;
    absl::Duration window = absl::Seconds(10);
    absl::Duration ban = absl::Seconds(10);
    // Connections that are remembered; the oldest windows go first.
    size_t max_peers = 4'096;
  };

  PeerWatch() : PeerWatch(Limits()) {}
  explicit PeerWatch(const Limits& limits) : limits_(limits) {}

  // `peer` as gRPC names it, "ipv4:127.0.0.1:51234". Others than ipv4 and ipv6
  // are this process itself, and never counted.
  void Cancelled(std::string_view peer, absl::Time now);
  // How long its calls are still refused; zero: they are not.
  absl::Duration Banned(std::string_view peer, absl::Time now) const;

  int64_t bans() const;  // so far

 private:
  struct Peer {
    absl::Time begin;  // of its window
    int cancels = 0;
    absl::Time banned_until = absl::InfinitePast();
  };
  void ForgetOld(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const Limits limits_;
  mutable Mutex mu_;
  std::map<std::string, Peer, std::less<>> peers_ ABSL_GUARDED_BY(mu_);
  int64_t bans_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_PEER_WATCH_H_
