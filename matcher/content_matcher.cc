#include "matcher/content_matcher.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/keys.h"
#include "matcher/content_reasons.h"
#include "matcher/eligibility.h"
#include "matcher/encoder_input.h"
#include "matcher/profile_in_use.h"

namespace gradmatch {
namespace {

std::string KeyOfRow(const Snapshot& snapshot, RowId row) {
  const std::string_view name = snapshot.Id(row);
  return ContentKey(name.substr(name.find('/') + 1));
}

int CountFitting(const Snapshot& postings, const RowSet& eligible,
                 const v1::EventDetails& event, size_t most) {
  int fitting = 0;
  const size_t looked_at =
      std::min(most, static_cast<size_t>(event.postings_size()));
  for (size_t i = 0; i < looked_at; ++i) {
    const auto row = postings.Find(event.postings(static_cast<int>(i)));
    fitting += row.has_value() && eligible.Test(*row) ? 1 : 0;
  }
  return fitting;
}

absl::Status Asked(const StopCheck& stop) {
  return stop ? stop() : absl::OkStatus();
}

}  // namespace

absl::StatusOr<ContentRecommendation> ContentMatcher::Match(
    const v1::Graduate& graduate, const ContentMatchOptions& options,
    absl::Time now) const {
  if (absl::Status s = CheckServed(graduate); !s.ok()) return s;
  const v1::Preferences& preferences = graduate.preferences();
  const auto snapshot = catalog_.CurrentSnapshot(CollectionId::kContents);
  if (!IsPersonalised(graduate)) {
    ContentQuery query = CompilePlaceQuery(PlacesInUse(graduate), preferences,
                                           options.kinds, now);
    query.left_out = options.left_out;
    auto ranked =
        RankContent(*snapshot, query, options_.max_ranked, options.stop);
    if (!ranked.ok()) return ranked.status();
    return Answer(query, *std::move(ranked), *snapshot, options, now);
  }
  profile_reads_.fetch_add(1, std::memory_order_relaxed);
  if (!IsPersonalised(graduate)) {
    profile_reads_without_.fetch_add(1, std::memory_order_relaxed);
  }
  const v1::Profile profile = ProfileInUse(graduate);
  const absl::StatusOr<Embedding> embedding = EncodeProfile(encoder_, profile);
  if (!embedding.ok()) return embedding.status();
  ContentQuery query =
      CompileContentQuery(profile, preferences, *embedding, options.kinds, now);
  query.left_out = options.left_out;
  auto ranked =
      RankContent(*snapshot, query, options_.max_ranked, options.stop);
  if (!ranked.ok()) return ranked.status();
  if (absl::Status s = Asked(options.stop); !s.ok()) return s;
  if (absl::Status s = CountPostings(profile, *snapshot, now, *ranked);
      !s.ok()) {
    return s;
  }
  SortContent(*snapshot, ranked->size(), *ranked);
  return Answer(query, *std::move(ranked), *snapshot, options, now);
}

// Within the ranked list only: what an event gains moves it up there, and no
// event is worth reading for which the list has no room.
absl::Status ContentMatcher::CountPostings(
    const v1::Profile& profile, const Snapshot& snapshot, absl::Time now,
    std::vector<RankedContent>& ranked) const {
  std::vector<RankedContent*> events;
  for (RankedContent& content : ranked) {
    if (events.size() == options_.max_events) break;
    if (snapshot.Scalar(kContentPostingsColumn, content.row) > 0) {
      events.push_back(&content);
    }
  }
  if (events.empty()) return absl::OkStatus();
  const auto contents = Read(snapshot, events);
  if (!contents.ok()) return contents.status();
  const auto postings = catalog_.CurrentSnapshot(CollectionId::kPostings);
  const RowSet eligible =
      SelectEligible(*postings, CompileEligibility(profile, now)).eligible;
  for (size_t i = 0; i < events.size(); ++i) {
    AddPostings(CountFitting(*postings, eligible, (*contents)[i].event(),
                             options_.max_event_postings),
                *events[i]);
  }
  return absl::OkStatus();
}

absl::StatusOr<ContentRecommendation> ContentMatcher::Answer(
    const ContentQuery& query, std::vector<RankedContent> ranked,
    const Snapshot& snapshot, const ContentMatchOptions& options,
    absl::Time now) const {
  ContentRecommendation answer;
  answer.ranked = ranked.size();
  answer.non_personalised = !query.personalised;
  answer.generation = snapshot.generation();
  answer.ranker = ContentRankerVersion(query);
  std::vector<const RankedContent*> page;
  for (size_t i = options.offset;
       i < ranked.size() && page.size() < options.limit; ++i) {
    page.push_back(&ranked[i]);
  }
  auto contents = Read(snapshot, page);
  if (!contents.ok()) return contents.status();
  if (absl::Status s = Asked(options.stop); !s.ok()) return s;
  for (size_t i = 0; i < page.size(); ++i) {
    v1::Content& content = (*contents)[i];
    // Withdrawn since the snapshot was taken: the page is one shorter.
    if (!IsSearchable(content)) continue;
    v1::ContentMatch& match = answer.matches.emplace_back();
    match.set_rank(static_cast<int32_t>(options.offset + i + 1));
    match.set_score(page[i]->score);
    for (v1::Reason& reason : ContentReasons(query, content, *page[i], now)) {
      *match.add_reasons() = std::move(reason);
    }
    content.clear_text();
    *match.mutable_content() = std::move(content);
  }
  return answer;
}

// One a row, in order; empty where the record has gone.
absl::StatusOr<std::vector<v1::Content>> ContentMatcher::Read(
    const Snapshot& snapshot,
    std::span<const RankedContent* const> ranked) const {
  std::vector<std::string> keys;
  for (const RankedContent* content : ranked) {
    keys.push_back(KeyOfRow(snapshot, content->row));
  }
  const auto records = catalog_.MultiGet(CollectionId::kContents, keys);
  if (!records.ok()) return records.status();
  std::vector<v1::Content> contents(ranked.size());
  for (size_t i = 0; i < ranked.size(); ++i) {
    const std::optional<Record>& record = (*records)[i];
    if (!record.has_value() || !record->head.exists) continue;
    if (!contents[i].ParseFromString(record->payload)) {
      return MakeError(absl::StatusCode::kDataLoss, kDataLoss,
                       "stored content does not parse; run gradmatch check");
    }
    contents[i].set_name(std::string(snapshot.Id(ranked[i]->row)));
    contents[i].set_etag(record->head.etag);
  }
  return contents;
}

}  // namespace gradmatch
