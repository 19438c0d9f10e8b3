#include <algorithm>
#include <cstddef>
#include <queue>
#include <span>
#include <vector>

#include "matcher/push/allocator.h"

namespace gradmatch {
namespace {

constexpr int64_t kStepsBetweenQuestions = 1 << 16;

// The best edge of a graduate that was not looked at yet.
struct Head {
  float score;
  uint32_t graduate;
};
struct Later {
  bool operator()(const Head& a, const Head& b) const {
    if (a.score != b.score) return a.score < b.score;
    return a.graduate > b.graduate;
  }
};

class Greedy {
 public:
  explicit Greedy(const AllocationProblem& problem)
      : problem_(problem),
        left_(problem.caps.begin(), problem.caps.end()),
        next_(problem.edges->graduates(), 0),
        allocation_(problem.edges->graduates(), problem.slots) {}

  absl::StatusOr<Allocation> Run() {
    if (problem_.floor > 0) {
      absl::Status floors = Fill(Whom::kPriority, problem_.floor);
      if (!floors.ok()) return floors;
    }
    absl::Status all = Fill(Whom::kAll, problem_.slots);
    if (!all.ok()) return all;
    AddUp();
    return std::move(allocation_);
  }

 private:
  enum class Whom { kPriority, kAll };

  // Gives edges in falling order of score, until everybody has `most` or
  // nothing more is possible.
  absl::Status Fill(Whom whom, int most) {
    most_ = static_cast<size_t>(std::min(most, problem_.slots));
    FillQueue(whom);
    for (int64_t step = 1; !queue_.empty(); ++step) {
      if (step % kStepsBetweenQuestions == 0 && problem_.stop &&
          problem_.stop()) {
        return absl::CancelledError("allocation was stopped");
      }
      const uint32_t graduate = queue_.top().graduate;
      queue_.pop();
      Look(graduate);
    }
    return absl::OkStatus();
  }

  // Everybody's next edge: what was looked at before is taken, or impossible
  // for good.
  void FillQueue(Whom whom) {
    std::vector<Head> heads;
    for (size_t g = 0; g < problem_.edges->graduates(); ++g) {
      if (whom == Whom::kPriority && problem_.priority[g] == 0) continue;
      const std::span<const Edge> edges = problem_.edges->Of(g);
      if (next_[g] == edges.size() || IsFull(g)) continue;
      heads.push_back({edges[next_[g]].score, static_cast<uint32_t>(g)});
    }
    queue_ = Queue(Later(), std::move(heads));
  }

  bool IsFull(size_t graduate) const {
    return allocation_.Chosen(graduate).size() >= most_;
  }

  // Takes or leaves the graduate's next edge, and puts the one after it into
  // the queue. What is not possible now never will be: caps only fall.
  void Look(uint32_t graduate) {
    const std::span<const Edge> edges = problem_.edges->Of(graduate);
    const uint16_t place = next_[graduate]++;
    if (MayTake(graduate, edges, edges[place])) {
      allocation_.Add(graduate, place);
      --left_[problem_.group_of[edges[place].posting]];
    }
    if (IsFull(graduate) || next_[graduate] == edges.size()) return;
    queue_.push({edges[next_[graduate]].score, graduate});
  }

  bool MayTake(uint32_t graduate, std::span<const Edge> edges,
               const Edge& edge) {
    const uint32_t group = problem_.group_of[edge.posting];
    const uint32_t employer = problem_.employer_of[edge.posting];
    int same_employer = 0;
    for (uint16_t chosen : allocation_.Chosen(graduate)) {
      const uint32_t other = edges[chosen].posting;
      if (problem_.group_of[other] == group) return false;
      if (problem_.employer_of[other] == employer) ++same_employer;
    }
    if (same_employer >= problem_.max_per_employer) return false;
    if (left_[group] > 0) return true;
    ++allocation_.edges_at_cap;
    return false;
  }

  // In the order of graduates, so that the sum has the same bits every time.
  void AddUp() {
    for (size_t g = 0; g < problem_.edges->graduates(); ++g) {
      for (uint16_t place : allocation_.Chosen(g)) {
        allocation_.total_score += problem_.edges->Of(g)[place].score;
        ++allocation_.items;
      }
    }
  }

  using Queue = std::priority_queue<Head, std::vector<Head>, Later>;

  const AllocationProblem& problem_;
  std::vector<uint32_t> left_;
  std::vector<uint16_t> next_;
  size_t most_ = 0;  // items a graduate gets at most in this part
  Queue queue_;
  Allocation allocation_;
};

class GreedyAllocator : public Allocator {
 public:
  absl::StatusOr<Allocation> Allocate(
      const AllocationProblem& problem) const override {
    if (problem.slots < 1 || problem.slots > 100) {
      return absl::InvalidArgumentError("slots must be 1 to 100");
    }
    if (problem.floor > 0 &&
        problem.priority.size() != problem.edges->graduates()) {
      return absl::InvalidArgumentError("a floor needs one mark a graduate");
    }
    return Greedy(problem).Run();
  }
};

}  // namespace

std::unique_ptr<Allocator> NewGreedyAllocator() {
  return std::make_unique<GreedyAllocator>();
}

}  // namespace gradmatch
