#ifndef GRADMATCH_INDEX_MERGE_POLICY_H_
#define GRADMATCH_INDEX_MERGE_POLICY_H_

#include <cstddef>
#include <span>
#include <vector>

namespace gradmatch {

// Changes speed and memory only, never an answer.
struct MergeOptions {
  // Merge when this many segments are of one size class, each class being this
  // many times the one below. More: cheaper writes, slower searches.
  size_t factor = 8;
  // A merge makes no segment larger than this, except to drop dead rows.
  size_t max_merge_rows = 65'536;
  // Rewrite a segment when more than this share of its rows is dead.
  double max_dead_share = 0.2;
};

struct SegmentSize {
  size_t rows = 0;
  size_t live = 0;
};

// Which segments to make one of, ascending places in `segments`; empty when all
// is well. A single place means: rewrite it without its dead rows. Calling
// again after each merge ends after finitely many merges.
std::vector<size_t> ChooseMerge(std::span<const SegmentSize> segments,
                                const MergeOptions& options);

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_MERGE_POLICY_H_
