#ifndef GRADMATCH_MATCHER_PUSH_ALLOCATOR_H_
#define GRADMATCH_MATCHER_PUSH_ALLOCATOR_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "matcher/push/edge_list.h"

namespace gradmatch {

// What may be given to whom.
struct AllocationProblem {
  // Borrowed. Edges of each graduate best first; ties in the order of names.
  const EdgeList* edges = nullptr;
  // By posting (row of the snapshot): its duplicate group and its employer,
  // both counted densely from 0.
  std::span<const uint32_t> group_of;
  std::span<const uint32_t> employer_of;
  // By group: graduates that may still be told.
  std::span<const uint32_t> caps;
  int slots = 0;             // most items a graduate gets
  int max_per_employer = 0;  // most items a graduate gets from one employer
  // Priority graduates by number, 1 or 0, and the least items each of them is
  // to get. A floor of 0 looks at none.
  std::span<const uint8_t> priority;
  int floor = 0;
  // Asked now and then; true gives CANCELLED.
  std::function<bool()> stop;
};

// Who gets what: for each graduate the places of the chosen edges among its
// edges, ascending. Two bytes an item.
class Allocation {
 public:
  Allocation(size_t graduates, int slots)
      : slots_(slots), counts_(graduates), places_(graduates * slots) {}

  std::span<const uint16_t> Chosen(size_t graduate) const {
    return {places_.data() + graduate * slots_, counts_[graduate]};
  }
  void Add(size_t graduate, uint16_t place) {
    places_[graduate * slots_ + counts_[graduate]++] = place;
  }

  // Sum of the chosen edges' scores, added up in the order of graduates.
  double total_score = 0;
  int64_t items = 0;
  // Edges looked at and left because their posting's cap was used up.
  int64_t edges_at_cap = 0;

 private:
  size_t slots_;
  std::vector<uint8_t> counts_;
  std::vector<uint16_t> places_;
};

// Shares postings out among graduates: no group to more graduates than its cap,
// no graduate more than its slots, nor more than max_per_employer of one
// employer, nor one group twice. Same input, same answer. Thread-safe.
class Allocator {
 public:
  virtual ~Allocator() = default;
  virtual absl::StatusOr<Allocation> Allocate(
      const AllocationProblem& problem) const = 0;
};

// Takes the edge with the highest score of all that still can be taken, ties by
// graduate and then by the graduate's order of edges, until none is left. At
// least half of the best possible sum for caps and slots (greedy over the
// intersection of two matroids); the tests state the gap they see.
//
// With a floor it does so twice: first for priority graduates alone, each until
// it has as many as the floor, then for all with what is left. Limits hold for
// both together; a floor stays unmet only where every other edge of the
// graduate is ruled out by a limit. The share of the best sum holds for the
// second part.
//
// Leaving out graduates together with what they got, and lowering the caps by
// that, leaves the others' items as they are: this is what lets a killed run go
// on with those who are still to do and end as if it had not been killed.
//
// Memory: 8 bytes an edge (the EdgeList) and 12 bytes a graduate for the queue
// of each one's next edge; 1M graduates with 20 edges take 172 MB, no sort of
// all edges is needed.
std::unique_ptr<Allocator> NewGreedyAllocator();

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_PUSH_ALLOCATOR_H_
