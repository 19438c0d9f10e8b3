#include "server/admission.h"

#include <algorithm>

namespace gradmatch {
namespace {

// With rates, tenants are remembered for a while after their last call.
constexpr size_t kManyTenants = 4'096;

bool Idle(int64_t calls, int64_t streams) { return calls == 0 && streams == 0; }

}  // namespace

void Admission::Permit::Release() {
  if (admission_ != nullptr) admission_->Release(tenant_, kind_, bytes_);
  admission_ = nullptr;
}

std::optional<QuotaLimit> Admission::Refusal(const Use& use, Kind kind,
                                             int64_t bytes) const {
  if (kind == Kind::kStream) {
    const int64_t free = limits_.max_streams - all_.streams;
    if (free <= 0) return QuotaLimit::kStreams;
    if (use.streams >= std::min(limits_.tenant_streams, free)) {
      return QuotaLimit::kTenantStreams;
    }
    return std::nullopt;
  }
  const int64_t free = limits_.max_in_flight - all_.calls;
  if (free <= 0) return QuotaLimit::kCalls;
  if (use.calls >= std::min(limits_.tenant_in_flight, free)) {
    return QuotaLimit::kTenantCalls;
  }
  if (all_.calls == 0) return std::nullopt;
  const int64_t free_bytes = limits_.max_bytes - all_.bytes;
  if (bytes > free_bytes) return QuotaLimit::kBytes;
  if (use.calls > 0 &&
      use.bytes + bytes > std::min(limits_.tenant_bytes, free_bytes)) {
    return QuotaLimit::kTenantBytes;
  }
  return std::nullopt;
}

// Zero when there was one, else the time until there is.
absl::Duration Admission::TakeToken(Use& use, absl::Time now) const {
  const double rate = static_cast<double>(limits_.tenant_rate);
  if (use.filled == absl::InfinitePast()) {
    use.tokens = rate;
  } else {
    use.tokens = std::min(
        rate, use.tokens + rate * absl::ToDoubleSeconds(std::max(
                                      now - use.filled, absl::ZeroDuration())));
  }
  use.filled = now;
  if (use.tokens < 1) return absl::Seconds((1 - use.tokens) / rate);
  use.tokens -= 1;
  return absl::ZeroDuration();
}

Admission::Answer Admission::TryEnter(const std::string& tenant, Kind kind,
                                      int64_t bytes, absl::Time now) {
  MutexLock lock(mu_);
  if (tenants_.size() >= kManyTenants) ForgetIdle(now);
  Use& use = tenants_[tenant];
  std::optional<QuotaLimit> refused = Refusal(use, kind, bytes);
  absl::Duration retry_after;
  if (!refused.has_value() && kind == Kind::kCall && limits_.tenant_rate > 0) {
    retry_after = TakeToken(use, now);
    if (retry_after > absl::ZeroDuration()) refused = QuotaLimit::kTenantRate;
  }
  if (refused.has_value()) {
    if (limits_.tenant_rate == 0 && Idle(use.calls, use.streams)) {
      tenants_.erase(tenant);
    }
    return {std::nullopt, *refused, retry_after};
  }
  for (Use* one : {&use, &all_}) {
    (kind == Kind::kCall ? one->calls : one->streams) += 1;
    one->bytes += bytes;
  }
  Answer answer;
  answer.permit.emplace(Permit(this, tenant, kind, bytes));
  return answer;
}

void Admission::Release(const std::string& tenant, Kind kind, int64_t bytes) {
  MutexLock lock(mu_);
  const auto it = tenants_.find(tenant);
  for (Use* one : {&it->second, &all_}) {
    (kind == Kind::kCall ? one->calls : one->streams) -= 1;
    one->bytes -= bytes;
  }
  if (limits_.tenant_rate == 0 && Idle(it->second.calls, it->second.streams)) {
    tenants_.erase(it);
  }
}

// Those whose bucket is full again are as good as new.
void Admission::ForgetIdle(absl::Time now) {
  std::erase_if(tenants_, [now](const auto& entry) {
    const Use& use = entry.second;
    return Idle(use.calls, use.streams) && now - use.filled > absl::Seconds(1);
  });
}

int64_t Admission::in_flight() const {
  MutexLock lock(mu_);
  return all_.calls + all_.streams;
}

int64_t Admission::bytes() const {
  MutexLock lock(mu_);
  return all_.bytes;
}

int64_t Admission::streams() const {
  MutexLock lock(mu_);
  return all_.streams;
}

std::vector<std::pair<std::string, int64_t>> Admission::BusiestTenants(
    size_t most) const {
  std::vector<std::pair<std::string, int64_t>> busiest;
  int64_t others = 0;
  {
    MutexLock lock(mu_);
    for (const auto& [tenant, use] : tenants_) {
      if (MayNameTenant(tenant)) {
        busiest.emplace_back(tenant, use.calls);
      } else {
        others += use.calls;
      }
    }
  }
  std::ranges::stable_sort(busiest, std::ranges::greater(),
                           &std::pair<std::string, int64_t>::second);
  while (busiest.size() > most) {
    others += busiest.back().second;
    busiest.pop_back();
  }
  busiest.emplace_back("(other)", others);
  return busiest;
}

}  // namespace gradmatch
