#ifndef GRADMATCH_SERVER_POSTING_COUNTS_H_
#define GRADMATCH_SERVER_POSTING_COUNTS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gradmatch/v1/posting.pb.h"
#include "index/base/mutex.h"
#include "index/catalog.h"

namespace gradmatch {

// The state field of a serialised posting, without parsing the rest.
v1::Posting::State StateOfPayload(std::string_view payload);

// Stored postings by the name of their state.
using StateCounts = std::map<std::string, int64_t>;

// Walks the records of `range`: all of them, or a source's. `stop` is asked now
// and then and may end it.
absl::StatusOr<StateCounts> CountPostings(
    const Catalog& catalog, KeyRange range = {},
    const std::function<absl::Status()>& stop = nullptr);

// Stored graduates by the name of their lifecycle.
absl::StatusOr<StateCounts> CountGraduates(const Catalog& catalog);

// Quarantine entries by the id of their source; only keys are read.
absl::StatusOr<StateCounts> CountQuarantined(const Store& store);

// The counts, counted again when something changed, by one caller at a time.
// Nobody waits for another's count: watchers ask every few seconds, a count of
// millions takes longer, and a night's sync changes something all the time.
// They get the last counts, which are empty before there are any; a count that
// took long is kept for twenty times as long. Thread-safe.
class PostingCounts {
 public:
  absl::StatusOr<StateCounts> Get(
      uint64_t generation,
      const std::function<absl::StatusOr<StateCounts>()>& count);

 private:
  Mutex mu_;
  bool counting_ ABSL_GUARDED_BY(mu_) = false;
  bool counted_ ABSL_GUARDED_BY(mu_) = false;
  uint64_t generation_ ABSL_GUARDED_BY(mu_) = 0;
  absl::Time next_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
  StateCounts counts_ ABSL_GUARDED_BY(mu_);
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_POSTING_COUNTS_H_
