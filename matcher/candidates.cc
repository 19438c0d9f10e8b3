#include "matcher/candidates.h"

#include <algorithm>

#include "matcher/encoder.h"

namespace gradmatch {
namespace {

struct DatedRow {
  int32_t day;
  uint64_t canonical;
  RowId row;
};

std::vector<uint64_t> KeysOf(const KeyValues& values, float least) {
  std::vector<uint64_t> keys;
  for (const auto& [key, worth] : values) {
    if (worth >= least) keys.push_back(key);
  }
  return keys;
}

// Rows by job function: first those at a wished place, then the others.
std::vector<RowId> ByFunction(const Snapshot& snapshot,
                              const FeatureQuery& query, const RowSet& pool,
                              size_t n) {
  // What is wished for, or goes with the major often: not mere neighbours.
  constexpr float kLeastWorth = 0.6f;
  const KeyValues& functions = query.wanted_functions.empty()
                                   ? query.typical_functions
                                   : query.wanted_functions;
  RowSet rows =
      snapshot.SetContainsAny(kFunctionColumn, KeysOf(functions, kLeastWorth));
  rows.And(pool);
  std::vector<RowId> found;
  if (!query.places.empty()) {
    RowSet near =
        snapshot.SetContainsAny(kPlaceColumn, KeysOf(query.places, 1.0f));
    near.And(rows);
    found = Freshest(snapshot, near, n);
    rows.AndNot(near);
  }
  if (found.size() < n) {
    const std::vector<RowId> rest = Freshest(snapshot, rows, n - found.size());
    found.insert(found.end(), rest.begin(), rest.end());
  }
  return found;
}

absl::Status FillSimilarities(const Snapshot& snapshot,
                              const ProfileQuery& query,
                              Candidates& candidates) {
  candidates.similarities.resize(candidates.rows.size());
  if (query.embedding.empty() || IsEmptyEmbedding(query.embedding)) {
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<float>> similarities =
      snapshot.Similarities(query.embedding, candidates.rows);
  if (!similarities.ok()) return similarities.status();
  for (size_t i = 0; i < candidates.rows.size(); ++i) {
    // Exactly 0 is the similarity of a posting without usable text.
    const float similarity = (*similarities)[i];
    if (similarity != 0 ||
        !IsEmptyEmbedding(snapshot.Vector(candidates.rows[i]))) {
      candidates.similarities[i] = similarity;
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<RowId> Freshest(const Snapshot& snapshot, const RowSet& pool,
                            size_t n) {
  std::vector<DatedRow> dated;
  pool.ForEach([&](RowId row) {
    dated.push_back({snapshot.Scalar(kPublishDayColumn, row), 0, row});
  });
  if (dated.size() > n) {
    // The last day that is taken whole or in part.
    std::nth_element(
        dated.begin(), dated.begin() + n, dated.end(),
        [](const DatedRow& a, const DatedRow& b) { return a.day > b.day; });
    const int32_t last_day = dated[n].day;
    const auto cut = std::partition(
        dated.begin(), dated.end(),
        [&](const DatedRow& row) { return row.day >= last_day; });
    dated.erase(cut, dated.end());
  }
  for (DatedRow& row : dated) {
    row.canonical = snapshot.SetValues(kCanonicalColumn, row.row)[0];
  }
  const size_t kept = std::min(n, dated.size());
  std::partial_sort(dated.begin(), dated.begin() + kept, dated.end(),
                    [&](const DatedRow& a, const DatedRow& b) {
                      if (a.day != b.day) return a.day > b.day;
                      if (a.canonical != b.canonical) {
                        return a.canonical < b.canonical;
                      }
                      return snapshot.Id(a.row) < snapshot.Id(b.row);
                    });
  std::vector<RowId> rows;
  for (size_t i = 0; i < kept; ++i) rows.push_back(dated[i].row);
  return rows;
}

absl::StatusOr<Candidates> FindCandidates(const Snapshot& snapshot,
                                          const ProfileQuery& query,
                                          const RowSet& pool, SearchPlan plan,
                                          const CandidateOptions& options) {
  Candidates candidates;
  const size_t size = pool.Count();
  if (size <= options.by_similarity + options.by_function) {
    candidates.all = true;
    for (RowId row : pool) candidates.rows.push_back(row);
  } else {
    RowSet chosen(snapshot.rows());
    if (!query.embedding.empty() && !IsEmptyEmbedding(query.embedding)) {
      absl::StatusOr<std::vector<Neighbor>> near =
          snapshot.Search(query.embedding, options.by_similarity, pool, plan);
      if (!near.ok()) return near.status();
      for (const Neighbor& neighbor : *near) chosen.Set(neighbor.row);
    }
    for (RowId row :
         ByFunction(snapshot, query.features, pool, options.by_function)) {
      chosen.Set(row);
    }
    if (!chosen.Any()) {  // a profile that says next to nothing
      for (RowId row : Freshest(snapshot, pool, options.by_similarity)) {
        chosen.Set(row);
      }
    }
    for (RowId row : chosen) candidates.rows.push_back(row);
  }
  absl::Status status = FillSimilarities(snapshot, query, candidates);
  if (!status.ok()) return status;
  return candidates;
}

}  // namespace gradmatch
