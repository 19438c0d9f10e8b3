#ifndef GRADMATCH_MATCHER_MATCHER_H_
#define GRADMATCH_MATCHER_MATCHER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gradmatch/v1/graduate.pb.h"
#include "gradmatch/v1/match_service.pb.h"
#include "index/catalog.h"
#include "matcher/candidate_ranker.h"
#include "matcher/encoder.h"
#include "matcher/profile_in_use.h"

namespace gradmatch {

struct MatcherOptions {
  CandidateOptions candidates;
  RerankOptions rerank;
  // Longest ranked list; pages lie within it.
  size_t max_ranked = 1000;
};

using PostingReader =
    std::function<absl::StatusOr<std::vector<std::optional<Record>>>(
        std::span<const std::string> keys)>;

// What one request wants.
struct MatchOptions {
  size_t offset = 0;  // into the ranked list
  size_t limit = 10;
  bool include_features = false;
  bool eligible_only = false;
  // Regions a search is limited to, GB/T 2260 at any depth.
  std::vector<std::string> regions;
  // Duplicate groups that are not to be in the answer, as values of
  // kCanonicalColumn: what the graduate does not want to see again.
  std::vector<uint64_t> left_out;
  // What to read with, borrowed; null: the catalog's current one. The answers
  // of a batch share one.
  const Snapshot* snapshot = nullptr;
  // Reads the records of a page, one a key, in order; empty: from the catalog.
  PostingReader read;
  // Kinds of posting that are left out; Match adds what the graduate muted.
  std::vector<int> muted_posting_kinds;
  // Called between stages with what it should end with, such as
  // DeadlineExceeded; may be empty.
  StopCheck stop;
};

// One page of an answer.
struct Recommendation {
  std::vector<v1::Match> matches;  // rank counts from offset + 1
  v1::MatchTrace trace;
  size_t ranked = 0;  // length of the list that pages are cut from
};

// Which postings fit, in which order, and why. Reads one snapshot a call;
// methods may run concurrently; time is a parameter. The same snapshot, profile
// and day give the same answer.
class Matcher {
 public:
  // All are borrowed and outlive this.
  Matcher(const Catalog& catalog, const Encoder& encoder,
          const MatcherOptions& options = {},
          const RankerWeights& weights = DefaultWeights())
      : catalog_(catalog),
        encoder_(encoder),
        options_(options),
        weights_(weights) {}

  // For a stored graduate. GRADUATE_NOT_SERVED for one who is placed, opted out
  // or frozen. Without personalisation: by place and time.
  absl::StatusOr<Recommendation> Match(const v1::Graduate& graduate,
                                       const MatchOptions& options,
                                       absl::Time now) const;

  // For a profile, or a text, that is not stored.
  absl::StatusOr<Recommendation> Search(const v1::Profile& profile,
                                        const MatchOptions& options,
                                        absl::Time now) const;
  absl::StatusOr<Recommendation> SearchText(std::string_view text,
                                            const MatchOptions& options,
                                            absl::Time now) const;

  // Everything about one pair; rank is 0 past the ranked list, or for a posting
  // that is not eligible or not searchable. `summary_zh` is filled,
  // push_reasons are the caller's. Without personalisation as Match: by place
  // and time, and only what the posting itself rules out. `left_out` as in
  // MatchOptions: such a posting has rank 0.
  absl::StatusOr<v1::ExplainMatchResponse> Explain(
      const v1::Graduate& graduate, const v1::Posting& posting, absl::Time now,
      std::span<const uint64_t> left_out = {}) const;

  // What a call without MatchOptions::snapshot would read with now.
  std::shared_ptr<const Snapshot> CurrentSnapshot() const {
    return catalog_.CurrentSnapshot();
  }

  // How often the profile of a stored graduate was read for an answer. Stands
  // still while all who ask have personalisation switched off.
  int64_t profile_reads() const { return profile_reads_; }
  // Of those, of graduates who switched personalisation off: stays 0, or what
  // the person decided was not kept to.
  int64_t profile_reads_without() const { return profile_reads_without_; }

  const RankerWeights& weights() const { return weights_; }
  const Encoder& encoder() const { return encoder_; }

 private:
  absl::StatusOr<Recommendation> Personalised(const v1::Profile& profile,
                                              const MatchOptions& options,
                                              absl::Time now) const;
  // `places` is what PlacesInUse gives: nothing else of the profile gets here.
  absl::StatusOr<Recommendation> ByPlaceAndTime(const v1::Profile& places,
                                                const MatchOptions& options,
                                                absl::Time now) const;
  v1::ExplainMatchResponse ExplainByPlaceAndTime(
      const v1::Profile& places, const std::vector<int>& muted_posting_kinds,
      const v1::Posting& posting, absl::Time now,
      std::span<const uint64_t> left_out) const;
  // ProfileInUse, counted.
  v1::Profile ReadProfile(const v1::Graduate& graduate) const;
  absl::StatusOr<std::vector<v1::Match>> ReadPage(
      const Snapshot& snapshot, const ProfileQuery& query,
      const v1::Profile& profile, std::span<const RankedRow> page,
      const MatchOptions& options, absl::Time now) const;

  const Catalog& catalog_;
  const Encoder& encoder_;
  const MatcherOptions options_;
  const RankerWeights weights_;
  mutable std::atomic<int64_t> profile_reads_{0};
  mutable std::atomic<int64_t> profile_reads_without_{0};
};

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_MATCHER_H_
