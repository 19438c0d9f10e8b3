#include "server/peer_watch.h"

#include <algorithm>

namespace gradmatch {

void PeerWatch::Cancelled(std::string_view peer, absl::Time now) {
  if (!peer.starts_with("ipv4:") && !peer.starts_with("ipv6:")) return;
  MutexLock lock(mu_);
  if (peers_.size() >= limits_.max_peers) ForgetOld(now);
  const auto [it, is_new] = peers_.try_emplace(std::string(peer));
  Peer& one = it->second;
  if (is_new || now - one.begin > limits_.window) {
    one.begin = now;
    one.cancels = 0;
  }
  if (++one.cancels <= limits_.max_cancels) return;
  bans_ += one.banned_until <= now;
  one.banned_until = now + limits_.ban;
}

absl::Duration PeerWatch::Banned(std::string_view peer, absl::Time now) const {
  MutexLock lock(mu_);
  if (peers_.empty()) return absl::ZeroDuration();
  const auto it = peers_.find(peer);
  if (it == peers_.end()) return absl::ZeroDuration();
  return std::max(absl::ZeroDuration(), it->second.banned_until - now);
}

void PeerWatch::ForgetOld(absl::Time now) {
  std::erase_if(peers_, [&](const auto& entry) {
    return now - entry.second.begin > limits_.window &&
           entry.second.banned_until <= now;
  });
  if (peers_.size() < limits_.max_peers) return;
  peers_.erase(std::ranges::min_element(
      peers_, {}, [](const auto& entry) { return entry.second.begin; }));
}

int64_t PeerWatch::bans() const {
  MutexLock lock(mu_);
  return bans_;
}

}  // namespace gradmatch
