#ifndef GRADMATCH_MATCHER_CANDIDATES_H_
#define GRADMATCH_MATCHER_CANDIDATES_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "index/snapshot.h"
#include "matcher/candidate_ranker.h"

namespace gradmatch {

// Rows worth scoring, ascending, with their similarity where there is one.
struct Candidates {
  std::vector<RowId> rows;
  std::vector<std::optional<float>> similarities;
  bool all = false;  // every row of the pool is among them
};

// The rows of `pool` that are most similar, joined with those whose job
// function is wished for or typical of the major. All of `pool` when it is no
// larger than what would be retrieved.
absl::StatusOr<Candidates> FindCandidates(const Snapshot& snapshot,
                                          const ProfileQuery& query,
                                          const RowSet& pool, SearchPlan plan,
                                          const CandidateOptions& options);

// At most `n` rows of `pool`, the latest published first; of one day by the key
// of their duplicate group and then by name, so that the choice depends on the
// records and not on how segments were merged.
std::vector<RowId> Freshest(const Snapshot& snapshot, const RowSet& pool,
                            size_t n);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_CANDIDATES_H_
