#ifndef GRADMATCH_MATCHER_CONTENT_MATCHER_H_
#define GRADMATCH_MATCHER_CONTENT_MATCHER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gradmatch/v1/graduate.pb.h"
#include "gradmatch/v1/match_service.pb.h"
#include "index/catalog.h"
#include "matcher/content_ranker.h"
#include "matcher/encoder.h"

namespace gradmatch {

struct ContentMatcherOptions {
  // Longest ranked list; pages lie within it.
  size_t max_ranked = 200;
  // Postings taking part are looked at for so many events of that list, the
  // best first, and for so many postings each.
  size_t max_events = 50;
  size_t max_event_postings = 500;
};

// What one request wants.
struct ContentMatchOptions {
  size_t offset = 0;  // into the ranked list
  size_t limit = 10;
  uint32_t kinds = AllContentKinds();
  std::vector<std::string> left_out;  // as in ContentQuery
  StopCheck stop;                     // as in MatchOptions
};

// One page of an answer.
struct ContentRecommendation {
  std::vector<v1::ContentMatch> matches;  // rank counts from offset + 1
  size_t ranked = 0;  // length of the list that pages are cut from
  bool non_personalised = false;
  uint64_t generation = 0;
  std::string_view ranker;
};

// Which policies, news, events and courses are meant for a graduate, in which
// order, and why. Reads one snapshot of content and, for events, one of
// postings a call; methods may run concurrently; time is a parameter.
class ContentMatcher {
 public:
  // Both are borrowed and outlive this.
  ContentMatcher(const Catalog& catalog, const Encoder& encoder,
                 const ContentMatcherOptions& options = {})
      : catalog_(catalog), encoder_(encoder), options_(options) {}

  // For a stored graduate. GRADUATE_NOT_SERVED for one who is placed, opted out
  // or frozen. Without personalisation: by place and time, the profile is not
  // read. Muted kinds never come.
  absl::StatusOr<ContentRecommendation> Match(
      const v1::Graduate& graduate, const ContentMatchOptions& options,
      absl::Time now) const;

  // As Matcher::profile_reads, of these answers.
  int64_t profile_reads() const { return profile_reads_; }
  int64_t profile_reads_without() const { return profile_reads_without_; }

 private:
  absl::StatusOr<ContentRecommendation> Answer(
      const ContentQuery& query, std::vector<RankedContent> ranked,
      const Snapshot& snapshot, const ContentMatchOptions& options,
      absl::Time now) const;
  absl::Status CountPostings(const v1::Profile& profile,
                             const Snapshot& snapshot, absl::Time now,
                             std::vector<RankedContent>& ranked) const;
  absl::StatusOr<std::vector<v1::Content>> Read(
      const Snapshot& snapshot,
      std::span<const RankedContent* const> ranked) const;

  const Catalog& catalog_;
  const Encoder& encoder_;
  const ContentMatcherOptions options_;
  mutable std::atomic<int64_t> profile_reads_{0};
  mutable std::atomic<int64_t> profile_reads_without_{0};
};

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_CONTENT_MATCHER_H_
