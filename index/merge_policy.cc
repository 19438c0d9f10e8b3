#include "index/merge_policy.h"

#include <algorithm>
#include <map>

namespace gradmatch {
namespace {

// 0 for less than `factor` live rows, 1 for less than factor^2, and so on.
size_t SizeClass(size_t live, size_t factor) {
  size_t size_class = 0;
  for (; live >= factor; live /= factor) ++size_class;
  return size_class;
}

// The smallest of `group` that fit in one segment together; none unless two do.
std::vector<size_t> TakeWhatFits(std::span<const SegmentSize> segments,
                                 std::vector<size_t> group, size_t max_rows) {
  std::stable_sort(group.begin(), group.end(), [&](size_t a, size_t b) {
    return segments[a].live < segments[b].live;
  });
  size_t rows = 0;
  size_t taken = 0;
  while (taken < group.size() &&
         rows + segments[group[taken]].live <= max_rows) {
    rows += segments[group[taken++]].live;
  }
  if (taken < 2) return {};
  group.resize(taken);
  std::sort(group.begin(), group.end());
  return group;
}

}  // namespace

std::vector<size_t> ChooseMerge(std::span<const SegmentSize> segments,
                                const MergeOptions& options) {
  const size_t factor = std::max<size_t>(options.factor, 2);
  std::map<size_t, std::vector<size_t>> classes;
  for (size_t i = 0; i < segments.size(); ++i) {
    // More than half a full segment is never merged with another, or large
    // segments would be written again and again for little.
    if (segments[i].live > options.max_merge_rows / 2) continue;
    classes[SizeClass(segments[i].live, factor)].push_back(i);
  }
  for (auto& [size_class, group] : classes) {
    if (group.size() < factor) continue;
    std::vector<size_t> merge =
        TakeWhatFits(segments, std::move(group), options.max_merge_rows);
    if (!merge.empty()) return merge;
  }
  for (size_t i = 0; i < segments.size(); ++i) {
    const size_t dead = segments[i].rows - segments[i].live;
    if (dead > options.max_dead_share * segments[i].rows) return {i};
  }
  return {};
}

}  // namespace gradmatch
