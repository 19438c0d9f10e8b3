#include "matcher/matcher.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "matcher/answer.h"
#include "matcher/candidates.h"
#include "matcher/encoder_input.h"
#include "matcher/reasons.h"
#include "matcher/text_query.h"

namespace gradmatch {
namespace {

std::span<const RankedRow> Page(const std::vector<RankedRow>& rows,
                                const MatchOptions& options) {
  const size_t begin = std::min(options.offset, rows.size());
  const size_t end = std::min(rows.size(), begin + options.limit);
  return std::span(rows).subspan(begin, end - begin);
}

// The snapshot a call reads with, kept alive for the call.
class SnapshotInUse {
 public:
  SnapshotInUse(const Catalog& catalog, const MatchOptions& options)
      : own_(options.snapshot == nullptr ? catalog.CurrentSnapshot() : nullptr),
        used_(own_ == nullptr ? options.snapshot : own_.get()) {}
  const Snapshot& operator*() const { return *used_; }

 private:
  const std::shared_ptr<const Snapshot> own_;
  const Snapshot* const used_;
};

absl::Status Asked(const StopCheck& stop) {
  return stop ? stop() : absl::OkStatus();
}

}  // namespace

absl::StatusOr<Recommendation> Matcher::Match(const v1::Graduate& graduate,
                                              const MatchOptions& options,
                                              absl::Time now) const {
  if (absl::Status s = CheckServed(graduate); !s.ok()) return s;
  MatchOptions own = options;
  const std::vector<int> muted = MutedPostingKinds(graduate.preferences());
  own.muted_posting_kinds.insert(own.muted_posting_kinds.end(), muted.begin(),
                                 muted.end());
  return IsPersonalised(graduate)
             ? Personalised(ReadProfile(graduate), own, now)
             : ByPlaceAndTime(PlacesInUse(graduate), own, now);
}

v1::Profile Matcher::ReadProfile(const v1::Graduate& graduate) const {
  profile_reads_.fetch_add(1, std::memory_order_relaxed);
  if (!IsPersonalised(graduate)) {
    profile_reads_without_.fetch_add(1, std::memory_order_relaxed);
  }
  return ProfileInUse(graduate);
}

absl::StatusOr<Recommendation> Matcher::Search(const v1::Profile& profile,
                                               const MatchOptions& options,
                                               absl::Time now) const {
  return Personalised(profile, options, now);
}

absl::StatusOr<Recommendation> Matcher::SearchText(std::string_view text,
                                                   const MatchOptions& options,
                                                   absl::Time now) const {
  absl::StatusOr<v1::Profile> profile = ProfileOfText(text);
  if (!profile.ok()) return profile.status();
  return Personalised(*profile, options, now);
}

absl::StatusOr<Recommendation> Matcher::Personalised(
    const v1::Profile& profile, const MatchOptions& options,
    absl::Time now) const {
  absl::StatusOr<Embedding> embedding = EncodeProfile(encoder_, profile);
  if (!embedding.ok()) return embedding.status();
  ProfileQuery query =
      CompileProfile(profile, *embedding, now, options.regions);
  query.eligibility.muted_posting_kinds = options.muted_posting_kinds;
  if (absl::Status s = Asked(options.stop); !s.ok()) return s;

  const SnapshotInUse snapshot(catalog_, options);
  CandidateOptions candidates = options_.candidates;
  candidates.include_conditional = !options.eligible_only;
  candidates.max_rows = options_.max_ranked;
  candidates.left_out = options.left_out;
  absl::StatusOr<CandidateList> list =
      RankCandidates(*snapshot, query, candidates, weights_, options.stop);
  if (!list.ok()) return list.status();
  Rerank(options_.rerank, list->rows);

  absl::StatusOr<std::vector<v1::Match>> matches = ReadPage(
      *snapshot, query, profile, Page(list->rows, options), options, now);
  if (!matches.ok()) return matches.status();
  return Recommendation{*std::move(matches),
                        MakeTrace(*snapshot, *list, weights_),
                        list->rows.size()};
}

absl::StatusOr<Recommendation> Matcher::ByPlaceAndTime(
    const v1::Profile& places, const MatchOptions& options,
    absl::Time now) const {
  ProfileQuery query = CompileProfile(places, {}, now, options.regions);
  query.eligibility.muted_posting_kinds = options.muted_posting_kinds;
  const SnapshotInUse snapshot(catalog_, options);
  CandidateList list = ListByPlaceAndTime(*snapshot, query, options_.max_ranked,
                                          options.left_out);
  if (absl::Status s = Asked(options.stop); !s.ok()) return s;
  Rerank(options_.rerank, list.rows);

  absl::StatusOr<std::vector<v1::Match>> matches = ReadPage(
      *snapshot, query, places, Page(list.rows, options), options, now);
  if (!matches.ok()) return matches.status();
  // Nothing of the profile was read, so nothing was decided about it.
  for (v1::Match& match : *matches) match.clear_eligibility();
  Recommendation answer{*std::move(matches),
                        MakeTrace(*snapshot, list, PlaceAndTimeWeights()),
                        list.rows.size()};
  answer.trace.set_non_personalised(true);
  answer.trace.set_plan("PLACE_AND_TIME");
  return answer;
}

absl::StatusOr<std::vector<v1::Match>> Matcher::ReadPage(
    const Snapshot& snapshot, const ProfileQuery& query,
    const v1::Profile& profile, std::span<const RankedRow> page,
    const MatchOptions& options, absl::Time now) const {
  std::vector<std::string> keys;
  for (const RankedRow& row : page) {
    keys.push_back(PostingKeyOfName(snapshot.Id(row.row)).value_or(""));
  }
  absl::StatusOr<std::vector<std::optional<Record>>> records =
      options.read ? options.read(keys)
                   : catalog_.MultiGet(CollectionId::kPostings, keys);
  if (!records.ok()) return records.status();
  if (absl::Status s = Asked(options.stop); !s.ok()) return s;

  std::vector<v1::Match> matches;
  for (size_t i = 0; i < page.size(); ++i) {
    absl::StatusOr<std::optional<v1::Posting>> posting =
        ReadPosting((*records)[i]);
    if (!posting.ok()) return posting.status();
    // Closed since the snapshot was taken: the page is one shorter.
    if (!posting->has_value()) continue;
    absl::StatusOr<PairTexts> texts = ReasonsFor(
        snapshot, query, profile, page[i].row, **posting, now, weights_);
    if (!texts.ok()) return texts.status();
    v1::Match& match = matches.emplace_back();
    FillMatch(page[i].score, *std::move(texts),
              options.include_features ? &weights_ : nullptr,
              **std::move(posting), match);
    match.set_rank(static_cast<int32_t>(options.offset + i + 1));
  }
  return matches;
}

}  // namespace gradmatch
