#ifndef GRADMATCH_SERVER_FITTED_OPTIONS_H_
#define GRADMATCH_SERVER_FITTED_OPTIONS_H_

#include <string>

#include "server/admission.h"
#include "server/log.h"
#include "server/options.h"
#include "server/worker_pool.h"

namespace gradmatch {

// What options come to on this machine.

// As many files and connections as there are descriptors for; says in the log
// when that is less than was asked.
LoadedOptions Fitted(LoadedOptions loaded, Logger& log);

Admission::Limits AdmissionLimitsOf(const Options& options);

// As many threads again as one tenant may have, for another to find one free.
WorkerPool::Limits CallPoolLimits(const Options& options);
// None to spare: a batch is quick and its writer is one, so a turn is soon
// enough.
WorkerPool::Limits IngestPoolLimits(const Options& options);

// Where a caller on this machine reaches a listener: "127.0.0.1:50051".
std::string OwnAddress(const std::string& listen, int port);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_FITTED_OPTIONS_H_
