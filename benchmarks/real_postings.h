#ifndef GRADMATCH_BENCHMARKS_REAL_POSTINGS_H_
#define GRADMATCH_BENCHMARKS_REAL_POSTINGS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gradmatch/v1/posting_service.pb.h"

namespace gradmatch {

// Rows of a feed as a client would send them, re-dated so that the newest is
// today; in memory, so that reading and mapping are not measured with the
// server.
absl::StatusOr<std::vector<v1::SyncPostingRow>> ReadPostings(
    const std::string& feed, const std::string& mapping);

// The first `count` synthetic postings, all for one source.
absl::StatusOr<std::vector<v1::SyncPostingRow>> SyntheticPostings(
    int64_t count);

}  // namespace gradmatch

#endif  // GRADMATCH_BENCHMARKS_REAL_POSTINGS_H_
