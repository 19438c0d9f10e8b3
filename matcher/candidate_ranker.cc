#include "matcher/candidate_ranker.h"

#include <algorithm>

#include "index/dot_product.h"
#include "matcher/candidates.h"
#include "matcher/encoder.h"
#include "matcher/reasons.h"

namespace gradmatch {
namespace {

bool HasEmbedding(const ProfileQuery& query) {
  return !query.embedding.empty() && !IsEmptyEmbedding(query.embedding);
}

bool Before(const Snapshot& snapshot, const RankedRow& a, const RankedRow& b) {
  if (a.score.score != b.score.score) return a.score.score > b.score.score;
  return snapshot.Id(a.row) < snapshot.Id(b.row);
}

RankedRow Rank(const Snapshot& snapshot, const ProfileQuery& query, RowId row,
               std::optional<float> similarity, const RankerWeights& weights) {
  const RowAttributes attributes(snapshot, row);
  RankedRow ranked;
  ranked.row = row;
  ranked.score = ComputeScore(
      weights, ComputeFeatures(query.features, attributes, similarity));
  ranked.canonical = attributes.Set(kCanonicalColumn)[0];
  ranked.employer = attributes.Set(kEmployerColumn)[0];
  return ranked;
}

absl::StatusOr<std::optional<float>> SimilarityOf(const Snapshot& snapshot,
                                                  const ProfileQuery& query,
                                                  RowId row) {
  if (!HasEmbedding(query) || IsEmptyEmbedding(snapshot.Vector(row))) {
    return std::nullopt;
  }
  absl::StatusOr<std::vector<float>> similarities =
      snapshot.Similarities(query.embedding, {&row, 1});
  if (!similarities.ok()) return similarities.status();
  return similarities->front();
}

absl::Status Asked(const StopCheck& stop) {
  return stop ? stop() : absl::OkStatus();
}

}  // namespace

ProfileQuery CompileProfile(const v1::Profile& profile,
                            std::span<const float> embedding, absl::Time now,
                            std::span<const std::string> regions) {
  return {CompileEligibility(profile, now, regions),
          CompileFeatures(profile, now),
          Embedding(embedding.begin(), embedding.end())};
}

size_t TakeOut(const Snapshot& snapshot, std::span<const uint64_t> groups,
               RowSet& pool) {
  if (groups.empty()) return 0;
  const size_t before = pool.Count();
  pool.AndNot(snapshot.SetContainsAny(kCanonicalColumn, groups));
  return before - pool.Count();
}

absl::StatusOr<CandidateList> RankCandidates(const Snapshot& snapshot,
                                             const ProfileQuery& query,
                                             const CandidateOptions& options,
                                             const RankerWeights& weights,
                                             const StopCheck& stop) {
  CandidateList list;
  list.selection = SelectEligible(snapshot, query.eligibility);
  if (absl::Status s = Asked(stop); !s.ok()) return s;

  RowSet pool = list.selection.eligible;
  if (options.include_conditional) pool.Or(list.selection.conditional);
  list.left_out = TakeOut(snapshot, options.left_out, pool);
  list.plan = ChoosePlan({snapshot.live_rows(), pool.Count()}, options.plan);
  absl::StatusOr<Candidates> candidates =
      FindCandidates(snapshot, query, pool, list.plan, options);
  if (!candidates.ok()) return candidates.status();
  list.exact = candidates->all;
  if (absl::Status s = Asked(stop); !s.ok()) return s;

  list.rows.reserve(candidates->rows.size());
  for (size_t i = 0; i < candidates->rows.size(); ++i) {
    const RowId row = candidates->rows[i];
    RankedRow& ranked = list.rows.emplace_back(
        Rank(snapshot, query, row, candidates->similarities[i], weights));
    ranked.conditional = list.selection.conditional.Test(row);
  }
  const size_t kept = std::min(options.max_rows, list.rows.size());
  std::partial_sort(list.rows.begin(), list.rows.begin() + kept,
                    list.rows.end(),
                    [&](const RankedRow& a, const RankedRow& b) {
                      return Before(snapshot, a, b);
                    });
  list.rows.resize(kept);
  return list;
}

absl::StatusOr<RankedRow> ScoreRow(const Snapshot& snapshot,
                                   const ProfileQuery& query, RowId row,
                                   const RankerWeights& weights) {
  absl::StatusOr<std::optional<float>> similarity =
      SimilarityOf(snapshot, query, row);
  if (!similarity.ok()) return similarity.status();
  RankedRow ranked = Rank(snapshot, query, row, *similarity, weights);
  ranked.conditional =
      Overall(CheckRow(query.eligibility, RowAttributes(snapshot, row))) !=
      Verdict::kMet;
  return ranked;
}

Features PairFeatures(const ProfileQuery& query, const v1::Posting& posting,
                      std::span<const float> posting_embedding) {
  const AttributeRow row = PostingAttributes(posting, /*sandbox=*/false);
  return PairFeatures(query.features, query.embedding, RowAttributes(row),
                      posting_embedding);
}

Features PairFeatures(const FeatureQuery& query,
                      std::span<const float> embedding,
                      const RowAttributes& posting,
                      std::span<const float> posting_embedding) {
  std::optional<float> similarity;
  if (!embedding.empty() && posting_embedding.size() == embedding.size() &&
      !IsEmptyEmbedding(embedding) && !IsEmptyEmbedding(posting_embedding)) {
    similarity = DotProduct(embedding.data(), posting_embedding.data(),
                            embedding.size());
  }
  return ComputeFeatures(query, posting, similarity);
}

absl::StatusOr<PairTexts> ReasonsFor(const Snapshot& snapshot,
                                     const ProfileQuery& query,
                                     const v1::Profile& profile, RowId row,
                                     const v1::Posting& posting, absl::Time now,
                                     const RankerWeights& weights) {
  absl::StatusOr<std::optional<float>> similarity =
      SimilarityOf(snapshot, query, row);
  if (!similarity.ok()) return similarity.status();
  const RowAttributes attributes(snapshot, row);
  PairTexts texts;
  texts.features = ComputeFeatures(query.features, attributes, *similarity);
  texts.reasons =
      MakeReasons(weights, texts.features, profile, posting, attributes, now);
  texts.eligibility = DescribeFindings(
      query.eligibility, CheckRow(query.eligibility, attributes), posting);
  return texts;
}

}  // namespace gradmatch
