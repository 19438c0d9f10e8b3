#ifndef GRADMATCH_MATCHER_INGEST_KEEP_DECISIONS_H_
#define GRADMATCH_MATCHER_INGEST_KEEP_DECISIONS_H_

#include <cstdint>

#include "gradmatch/v1/graduate.pb.h"

namespace gradmatch {

// What of a stored graduate stays when a write replaces the record.
enum class Keeps {
  // Rows as sources send them know nothing of what the graduate said since:
  // preferences and lifecycle stay where the row does not state them. And what
  // kDecided keeps.
  kUnstated,
  // Writes merged by mask: a registered placement and a freeze stay with their
  // lifecycle; they end by RevokePlacement and UnfreezeGraduate only.
  kDecided,
  // The methods that decide these things.
  kNothing,
};

// Puts what stays of `stored` into `graduate`; `lifecycle_stated` is false when
// the write left the lifecycle open. Returns whether anything changed. Pure.
bool KeepDecisions(const v1::Graduate& stored, Keeps keeps,
                   bool lifecycle_stated, v1::Graduate& graduate);

// What people decide about a graduate: name, preferences, lifecycle, placement,
// and nothing else of it.
v1::Graduate DecisionsOf(const v1::Graduate& graduate);
// Whether they are those of somebody who never decided anything.
bool HasNoDecisions(const v1::Graduate& graduate);
bool SameDecisions(const v1::Graduate& a, const v1::Graduate& b);

// Content hash of a graduate of which something was kept: what was sent has
// `content_hash`, what is stored is something else. Twice gives it back.
uint64_t KeptHash(uint64_t content_hash);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_INGEST_KEEP_DECISIONS_H_
