#include "matcher/content_ranker.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "index/base/clock.h"
#include "matcher/encoder.h"
#include "matcher/posting_keys.h"
#include "matcher/posting_schema.h"

namespace gradmatch {
namespace {

struct ContentWeights {
  std::string_view version;
  float audience = 0;
  float similarity = 0;
  float time = 0;
  float place = 0;
};
// By judgement, until there is feedback to learn from.
constexpr ContentWeights kWeights = {"content-1", 0.35f, 0.3f, 0.2f, 0.15f};
constexpr ContentWeights kPlaceTimeWeights = {"content-place-time-1", 0, 0,
                                              0.4f, 0.6f};
constexpr float kOpenShare = 0.6f;
constexpr float kOnline = 0.6f;
constexpr float kPostingsShare = 0.15f;
constexpr float kFullSimilarity = 0.5f;  // as for postings
constexpr float kHalfSpecificity = 3;    // this narrow is worth 0.5
constexpr double kSecondsPerDay = 86'400;
constexpr int32_t kForever = std::numeric_limits<int32_t>::max();

const ContentWeights& WeightsOf(const ContentQuery& query) {
  return query.personalised ? kWeights : kPlaceTimeWeights;
}

// Days after which publication counts half.
double HalfLife(int kind) {
  switch (kind) {
    case v1::CONTENT_KIND_POLICY:
      return 90;
    case v1::CONTENT_KIND_NEWS:
      return 14;
    default:
      return 30;
  }
}
constexpr double kStartHalfLife = 14;  // days until it takes place

uint32_t NotMuted(const v1::Preferences& preferences, uint32_t kinds) {
  for (const int kind : preferences.muted_kinds()) {
    if (kind > 0 && kind < 32) kinds &= ~(1u << kind);
  }
  return kinds & AllContentKinds();
}

// Wishes and home alike: both say where one can go.
KeyValues PlaceKeysOf(const v1::Profile& profile, absl::Time now) {
  v1::Profile places;
  *places.mutable_intent()->mutable_places() = profile.intent().places();
  if (profile.has_region()) {
    *places.mutable_intent()->add_places() = profile.region();
  }
  return CompileFeatures(places, now).places;
}

RowSet WantedRows(const Snapshot& snapshot, const ContentQuery& query) {
  RowSet rows(snapshot.rows());
  for (int kind = 1; kind < v1::ContentKind_ARRAYSIZE; ++kind) {
    if ((query.kinds >> kind & 1) == 0) continue;
    rows.Or(snapshot.ScalarInRange(kContentKindColumn, kind, kind));
  }
  rows.And(snapshot.live());
  rows.And(snapshot.ScalarInRange(kContentSandboxColumn, 0, 0));
  for (const size_t end : {kContentExpireColumn, kContentEndColumn}) {
    rows.And(snapshot.ScalarInRange(
        end, std::min(query.now_second, kForever - 1) + 1, kForever));
  }
  for (const std::string& name : query.left_out) {
    if (const auto row = snapshot.Find(name)) rows.Clear(*row);
  }
  return rows;
}

// Equal audiences are kept once a segment, so most are decided once a request.
class AudienceChecker {
 public:
  AudienceChecker(const Snapshot& snapshot, const AudienceFacts& facts)
      : snapshot_(snapshot), facts_(facts) {}

  AudienceFinding Check(RowId row) {
    const auto keys = snapshot_.SetValues(kContentAudienceColumn, row);
    if (keys.empty()) return {};
    const auto [it, first] = seen_.try_emplace(keys.data());
    if (first) it->second = CheckAudienceKeys(keys, facts_);
    return it->second;
  }

 private:
  const Snapshot& snapshot_;
  const AudienceFacts& facts_;
  std::unordered_map<const uint64_t*, AudienceFinding> seen_;
};

float TimeFeature(const Snapshot& snapshot, const ContentQuery& query,
                  RowId row) {
  const int32_t start = snapshot.Scalar(kContentStartColumn, row);
  if (start != 0) {
    const double days = std::max(
        0.0, (static_cast<double>(start) - query.now_second) / kSecondsPerDay);
    return static_cast<float>(std::exp2(-days / kStartHalfLife));
  }
  const int32_t published = snapshot.Scalar(kContentPublishColumn, row);
  if (published == 0) return RankedContent::kUnknown;
  const double age = std::max(0, query.today - published);
  const int kind = snapshot.Scalar(kContentKindColumn, row);
  return static_cast<float>(std::exp2(-age / HalfLife(kind)));
}

float PlaceFeature(const Snapshot& snapshot, const ContentQuery& query,
                   RowId row) {
  const bool online = snapshot.Scalar(kContentOnlineColumn, row) != 0;
  const auto keys = snapshot.SetValues(kContentPlaceColumn, row);
  const bool stated = keys.size() != 1 || keys[0] != kNotStatedKey;
  if (query.places.empty() || (!stated && !online)) {
    return RankedContent::kUnknown;
  }
  float best = online ? kOnline : 0;
  for (const auto& [key, worth] : query.places) {
    if (std::binary_search(keys.begin(), keys.end(), key)) {
      best = std::max(best, worth);
    }
  }
  return best;
}

float ScoreOf(const ContentQuery& query, const RankedContent& content) {
  const ContentWeights& weights = WeightsOf(query);
  const float narrow = static_cast<float>(content.audience.specificity);
  const std::pair<float, float> features[] = {
      {weights.audience, narrow / (narrow + kHalfSpecificity)},
      {weights.similarity, content.similarity},
      {weights.time, content.time},
      {weights.place, content.place}};
  float sum = 0, weight = 0;
  for (const auto& [w, value] : features) {
    if (value < 0) continue;
    sum += w * value;
    weight += w;
  }
  float score = weight == 0 ? 0.5f : sum / weight;
  // Without personalisation most audiences are open: that says nothing.
  if (query.personalised && content.audience.verdict == Verdict::kOpen) {
    score *= kOpenShare;
  }
  return score;
}

absl::Status FillSimilarities(const Snapshot& snapshot,
                              const ContentQuery& query,
                              std::vector<RankedContent>& contents) {
  if (query.embedding.empty() || IsEmptyEmbedding(query.embedding)) {
    return absl::OkStatus();
  }
  std::vector<RowId> rows;
  for (const RankedContent& content : contents) rows.push_back(content.row);
  const auto similarities = snapshot.Similarities(query.embedding, rows);
  if (!similarities.ok()) return similarities.status();
  for (size_t i = 0; i < rows.size(); ++i) {
    const float similarity = (*similarities)[i];
    // Exactly 0 is the similarity of a text that says nothing.
    if (similarity == 0 && IsEmptyEmbedding(snapshot.Vector(rows[i]))) continue;
    contents[i].similarity =
        std::clamp(similarity / kFullSimilarity, 0.0f, 1.0f);
  }
  return absl::OkStatus();
}

}  // namespace

uint32_t AllContentKinds() {
  return 1u << v1::CONTENT_KIND_POLICY | 1u << v1::CONTENT_KIND_NEWS |
         1u << v1::CONTENT_KIND_EVENT | 1u << v1::CONTENT_KIND_COURSE;
}

ContentQuery CompileContentQuery(const v1::Profile& profile,
                                 const v1::Preferences& preferences,
                                 std::span<const float> embedding,
                                 uint32_t kinds, absl::Time now) {
  ContentQuery query = CompilePlaceQuery(profile, preferences, kinds, now);
  query.facts = FactsOf(profile);
  MuteKinds(preferences, query.facts);
  query.embedding.assign(embedding.begin(), embedding.end());
  query.personalised = true;
  return query;
}

ContentQuery CompilePlaceQuery(const v1::Profile& places,
                               const v1::Preferences& preferences,
                               uint32_t kinds, absl::Time now) {
  ContentQuery query;
  query.facts = PlaceFactsOf(places);
  query.places = PlaceKeysOf(places, now);
  query.kinds = NotMuted(preferences, kinds);
  query.now_second = SchemaSecond(now);
  query.today = ChinaDay(now);
  query.personalised = false;
  return query;
}

std::string_view ContentRankerVersion(const ContentQuery& query) {
  return WeightsOf(query).version;
}

void SortContent(const Snapshot& snapshot, size_t max_rows,
                 std::vector<RankedContent>& ranked) {
  const size_t kept = std::min(max_rows, ranked.size());
  std::partial_sort(ranked.begin(), ranked.begin() + kept, ranked.end(),
                    [&](const RankedContent& a, const RankedContent& b) {
                      if (a.score != b.score) return a.score > b.score;
                      return snapshot.Id(a.row) < snapshot.Id(b.row);
                    });
  ranked.resize(kept);
}

absl::StatusOr<std::vector<RankedContent>> RankContent(
    const Snapshot& snapshot, const ContentQuery& query, size_t max_rows,
    const StopCheck& stop) {
  AudienceChecker audiences(snapshot, query.facts);
  std::vector<RankedContent> ranked;
  WantedRows(snapshot, query).ForEach([&](RowId row) {
    RankedContent content{.row = row, .audience = audiences.Check(row)};
    if (content.audience.verdict == Verdict::kFailed) return;
    content.time = TimeFeature(snapshot, query, row);
    content.place = PlaceFeature(snapshot, query, row);
    ranked.push_back(content);
  });
  if (stop) {
    if (absl::Status s = stop(); !s.ok()) return s;
  }
  if (absl::Status s = FillSimilarities(snapshot, query, ranked); !s.ok()) {
    return s;
  }
  for (RankedContent& content : ranked) content.score = ScoreOf(query, content);
  SortContent(snapshot, max_rows, ranked);
  return ranked;
}

void AddPostings(int fitting, RankedContent& ranked) {
  ranked.fitting_postings = fitting;
  if (fitting <= 0) return;
  // One posting is worth a quarter, eight or more all of it.
  const float worth =
      std::min(1.0f, (1 + std::log2(static_cast<float>(fitting))) / 4);
  ranked.score += kPostingsShare * worth * (1 - ranked.score);
}

}  // namespace gradmatch
