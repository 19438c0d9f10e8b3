#ifndef GRADMATCH_SERVER_REFLECTION_H_
#define GRADMATCH_SERVER_REFLECTION_H_

#include "server/log.h"

namespace gradmatch {

// From now on every gRPC server that this process builds describes its API to
// whoever asks; it asks nobody who they are. A switch of the process that
// cannot be taken back. Without the library there is none, and the log says so.
//
// gRPC's library for it turns it on merely by being linked, so it is loaded
// only here.
void EnableReflection(Logger& log);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_REFLECTION_H_
