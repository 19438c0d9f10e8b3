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

v1::Graduate DecisionsOf(const v1::Graduate& graduate) {
  v1::Graduate decisions;
  decisions.set_name(graduate.name());
  if (graduate.has_preferences()) {
    *decisions.mutable_preferences() = graduate.preferences();
    decisions.mutable_preferences()->clear_etag();
    decisions.mutable_preferences()->clear_name();
  }
  if (graduate.has_placement()) {
    *decisions.mutable_placement() = graduate.placement();
  }
  if (graduate.lifecycle() != v1::Graduate::LIFECYCLE_ACTIVE) {
    decisions.set_lifecycle(graduate.lifecycle());
  }
  decisions.set_lifecycle_before_freeze(graduate.lifecycle_before_freeze());
  return decisions;
}

bool HasNoDecisions(const v1::Graduate& graduate) {
  v1::Graduate decisions = DecisionsOf(graduate);
  decisions.clear_name();
  if (decisions.preferences().ByteSizeLong() == 0) {
    decisions.clear_preferences();
  }
  return decisions.ByteSizeLong() == 0;
}

bool SameDecisions(const v1::Graduate& a, const v1::Graduate& b) {
  return DecisionsOf(a).SerializeAsString() ==
         DecisionsOf(b).SerializeAsString();
}

// Only bits of the content change: the version of what made it stays known.
uint64_t KeptHash(uint64_t content_hash) {
  return content_hash ^ 0x4B45'5054'4B45u;
}

}  // namespace gradmatch
