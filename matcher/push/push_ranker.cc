#include "matcher/push/push_ranker.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "matcher/candidate_ranker.h"
#include "matcher/encoder_input.h"
#include "matcher/matcher.h"

namespace gradmatch {
namespace {

// The profile as the graduate allows it to be used, ready for scoring.
struct Compiled {
  v1::Profile profile;
  ProfileQuery query;
};

class MatcherPushRanker : public PushRanker {
 public:
  explicit MatcherPushRanker(const Encoder& encoder) : encoder_(encoder) {}

  absl::StatusOr<std::vector<PushCandidate>> Candidates(
      const Snapshot& snapshot, const PushSubject& subject, int max,
      bool include_conditional, absl::Time now) const override {
    absl::StatusOr<Compiled> compiled = Compile(subject, now);
    if (!compiled.ok()) return compiled.status();
    CandidateOptions options;
    options.max_rows = static_cast<size_t>(max);
    options.by_similarity = std::max(options.by_similarity, options.max_rows);
    options.by_function = std::max(options.by_function, options.max_rows);
    options.include_conditional = include_conditional;
    absl::StatusOr<CandidateList> list =
        RankCandidates(snapshot, compiled->query, options);
    if (!list.ok()) return list.status();
    std::vector<PushCandidate> candidates;
    candidates.reserve(list->rows.size());
    absl::flat_hash_set<uint64_t> groups;
    for (const RankedRow& row : list->rows) {
      if (!groups.insert(row.canonical).second) continue;
      candidates.push_back({row.row, row.score.score, row.conditional});
    }
    return candidates;
  }

  absl::StatusOr<std::vector<PushDetails>> Details(
      const Snapshot& snapshot, const PushSubject& subject,
      std::span<const PushChoice> choices, absl::Time now) const override {
    absl::StatusOr<Compiled> compiled = Compile(subject, now);
    if (!compiled.ok()) return compiled.status();
    std::vector<PushDetails> all;
    for (const PushChoice& choice : choices) {
      absl::StatusOr<RankedRow> row =
          ScoreRow(snapshot, compiled->query, choice.row);
      if (!row.ok()) return row.status();
      absl::StatusOr<PairTexts> texts =
          ReasonsFor(snapshot, compiled->query, compiled->profile, choice.row,
                     *choice.posting, now);
      if (!texts.ok()) return texts.status();
      all.push_back({.score = row->score.score,
                     .wants_score = row->score.wants,
                     .fits_score = row->score.fits,
                     .reasons = std::move(texts->reasons),
                     // Of the record, which may be newer than its row.
                     .eligibility = CheckEligibility(
                         compiled->query.eligibility, *choice.posting)});
    }
    return all;
  }

  std::string_view version() const override { return DefaultWeights().version; }

 private:
  absl::StatusOr<Compiled> Compile(const PushSubject& subject,
                                   absl::Time now) const {
    Compiled compiled;
    compiled.profile = ProfileInUse(*subject.graduate);
    const bool tags = !subject.graduate->preferences().tags().empty();
    Embedding encoded;
    std::span<const float> embedding = subject.embedding;
    if (tags || embedding.empty()) {
      absl::StatusOr<Embedding> made =
          EncodeProfile(encoder_, compiled.profile);
      if (!made.ok()) return made.status();
      encoded = *std::move(made);
      embedding = encoded;
    }
    compiled.query = CompileProfile(compiled.profile, embedding, now);
    compiled.query.eligibility.muted_posting_kinds =
        MutedPostingKinds(subject.graduate->preferences());
    return compiled;
  }

  const Encoder& encoder_;
};

}  // namespace

std::unique_ptr<PushRanker> NewPushRanker(const Encoder& encoder) {
  return std::make_unique<MatcherPushRanker>(encoder);
}

}  // namespace gradmatch
