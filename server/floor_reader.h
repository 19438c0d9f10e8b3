#ifndef GRADMATCH_SERVER_FLOOR_READER_H_
#define GRADMATCH_SERVER_FLOOR_READER_H_

#include <memory>

#include "index/vault/audit_log.h"
#include "index/vault/sealed_store.h"
#include "matcher/push/floors.h"
#include "server/log.h"

namespace gradmatch {

// Says to a push run who is a priority graduate: hardship or disability. Every
// person whose values are opened has an entry of its own in the audit, on disk
// before they are: role floor-reader, the person as resource, the run as
// purpose. A value that is damaged counts as no, and how many are is logged.
// All are borrowed and outlive the result.
std::unique_ptr<PriorityReader> NewFloorReader(const SealedStore& sealed,
                                               AuditLog& audit, Logger& log);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_FLOOR_READER_H_
