#include "matcher/rerank.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace gradmatch {
namespace {

void KeepFirstOfGroups(std::vector<RankedRow>& rows) {
  std::unordered_set<uint64_t> seen;
  std::erase_if(rows, [&](const RankedRow& row) {
    return row.canonical != 0 && !seen.insert(row.canonical).second;
  });
}

// Takes one page from the front of `rest`, skipping employers that have their
// share of it; what is skipped keeps its place for the next page.
void TakePage(const RerankOptions& options, std::vector<RankedRow>& rest,
              std::vector<RankedRow>& out) {
  std::unordered_map<uint64_t, int> of_employer;
  std::vector<RankedRow> skipped;
  int taken = 0;
  size_t i = 0;
  for (; i < rest.size() && taken < options.page; ++i) {
    int& count = of_employer[rest[i].employer];
    if (count >= options.max_per_employer) {
      skipped.push_back(rest[i]);
      continue;
    }
    ++count;
    ++taken;
    out.push_back(rest[i]);
  }
  skipped.insert(skipped.end(), rest.begin() + i, rest.end());
  // A page that could not be filled was the last one to be spread.
  if (taken < options.page) {
    out.insert(out.end(), skipped.begin(), skipped.end());
    skipped.clear();
  }
  rest = std::move(skipped);
}

}  // namespace

void Rerank(const RerankOptions& options, std::vector<RankedRow>& rows) {
  KeepFirstOfGroups(rows);
  if (options.max_per_employer <= 0 || options.page <= 0) return;
  std::vector<RankedRow> out;
  out.reserve(rows.size());
  while (!rows.empty()) TakePage(options, rows, out);
  rows = std::move(out);
}

}  // namespace gradmatch
