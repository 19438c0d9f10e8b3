#ifndef GRADMATCH_SERVER_GRADUATE_READERS_H_
#define GRADMATCH_SERVER_GRADUATE_READERS_H_

#include "server/identity/access_rules.h"
#include "server/match_graduates.h"
#include "server/runtime.h"

namespace gradmatch {

// What MatchGraduates asks, answered by the registry of staff and the audit: a
// call has one entry about the posting with its outcome, and one about each
// graduate it shows. `runtime` is borrowed; its engine is used from the first
// call on.
GraduateReaderHooks MakeGraduateReaderHooks(Runtime& runtime);

// Whether staff look after a graduate, from the records as they are. `engine`
// is borrowed.
IsStudent MakeIsStudent(const Engine& engine);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_GRADUATE_READERS_H_
