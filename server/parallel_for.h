#ifndef GRADMATCH_SERVER_PARALLEL_FOR_H_
#define GRADMATCH_SERVER_PARALLEL_FOR_H_

#include "matcher/ingest/ingest.h"
#include "server/worker_pool.h"

namespace gradmatch {

// A ParallelFor whose caller works too and never waits for a thread of `pool`
// to be free: it waits only for bodies that have begun. So it may be called
// from the pool's own tasks. `pool` is borrowed.
ParallelFor MakeParallelFor(WorkerPool& pool);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_PARALLEL_FOR_H_
