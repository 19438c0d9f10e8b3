#ifndef GRADMATCH_SERVER_PROCESS_SECRETS_H_
#define GRADMATCH_SERVER_PROCESS_SECRETS_H_

#include "absl/status/status.h"

namespace gradmatch {

// Keeps what is in this process's memory (keys, records of people) in it: no
// core file when it crashes, and no other process of the same user may look
// into it or follow it (PR_SET_DUMPABLE). With `core_dumps` both stay as they
// were, for whoever hunts a defect. To be called at the start, before secrets
// are read. Internal when the system refuses.
absl::Status CloseProcess(bool core_dumps);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_PROCESS_SECRETS_H_
