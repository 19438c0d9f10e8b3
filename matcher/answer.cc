#include "matcher/answer.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "matcher/candidates.h"

namespace gradmatch {
namespace {

RankedRow RowByPlaceAndTime(const Snapshot& snapshot, const ProfileQuery& query,
                            RowId row) {
  const RowAttributes attributes(snapshot, row);
  RankedRow ranked;
  ranked.row = row;
  ranked.score =
      ComputeScore(PlaceAndTimeWeights(),
                   ComputeFeatures(query.features, attributes, std::nullopt));
  ranked.score.fits = 1;
  ranked.score.score = ranked.score.wants;
  ranked.canonical = attributes.Set(kCanonicalColumn)[0];
  ranked.employer = attributes.Set(kEmployerColumn)[0];
  return ranked;
}

void Append(const Snapshot& snapshot, const ProfileQuery& query,
            const std::vector<RowId>& rows, CandidateList& list) {
  for (RowId row : rows) {
    list.rows.push_back(RowByPlaceAndTime(snapshot, query, row));
  }
}

std::vector<uint64_t> PlaceKeys(const FeatureQuery& query) {
  std::vector<uint64_t> keys;
  for (const auto& [key, worth] : query.places) {
    if (worth >= 1) keys.push_back(key);
  }
  return keys;
}

}  // namespace

v1::MatchTrace MakeTrace(const Snapshot& snapshot, const CandidateList& list,
                         const RankerWeights& weights) {
  v1::MatchTrace trace;
  v1::AnswerVersions& versions = *trace.mutable_versions();
  versions.set_generation(static_cast<int64_t>(snapshot.generation()));
  versions.set_encoder(snapshot.encoder_id());
  versions.set_ranker(std::string(weights.version));
  trace.set_plan(std::string(PlanName(list.plan)));
  trace.set_exact(list.exact);
  const EligibleRows& rows = list.selection;
  trace.set_considered(static_cast<int64_t>(rows.considered));
  trace.set_eligible(
      static_cast<int64_t>(rows.eligible.Count() + rows.conditional.Count()));
  for (v1::FilteredCount& count : DescribeFiltered(rows)) {
    *trace.add_filtered() = std::move(count);
  }
  trace.set_summary_zh(SummariseFiltered(rows));
  if (list.left_out > 0) {
    v1::FilteredCount& count = *trace.add_filtered();
    count.set_code("DISMISSED");
    count.set_count(static_cast<int64_t>(list.left_out));
    count.set_text_zh("已标记不感兴趣");
    trace.set_summary_zh(
        absl::StrCat(trace.summary_zh(), "；已标记不感兴趣 ", list.left_out));
  }
  return trace;
}

absl::StatusOr<std::optional<v1::Posting>> ReadPosting(
    const std::optional<Record>& record) {
  if (!record.has_value() || record->head.tombstone) return std::nullopt;
  v1::Posting posting;
  if (!posting.ParseFromString(record->payload)) {
    return MakeError(absl::StatusCode::kDataLoss, kDataLoss,
                     "a stored posting does not parse; run gradmatch check");
  }
  if (!IsSearchable(posting)) return std::nullopt;
  posting.set_etag(record->head.etag);
  return posting;
}

void FillMatch(const Score& score, PairTexts texts,
               const RankerWeights* weights, v1::Posting posting,
               v1::Match& match) {
  match.set_score(score.score);
  match.set_wants_score(score.wants);
  match.set_fits_score(score.fits);
  for (v1::Reason& reason : texts.reasons) {
    *match.add_reasons() = std::move(reason);
  }
  *match.mutable_eligibility() = std::move(texts.eligibility);
  if (weights != nullptr) {
    for (v1::Feature& feature : DescribeFeatures(*weights, texts.features)) {
      *match.add_features() = std::move(feature);
    }
  }
  posting.clear_description();
  posting.clear_requirements();
  posting.clear_benefits();
  *match.mutable_posting() = std::move(posting);
}

const RankerWeights& PlaceAndTimeWeights() {
  static const RankerWeights& weights = *[] {
    auto* w = new RankerWeights{.version = "place-time-1"};
    w->wants[static_cast<size_t>(FeatureId::kPlaceMatch)] = 0.6f;
    w->wants[static_cast<size_t>(FeatureId::kFreshness)] = 0.4f;
    return w;
  }();
  return weights;
}

CandidateList ListByPlaceAndTime(const Snapshot& snapshot,
                                 const ProfileQuery& query, size_t max_rows,
                                 std::span<const uint64_t> left_out) {
  CandidateList list;
  list.selection = SelectEligible(snapshot, query.eligibility);
  list.exact = true;
  RowSet pool = list.selection.eligible;
  pool.Or(list.selection.conditional);
  list.left_out = TakeOut(snapshot, left_out, pool);
  RowSet near =
      snapshot.SetContainsAny(kPlaceColumn, PlaceKeys(query.features));
  near.And(pool);
  Append(snapshot, query, Freshest(snapshot, near, max_rows), list);
  pool.AndNot(near);
  Append(snapshot, query, Freshest(snapshot, pool, max_rows - list.rows.size()),
         list);
  return list;
}

}  // namespace gradmatch
