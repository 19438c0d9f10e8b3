#ifndef GRADMATCH_MATCHER_RECALL_H_
#define GRADMATCH_MATCHER_RECALL_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "index/snapshot.h"
#include "matcher/candidate_ranker.h"
#include "matcher/retrieval_plan.h"

namespace gradmatch {

// How well the search finds, measured beside it and not by its own words.

// Recall of one query.
struct QueryRecall {
  SearchPlan plan = SearchPlan::kExactScan;
  std::vector<double> at_k;  // one a depth, in order
};

// The share of the best `k` rows, by similarity under the query's own filter,
// that the plan chosen for it finds. Best of all rows that pass, found by
// scoring each of them at full precision and sorting, ties by record id; where
// fewer than `k` pass, of those. Nullopt when nothing can be found: no
// embedding, or no row passes.
absl::StatusOr<std::optional<QueryRecall>> MeasureRecall(
    const Snapshot& snapshot, const ProfileQuery& query,
    std::span<const int> depths, const PlanOptions& options = {});

// A sample by seed: the `size` keys of `keys` with the least hashes, in the
// order of hashes. The same keys and seed give the same sample whatever the
// order of `keys`.
std::vector<std::string> SampleKeys(std::vector<std::string> keys, size_t size,
                                    int64_t seed);
// What SampleKeys orders by.
uint64_t SampleHash(std::string_view key, int64_t seed);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_RECALL_H_
