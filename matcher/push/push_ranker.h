#ifndef GRADMATCH_MATCHER_PUSH_PUSH_RANKER_H_
#define GRADMATCH_MATCHER_PUSH_PUSH_RANKER_H_

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gradmatch/v1/common.pb.h"
#include "gradmatch/v1/graduate.pb.h"
#include "gradmatch/v1/posting.pb.h"
#include "index/row_set.h"
#include "index/snapshot.h"
#include "matcher/encoder.h"

namespace gradmatch {

// A posting that came out for a graduate.
struct PushCandidate {
  RowId row{};
  float score = 0;
  bool conditional = false;
};

// One pair in full, for the item.
struct PushDetails {
  double score = 0;
  double wants_score = 0;
  double fits_score = 0;
  std::vector<v1::Reason> reasons;
  v1::Eligibility eligibility;
};

// A graduate as a run looks at it. Both are borrowed.
struct PushSubject {
  const v1::Graduate* graduate = nullptr;
  std::span<const float> embedding;  // empty when none is stored
};

// A chosen posting of a graduate. `posting` is borrowed.
struct PushChoice {
  RowId row{};
  const v1::Posting* posting = nullptr;
};

// What a push run wants of matching: candidates for many graduates, and the
// words for the few that are chosen. Thread-safe; the same input gives the same
// answer.
class PushRanker {
 public:
  virtual ~PushRanker() = default;

  // At most `max` open postings that are not ruled out, best first, ties by
  // name; one of each duplicate group. Reads no record.
  virtual absl::StatusOr<std::vector<PushCandidate>> Candidates(
      const Snapshot& snapshot, const PushSubject& subject, int max,
      bool include_conditional, absl::Time now) const = 0;

  // One entry a choice, in order.
  virtual absl::StatusOr<std::vector<PushDetails>> Details(
      const Snapshot& snapshot, const PushSubject& subject,
      std::span<const PushChoice> choices, absl::Time now) const = 0;

  // Version of the ranking, for the run's record.
  virtual std::string_view version() const = 0;
};

// Ranks as MatchPostings does. Encodes the profile anew where no embedding is
// stored or the graduate switched tags off. `encoder` is borrowed and outlives
// the result.
std::unique_ptr<PushRanker> NewPushRanker(const Encoder& encoder);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_PUSH_PUSH_RANKER_H_
