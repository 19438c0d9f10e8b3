#include "matcher/ingest/keep_decisions.h"

namespace gradmatch {

bool KeepDecisions(const v1::Graduate& stored, Keeps keeps,
                   bool lifecycle_stated, v1::Graduate& graduate) {
  if (keeps == Keeps::kNothing) return false;
  bool kept = false;
  const auto set_lifecycle = [&](v1::Graduate::Lifecycle lifecycle) {
    kept |= graduate.lifecycle() != lifecycle;
    graduate.set_lifecycle(lifecycle);
  };
  if (keeps == Keeps::kUnstated) {
    if (!graduate.has_preferences() && stored.has_preferences()) {
      *graduate.mutable_preferences() = stored.preferences();
      kept = true;
    }
    if (!lifecycle_stated) set_lifecycle(stored.lifecycle());
  }
  if (stored.has_placement()) {
    *graduate.mutable_placement() = stored.placement();
    kept = true;
    set_lifecycle(v1::Graduate::LIFECYCLE_PLACED);
  }
  if (stored.lifecycle_before_freeze() != v1::Graduate::LIFECYCLE_UNSPECIFIED) {
    graduate.set_lifecycle_before_freeze(stored.lifecycle_before_freeze());
    kept = true;
    set_lifecycle(v1::Graduate::LIFECYCLE_FROZEN);
  }
  return kept;
}

// Only bits of the content change: the version of what made it stays known.
uint64_t KeptHash(uint64_t content_hash) {
  return content_hash ^ 0x4B45'5054'4B45u;
}

}  // namespace gradmatch
