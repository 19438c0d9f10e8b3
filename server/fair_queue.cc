#include "server/fair_queue.h"

#include <algorithm>
#include <utility>

namespace gradmatch {
namespace {

constexpr absl::Duration kBurst = absl::Milliseconds(100);
// Of a call's time from its arrival to its deadline.
constexpr double kLate = 0.25;    // spent waiting: the newest goes first
constexpr double kTooLate = 0.5;  // it is not begun any more
// Of a tenant's last tasks: the newest counts an eighth.
constexpr int kUsualOver = 8;

}  // namespace

bool FairQueue::Overloaded(const Tenant& tenant, absl::Time now) {
  if (now - tenant.waiting_since <= kBurst) return false;
  const Waiting& oldest = tenant.waiting.front();
  return oldest.task.given_up != nullptr &&
         now - oldest.since > kLate * (oldest.task.deadline - oldest.since);
}

FairQueue::Pushed FairQueue::TryPush(PoolTask& task, absl::Time now) {
  if (queued_ >= limits_.max_queued) return Pushed::kFull;
  const auto [it, is_new] = tenants_.try_emplace(task.tenant);
  Tenant& tenant = it->second;
  if (tenant.waiting.size() >= limits_.tenant_max_queued) {
    return Pushed::kTenantFull;
  }
  if (is_new) tenant.used = level_;
  if (tenant.waiting.empty()) {
    tenant.waiting_since = now;
    tenant.used = std::max(tenant.used, level_);
  }
  tenant.waiting.push_back({std::move(task), now});
  ++queued_;
  return Pushed::kQueued;
}

void FairQueue::TakeStale(absl::Time now, std::vector<Stale>& stale) {
  for (auto& [name, tenant] : tenants_) {
    while (!tenant.waiting.empty()) {
      Waiting& oldest = tenant.waiting.front();
      PoolTask& task = oldest.task;
      const bool expired = task.expired != nullptr && now >= task.deadline;
      const bool late =
          Overloaded(tenant, now) &&
          now - oldest.since > kTooLate * (task.deadline - oldest.since);
      if (!expired && !late) break;
      stale.push_back(
          {std::move(expired ? task.expired : task.given_up), expired});
      tenant.waiting.pop_front();
      --queued_;
    }
  }
}

std::optional<FairQueue::Turn> FairQueue::Next(absl::Time now) {
  Tenant* next = nullptr;
  for (auto& [name, tenant] : tenants_) {
    if (tenant.waiting.empty() || tenant.running >= limits_.tenant_running) {
      continue;
    }
    if (next == nullptr || tenant.used < next->used) next = &tenant;
  }
  if (next == nullptr) return std::nullopt;
  Turn turn;
  // An oldest that may not be given up comes first: it would never come up from
  // under the newest.
  const bool newest = Overloaded(*next, now);
  Waiting& taken = newest ? next->waiting.back() : next->waiting.front();
  turn.task = std::move(taken.task);
  newest ? next->waiting.pop_back() : next->waiting.pop_front();
  --queued_;
  level_ = std::max(level_, next->used);
  turn.guess = next->usual;
  next->used += turn.guess;
  ++next->running;
  return turn;
}

void FairQueue::Done(const Turn& turn, absl::Duration used) {
  Tenant& tenant = tenants_.at(turn.task.tenant);
  --tenant.running;
  tenant.used += used - turn.guess;
  tenant.usual += (used - tenant.usual) / kUsualOver;
  ForgetIdle();
}

// Who is ahead of the others is remembered until they have caught up, or he
// would be level again after every pause.
void FairQueue::ForgetIdle() {
  bool any = false;
  for (const auto& [name, tenant] : tenants_) {
    any = any || tenant.running > 0 || !tenant.waiting.empty();
  }
  std::erase_if(tenants_, [&](const auto& entry) {
    const Tenant& tenant = entry.second;
    return tenant.running == 0 && tenant.waiting.empty() &&
           (!any || tenant.used <= level_);
  });
  if (!any) level_ = absl::ZeroDuration();
}

absl::Duration FairQueue::OldestWait(absl::Time now) const {
  absl::Duration oldest;
  for (const auto& [name, tenant] : tenants_) {
    if (tenant.waiting.empty()) continue;
    oldest = std::max(oldest, now - tenant.waiting.front().since);
  }
  return oldest;
}

}  // namespace gradmatch
