#ifndef GRADMATCH_MATCHER_CANDIDATE_RANKER_H_
#define GRADMATCH_MATCHER_CANDIDATE_RANKER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gradmatch/v1/common.pb.h"
#include "gradmatch/v1/graduate.pb.h"
#include "index/snapshot.h"
#include "matcher/eligibility.h"
#include "matcher/features.h"
#include "matcher/ranking.h"
#include "matcher/rerank.h"
#include "matcher/retrieval_plan.h"

namespace gradmatch {

// A profile made ready for a snapshot's postings: what online matching and the
// push run share. A value; may be used by many threads.
struct ProfileQuery {
  EligibilityQuery eligibility;
  FeatureQuery features;
  Embedding embedding;  // empty or zeros: there is none
};
ProfileQuery CompileProfile(const v1::Profile& profile,
                            std::span<const float> embedding, absl::Time now,
                            std::span<const std::string> regions = {});

struct CandidateOptions {
  // Ranked rows wanted at most.
  size_t max_rows = 1000;
  // Rows retrieved by similarity.
  size_t by_similarity = 300;
  // Rows retrieved by job function, so that a weak embedding hides nothing
  // obvious: freshest first, ties by row.
  size_t by_function = 300;
  bool include_conditional = true;
  // Duplicate groups that are not to be found, as values of kCanonicalColumn.
  // Borrowed.
  std::span<const uint64_t> left_out;
  PlanOptions plan;
};

struct CandidateList {
  std::vector<RankedRow> rows;  // best first, ties by posting name
  EligibleRows selection;
  SearchPlan plan = SearchPlan::kExactScan;
  // True when every row that passed was scored.
  bool exact = false;
  // Rows that passed and were left out on request.
  size_t left_out = 0;
};

// Asked between stages; true ends the work with the status it should end with.
using StopCheck = std::function<absl::Status()>;

// Takes the live rows of these duplicate groups out of `pool`; how many.
size_t TakeOut(const Snapshot& snapshot, std::span<const uint64_t> groups,
               RowSet& pool);

// Eligible rows -> candidates -> score, from columns and embeddings alone: no
// record is read. Deterministic: a pure function of the snapshot's records and
// the query. Thread-safe. InvalidArgument when the embedding does not fit.
absl::StatusOr<CandidateList> RankCandidates(
    const Snapshot& snapshot, const ProfileQuery& query,
    const CandidateOptions& options = {},
    const RankerWeights& weights = DefaultWeights(),
    const StopCheck& stop = nullptr);

// One row, scored as RankCandidates does.
absl::StatusOr<RankedRow> ScoreRow(
    const Snapshot& snapshot, const ProfileQuery& query, RowId row,
    const RankerWeights& weights = DefaultWeights());

// --- For the few that were chosen ---

// The features of one pair; the posting need not be in a snapshot.
// `posting_embedding` may be empty.
Features PairFeatures(const ProfileQuery& query, const v1::Posting& posting,
                      std::span<const float> posting_embedding);
// The same for many graduates and one posting, whose columns were made once.
Features PairFeatures(const FeatureQuery& query,
                      std::span<const float> embedding,
                      const RowAttributes& posting,
                      std::span<const float> posting_embedding);

struct PairTexts {
  Features features;
  std::vector<v1::Reason> reasons;
  v1::Eligibility eligibility;
};
// Reasons and eligibility of a row whose record was read; `profile` is the one
// `query` was compiled from.
absl::StatusOr<PairTexts> ReasonsFor(
    const Snapshot& snapshot, const ProfileQuery& query,
    const v1::Profile& profile, RowId row, const v1::Posting& posting,
    absl::Time now, const RankerWeights& weights = DefaultWeights());

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_CANDIDATE_RANKER_H_
