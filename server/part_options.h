#ifndef GRADMATCH_SERVER_PART_OPTIONS_H_
#define GRADMATCH_SERVER_PART_OPTIONS_H_

#include "server/call_observer.h"
#include "server/http/gateway.h"
#include "server/identity/identity_setup.h"
#include "server/match_service.h"
#include "server/options.h"
#include "server/push_subsystem.h"
#include "server/retention/retention_job.h"
#include "server/sync_protocol.h"
#include "server/tls/tls_keeper.h"

namespace gradmatch {

// What the server's options come to for each of its parts. Pure.

SyncLimits SyncLimitsOf(const Options& options);
PushRunOptions PushOptionsOf(const Options& options);
MatchServiceOptions MatchOptionsOf(const Options& options);
CallObserverOptions CallObserverOptionsOf(const Options& options);
RetentionDays RetentionDaysOf(const Options& options);

// `tls`: null for a plain listener; borrowed, like what is of `identity`.
GatewayOptions GatewayOptionsOf(const Options& options, const TlsKeeper* tls,
                                const IdentitySetup& identity);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_PART_OPTIONS_H_
