#include "tests/durability/oracle.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace gradmatch {

void Oracle::Intend(const std::string& key, const std::string& state) {
  MutexLock lock(mu_);
  auto [it, fresh] = states_.try_emplace(key, States{kAbsent});
  it->second.push_back(state);
}

void Oracle::Acknowledge(const std::string& key, const std::string& state) {
  MutexLock lock(mu_);
  ++acknowledgements_;
  States& states = states_[key];
  const auto it = std::find(states.begin(), states.end(), state);
  if (it == states.end()) {
    violations_.push_back(
        absl::StrCat(key, ": ", state, " was acknowledged, never asked for"));
    return;
  }
  states.erase(states.begin(), it);
}

void Oracle::Saw(const std::string& key, const std::string& state) {
  MutexLock lock(mu_);
  auto [it, fresh] = states_.try_emplace(key, States{state});
  if (!fresh && it->second.front() != state) {
    violations_.push_back(
        absl::StrCat(key, ": is ", state, " but was ", it->second.front()));
  }
}

void Oracle::Forget(const std::string& key) {
  MutexLock lock(mu_);
  states_.erase(key);
}

void Oracle::JudgeLocked(const std::string& key, States& states,
                         const std::string& observed) {
  if (std::find(states.begin(), states.end(), observed) == states.end()) {
    violations_.push_back(absl::StrCat(
        key, ": is ", observed, "; acknowledged was ", states.front(),
        states.size() == 1 ? ""
                           : ", and possible " + absl::StrJoin(states, " "),
        observed == kAbsent ? " (lost)" : ""));
  }
  states = {observed};
}

void Oracle::Judge(const std::string& prefix,
                   const std::map<std::string, std::string>& observed) {
  MutexLock lock(mu_);
  for (auto it = states_.lower_bound(prefix);
       it != states_.end() && it->first.starts_with(prefix); ++it) {
    const auto found = observed.find(it->first);
    JudgeLocked(it->first, it->second,
                found == observed.end() ? kAbsent : found->second);
  }
  for (const auto& [key, state] : observed) {
    if (states_.contains(key)) continue;
    violations_.push_back(
        absl::StrCat(key, ": is ", state, "; nobody wrote it"));
  }
}

void Oracle::JudgeOne(const std::string& key, const std::string& observed) {
  MutexLock lock(mu_);
  JudgeLocked(key, states_.try_emplace(key, States{kAbsent}).first->second,
              observed);
}

void Oracle::Blame(const std::string& what) {
  MutexLock lock(mu_);
  violations_.push_back(what);
}

std::string Oracle::Acknowledged(const std::string& key) const {
  MutexLock lock(mu_);
  const auto it = states_.find(key);
  return it == states_.end() ? kAbsent : it->second.front();
}

std::vector<std::string> Oracle::Keys(const std::string& prefix) const {
  MutexLock lock(mu_);
  std::vector<std::string> keys;
  for (auto it = states_.lower_bound(prefix);
       it != states_.end() && it->first.starts_with(prefix); ++it) {
    if (it->second != States{kAbsent}) keys.push_back(it->first);
  }
  return keys;
}

int64_t Oracle::acknowledgements() const {
  MutexLock lock(mu_);
  return acknowledgements_;
}

std::vector<std::string> Oracle::TakeViolations() {
  MutexLock lock(mu_);
  return std::exchange(violations_, {});
}

}  // namespace gradmatch
