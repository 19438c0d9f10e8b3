#ifndef GRADMATCH_MATCHER_RERANK_H_
#define GRADMATCH_MATCHER_RERANK_H_

#include <cstdint>
#include <vector>

#include "index/row_set.h"
#include "matcher/ranking.h"

namespace gradmatch {

// A posting on its way into an answer.
struct RankedRow {
  RowId row{};
  Score score;
  bool conditional = false;  // eligible under conditions
  uint64_t canonical = 0;    // duplicate group, key of kCanonicalColumn
  uint64_t employer = 0;     // key of kEmployerColumn
};

struct RerankOptions {
  // Postings of one employer in a page; 0: no limit. The limit yields only when
  // nothing else is left.
  int max_per_employer = 2;
  int page = 10;
};

// Whole-list step: `rows` come best first. Of a duplicate group the first one
// stays; then employers are spread over pages. Order is otherwise kept.
void Rerank(const RerankOptions& options, std::vector<RankedRow>& rows);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_RERANK_H_
