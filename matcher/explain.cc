// Matcher::Explain: everything about one pair.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "index/base/strings.h"
#include "matcher/answer.h"
#include "matcher/encoder_input.h"
#include "matcher/matcher.h"
#include "matcher/reasons.h"

namespace gradmatch {
namespace {

std::string Join(
    const google::protobuf::RepeatedPtrField<v1::Reason>& reasons) {
  std::string text;
  for (const v1::Reason& reason : reasons) {
    absl::StrAppend(&text, text.empty() ? "" : "；", reason.text_zh());
  }
  return text;
}

std::string OutcomeSentence(const v1::Eligibility& eligibility) {
  switch (eligibility.outcome()) {
    case v1::Eligibility::OUTCOME_ELIGIBLE:
      return "符合全部硬性要求。";
    case v1::Eligibility::OUTCOME_CONDITIONAL:
      return absl::StrCat("有待核对的条件：", Join(eligibility.conditions()),
                          "。");
    default:
      return absl::StrCat("不符合要求：", Join(eligibility.reasons()), "。");
  }
}

// What a reader of the four figures wants to know, best first.
std::string Summary(std::string text, const v1::Match& match, size_t ranked) {
  absl::StrAppend(&text, absl::StrFormat("匹配度 %.2f（意愿 %.2f × 适合 %.2f）",
                                         match.score(), match.wants_score(),
                                         match.fits_score()));
  if (match.rank() > 0) {
    absl::StrAppend(&text, "，在推荐列表的 ", ranked, " 个岗位中排第 ",
                    match.rank(), " 位。");
  } else {
    absl::StrAppend(&text, "，不在推荐列表内。");
  }
  if (!match.reasons().empty()) {
    absl::StrAppend(&text, "推荐理由：", Join(match.reasons()), "。");
  }
  return text;
}

int32_t RankOf(const Snapshot& snapshot, const CandidateList& list,
               const v1::Posting& posting) {
  const auto at = std::find_if(
      list.rows.begin(), list.rows.end(), [&](const RankedRow& ranked) {
        return snapshot.Id(ranked.row) == posting.name();
      });
  return at == list.rows.end()
             ? 0
             : static_cast<int32_t>(at - list.rows.begin()) + 1;
}

// A major that is refused is worth nothing, not the neutral value.
void CorrectRefused(const Findings& findings, Features& features) {
  const auto failed = [&](Requirement requirement) {
    return findings[static_cast<size_t>(requirement)].verdict ==
           Verdict::kFailed;
  };
  if (failed(Requirement::kMajor) && features.Known(FeatureId::kMajorDepth)) {
    features[FeatureId::kMajorDepth] = 0;
  }
  if (failed(Requirement::kDegree) && features.Known(FeatureId::kDegreeFit)) {
    features[FeatureId::kDegreeFit] = 0;
  }
}

}  // namespace

absl::StatusOr<v1::ExplainMatchResponse> Matcher::Explain(
    const v1::Graduate& graduate, const v1::Posting& posting, absl::Time now,
    std::span<const uint64_t> left_out) const {
  if (absl::Status s = CheckServed(graduate); !s.ok()) return s;
  const std::vector<int> muted = MutedPostingKinds(graduate.preferences());
  if (!IsPersonalised(graduate)) {
    return ExplainByPlaceAndTime(PlacesInUse(graduate), muted, posting, now,
                                 left_out);
  }
  const v1::Profile profile = ReadProfile(graduate);
  absl::StatusOr<Embedding> embedding = EncodeProfile(encoder_, profile);
  if (!embedding.ok()) return embedding.status();
  absl::StatusOr<Embedding> posting_embedding =
      EncodePosting(encoder_, posting);
  if (!posting_embedding.ok()) return posting_embedding.status();
  ProfileQuery query = CompileProfile(profile, *embedding, now);
  query.eligibility.muted_posting_kinds = muted;
  const AttributeRow attributes = PostingAttributes(posting, false);
  const RowAttributes row(attributes);

  PairTexts texts;
  texts.features = PairFeatures(query, posting, *posting_embedding);
  CorrectRefused(CheckRow(query.eligibility, row), texts.features);
  texts.reasons =
      MakeReasons(weights_, texts.features, profile, posting, row, now);
  texts.eligibility = CheckEligibility(query.eligibility, posting);

  const std::shared_ptr<const Snapshot> snapshot = catalog_.CurrentSnapshot();
  CandidateOptions candidates = options_.candidates;
  candidates.max_rows = options_.max_ranked;
  candidates.left_out = left_out;
  absl::StatusOr<CandidateList> list =
      RankCandidates(*snapshot, query, candidates, weights_);
  if (!list.ok()) return list.status();
  Rerank(options_.rerank, list->rows);

  v1::ExplainMatchResponse response;
  *response.mutable_versions() =
      MakeTrace(*snapshot, *list, weights_).versions();
  v1::Match& match = *response.mutable_match();
  FillMatch(ComputeScore(weights_, texts.features), texts, &weights_, posting,
            match);
  match.set_rank(RankOf(*snapshot, *list, posting));
  response.set_summary_zh(
      Summary(OutcomeSentence(match.eligibility()), match, list->rows.size()));
  return response;
}

v1::ExplainMatchResponse Matcher::ExplainByPlaceAndTime(
    const v1::Profile& places, const std::vector<int>& muted_posting_kinds,
    const v1::Posting& posting, absl::Time now,
    std::span<const uint64_t> left_out) const {
  ProfileQuery query = CompileProfile(places, {}, now);
  query.eligibility.muted_posting_kinds = muted_posting_kinds;
  const std::shared_ptr<const Snapshot> snapshot = catalog_.CurrentSnapshot();
  CandidateList list =
      ListByPlaceAndTime(*snapshot, query, options_.max_ranked, left_out);
  Rerank(options_.rerank, list.rows);

  const RankerWeights& weights = PlaceAndTimeWeights();
  const AttributeRow attributes = PostingAttributes(posting, false);
  PairTexts texts;
  texts.features = PairFeatures(query, posting, {});
  texts.reasons = MakeReasons(weights_, texts.features, places, posting,
                              RowAttributes(attributes), now);
  texts.eligibility = CheckEligibility(query.eligibility, posting);
  // What the profile says was not read: that is no condition.
  texts.eligibility.clear_conditions();
  const bool refused = !texts.eligibility.reasons().empty();
  Score score = ComputeScore(weights, texts.features);
  score.fits = 1;
  score.score = score.wants;

  v1::ExplainMatchResponse response;
  *response.mutable_versions() = MakeTrace(*snapshot, list, weights).versions();
  v1::Match& match = *response.mutable_match();
  FillMatch(score, std::move(texts), &weights, posting, match);
  std::string outcome =
      refused ? OutcomeSentence(match.eligibility())
              : "已关闭个性化推荐，只按地点和发布时间排序，未核对硬性要求。";
  if (!refused) match.clear_eligibility();
  match.set_rank(RankOf(*snapshot, list, posting));
  response.set_summary_zh(Summary(std::move(outcome), match, list.rows.size()));
  return response;
}

}  // namespace gradmatch
