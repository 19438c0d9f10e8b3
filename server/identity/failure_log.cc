#include "server/identity/failure_log.h"

#include <algorithm>

namespace gradmatch {

FailureSampler::Decision FailureSampler::Add(std::string_view reason,
                                             absl::Time now) {
  MutexLock lock(mu_);
  auto it = windows_.find(reason);
  if (it == windows_.end()) it = windows_.emplace(reason, Window()).first;
  Window& window = it->second;
  Decision decision;
  // A clock that was set back begins a new window too.
  if (now >= window.begin + kWindow || now < window.begin) {
    decision.left_out = std::max<int64_t>(0, window.count - kEach);
    window = {now, 0};
  }
  decision.keep = ++window.count <= kEach;
  return decision;
}

bool FailureBudget::Take(std::string_view peer, absl::Time now) {
  if (per_minute_ == 0) return true;
  MutexLock lock(mu_);
  if (now >= minute_ + absl::Minutes(1) || now < minute_) {
    minute_ = now;
    counts_.clear();
  }
  auto it = counts_.find(peer);
  if (it == counts_.end()) {
    // No address is empty: the rest.
    if (counts_.size() >= kMostPeers) peer = "";
    it = counts_.emplace(peer, 0).first;
  }
  return ++it->second <= per_minute_;
}

std::string_view AddressOfPeer(std::string_view peer) {
  if (!peer.starts_with("ipv4:") && !peer.starts_with("ipv6:")) return peer;
  return peer.substr(0, peer.rfind(':'));
}

}  // namespace gradmatch
