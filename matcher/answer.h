#ifndef GRADMATCH_MATCHER_ANSWER_H_
#define GRADMATCH_MATCHER_ANSWER_H_

#include <cstdint>
#include <optional>
#include <span>

#include "absl/status/statusor.h"
#include "gradmatch/v1/match_service.pb.h"
#include "index/catalog.h"
#include "matcher/candidate_ranker.h"

namespace gradmatch {

// The parts of an answer. Pure functions.

// Counts, versions and the sentence that explains an empty answer.
v1::MatchTrace MakeTrace(const Snapshot& snapshot, const CandidateList& list,
                         const RankerWeights& weights);

// The posting of a record that was read for an answer, its etag filled; nullopt
// when it is gone or no longer open. DataLoss when it does not parse.
absl::StatusOr<std::optional<v1::Posting>> ReadPosting(
    const std::optional<Record>& record);

// All of `match` but the rank. The posting loses its long texts: description,
// requirements, benefits. `weights`: gives the features too.
void FillMatch(const Score& score, PairTexts texts,
               const RankerWeights* weights, v1::Posting posting,
               v1::Match& match);

// --- Without personalisation ---

// "place-time-1": place of work and freshness, nothing else.
const RankerWeights& PlaceAndTimeWeights();

// Postings that are open and visible, those at the places of `query` first,
// each part the latest first. At most `max_rows`, none of the groups
// `left_out`.
CandidateList ListByPlaceAndTime(const Snapshot& snapshot,
                                 const ProfileQuery& query, size_t max_rows,
                                 std::span<const uint64_t> left_out = {});

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_ANSWER_H_
