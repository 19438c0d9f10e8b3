#include "matcher/push/push_retrieval.h"

#include <algorithm>
#include <string>
#include <utility>

namespace gradmatch {
namespace {

constexpr int kMaxCandidates = 1000;

// The edges of one graduate, or why there are none.
absl::StatusOr<Suppression> EdgesOf(const RunContext& context,
                                    const LoadedGraduate& loaded,
                                    std::vector<Edge>& edges) {
  edges.clear();
  // Erased since the selection: the writer finds out and says so.
  if (!loaded.graduate.has_value()) return Suppression::kNoEligiblePosting;
  PushSubject subject{.graduate = &*loaded.graduate, .embedding = {}};
  if (loaded.embedding.has_value()) subject.embedding = *loaded.embedding;
  const std::vector<uint32_t> told = context.pool->Told(loaded.ledger);
  // What was pushed before takes no candidate's place.
  const int wanted =
      std::min<int>(kMaxCandidates,
                    context.plan->candidates() + static_cast<int>(told.size()));
  auto candidates = context.parts->ranker->Candidates(
      *context.snapshot, subject, wanted, context.plan->include_conditional(),
      context.as_of);
  if (!candidates.ok()) return candidates.status();

  bool any_told = false;
  const size_t most = context.plan->candidates();
  for (const PushCandidate& candidate : *candidates) {
    const auto row = static_cast<uint32_t>(candidate.row);
    if (candidate.score < context.plan->min_score()) continue;
    if (std::binary_search(told.begin(), told.end(),
                           context.pool->group_of()[row])) {
      any_told = true;
      continue;
    }
    if (edges.size() < most) edges.push_back({row, candidate.score});
  }
  if (!edges.empty()) return Suppression::kNone;
  if (candidates->empty()) return Suppression::kNoEligiblePosting;
  return any_told ? Suppression::kAllPushedBefore : Suppression::kBelowMinScore;
}

}  // namespace

absl::StatusOr<Retrieved> RetrieveEdges(
    const RunContext& context, const Roster& roster, ThreadTeam& team,
    const std::function<bool(int64_t)>& on_block) {
  Retrieved retrieved(roster.selected.size());
  const auto do_block = [&](size_t block) -> absl::Status {
    const auto [begin, end] = retrieved.edges.Range(block);
    std::vector<std::string> keys;
    for (size_t i = begin; i < end; ++i) {
      keys.push_back(ToString(roster.keys[roster.selected[i]]));
    }
    auto loaded =
        LoadGraduates(*context.parts->store, *context.parts->push_store,
                      *context.parts->catalog, keys);
    if (!loaded.ok()) return loaded.status();
    EdgeList::Block edges_of_block;
    std::vector<Edge> edges;
    for (size_t i = begin; i < end; ++i) {
      auto why_none = EdgesOf(context, (*loaded)[i - begin], edges);
      if (!why_none.ok()) return why_none.status();
      retrieved.why_none[i] = *why_none;
      edges_of_block.Add(edges);
    }
    edges_of_block.Shrink();
    retrieved.edges.SetBlock(block, std::move(edges_of_block));
    return on_block(static_cast<int64_t>(end - begin))
               ? absl::OkStatus()
               : absl::CancelledError("retrieval was stopped");
  };
  absl::Status done = team.ForEach(retrieved.edges.blocks(), do_block);
  if (!done.ok()) return done;
  return retrieved;
}

}  // namespace gradmatch
