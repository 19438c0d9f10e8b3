#ifndef GRADMATCH_MATCHER_CONTENT_RANKER_H_
#define GRADMATCH_MATCHER_CONTENT_RANKER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gradmatch/v1/graduate.pb.h"
#include "index/snapshot.h"
#include "matcher/audience.h"
#include "matcher/candidate_ranker.h"
#include "matcher/content_schema.h"
#include "matcher/features.h"

namespace gradmatch {

// A graduate made ready for a snapshot of content. A value.
struct ContentQuery {
  AudienceFacts facts;
  Embedding embedding;  // empty: there is none
  KeyValues places;     // wished for and home, as FeatureQuery::places
  uint32_t kinds = 0;   // bit of each ContentKind wanted and not muted
  int32_t now_second = 0;
  int32_t today = 0;
  bool personalised = true;
  // Names of content that is not to be in the answer: what the graduate does
  // not want to see again.
  std::vector<std::string> left_out;
};

// Kinds that may be asked for: all but postings.
uint32_t AllContentKinds();

// `profile` is what the graduate allows to be used, `embedding` its own.
// `kinds`: bits of those asked for; what `preferences` mutes is taken out.
ContentQuery CompileContentQuery(const v1::Profile& profile,
                                 const v1::Preferences& preferences,
                                 std::span<const float> embedding,
                                 uint32_t kinds, absl::Time now);
// Without personalisation: of `places` (PlacesOnly) the home region and the
// places wished for are read, nothing else.
ContentQuery CompilePlaceQuery(const v1::Profile& places,
                               const v1::Preferences& preferences,
                               uint32_t kinds, absl::Time now);

// One piece of content with what its place is made of. Features are in [0, 1];
// below 0: not known, and left out.
struct RankedContent {
  static constexpr float kUnknown = -1.0f;
  RowId row{};
  float score = 0;
  AudienceFinding audience;
  float similarity = kUnknown;
  float time = kUnknown;   // the sooner it takes place or the newer, the higher
  float place = kUnknown;  // 1 where wished for, 0.6 online
  int fitting_postings = -1;  // of an event; -1: not counted
};

// Which weights `query` is ranked with: "content-1", "content-place-time-1".
std::string_view ContentRankerVersion(const ContentQuery& query);

// All content that is wanted, open, not over and not known to be meant for
// others, best first, ties by name; at most `max_rows`. Scans every row; reads
// columns and embeddings alone. The score is the weighted mean of what is known
// of: how narrowly the audience fits (0.35), similarity (0.3), time (0.2),
// place (0.15); an open audience counts 0.6 of it. Without personalisation:
// place 0.6, time 0.4. Deterministic. The status of `stop`, if it is not OK.
absl::StatusOr<std::vector<RankedContent>> RankContent(
    const Snapshot& snapshot, const ContentQuery& query, size_t max_rows,
    const StopCheck& stop = nullptr);

// Raises the score of an event by up to 0.15 of what is missing to 1 for the
// postings there that fit the graduate.
void AddPostings(int fitting, RankedContent& ranked);

// Keeps the best `max_rows`, sorted as RankContent does.
void SortContent(const Snapshot& snapshot, size_t max_rows,
                 std::vector<RankedContent>& ranked);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_CONTENT_RANKER_H_
