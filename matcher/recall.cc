#include "matcher/recall.h"

#include <algorithm>
#include <unordered_set>

#include "absl/strings/str_cat.h"
#include "index/base/strings.h"
#include "index/content_hash.h"
#include "matcher/encoder.h"

namespace gradmatch {
namespace {

// The rows of `pool`, the most similar first.
absl::StatusOr<std::vector<RowId>> SortedBySimilarity(
    const Snapshot& snapshot, std::span<const float> query,
    const RowSet& pool) {
  std::vector<RowId> rows(pool.begin(), pool.end());
  const auto similarities = snapshot.Similarities(query, rows);
  if (!similarities.ok()) return similarities.status();
  std::vector<size_t> order(rows.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    if ((*similarities)[a] != (*similarities)[b]) {
      return (*similarities)[a] > (*similarities)[b];
    }
    return snapshot.Id(rows[a]) < snapshot.Id(rows[b]);
  });
  std::vector<RowId> sorted;
  for (size_t i : order) sorted.push_back(rows[i]);
  return sorted;
}

double RecallAt(size_t k, std::span<const RowId> exact,
                std::span<const Neighbor> found) {
  k = std::min(k, exact.size());
  std::unordered_set<uint32_t> best;
  for (RowId row : exact.first(k)) best.insert(Index(row));
  size_t hits = 0;
  for (const Neighbor& neighbor : found.first(std::min(k, found.size()))) {
    hits += best.contains(Index(neighbor.row)) ? 1 : 0;
  }
  return static_cast<double>(hits) / static_cast<double>(k);
}

}  // namespace

absl::StatusOr<std::optional<QueryRecall>> MeasureRecall(
    const Snapshot& snapshot, const ProfileQuery& query,
    std::span<const int> depths, const PlanOptions& options) {
  if (query.embedding.empty() || IsEmptyEmbedding(query.embedding)) {
    return std::nullopt;
  }
  const EligibleRows rows = SelectEligible(snapshot, query.eligibility);
  RowSet pool = rows.eligible;
  pool.Or(rows.conditional);
  const size_t size = pool.Count();
  if (size == 0) return std::nullopt;
  QueryRecall recall;
  recall.plan = ChoosePlan({snapshot.live_rows(), size}, options);
  const int deepest = *std::max_element(depths.begin(), depths.end());
  const auto found = snapshot.Search(
      query.embedding, static_cast<size_t>(deepest), pool, recall.plan);
  if (!found.ok()) return found.status();
  const auto exact = SortedBySimilarity(snapshot, query.embedding, pool);
  if (!exact.ok()) return exact.status();
  for (int k : depths) {
    recall.at_k.push_back(RecallAt(static_cast<size_t>(k), *exact, *found));
  }
  return recall;
}

uint64_t SampleHash(std::string_view key, int64_t seed) {
  return ContentHash(absl::StrCat(seed, "/", A(key)));
}

std::vector<std::string> SampleKeys(std::vector<std::string> keys, size_t size,
                                    int64_t seed) {
  const auto before = [seed](const std::string& a, const std::string& b) {
    const uint64_t hash_a = SampleHash(a, seed);
    const uint64_t hash_b = SampleHash(b, seed);
    return hash_a != hash_b ? hash_a < hash_b : a < b;
  };
  const size_t kept = std::min(size, keys.size());
  std::partial_sort(keys.begin(),
                    keys.begin() + static_cast<std::ptrdiff_t>(kept),
                    keys.end(), before);
  keys.resize(kept);
  return keys;
}

}  // namespace gradmatch
