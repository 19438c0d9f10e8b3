#ifndef GRADMATCH_SERVER_POSTING_COUNTS_H_
#define GRADMATCH_SERVER_POSTING_COUNTS_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gradmatch/v1/posting.pb.h"
#include "index/base/mutex.h"
#include "index/catalog.h"

namespace gradmatch {

// The state field of a serialised posting, without parsing the rest.
v1::Posting::State StateOfPayload(std::string_view payload);

// Counts of stored postings by state. Walks all records when asked, and again
// only after something changed; callers wait for each other. Thread-safe.
class PostingCounts {
 public:
  absl::StatusOr<std::map<std::string, int64_t>> Get(const Catalog& catalog);

 private:
  Mutex mu_;
  uint64_t generation_ ABSL_GUARDED_BY(mu_) = 0;
  bool counted_ ABSL_GUARDED_BY(mu_) = false;
  std::map<std::string, int64_t> counts_ ABSL_GUARDED_BY(mu_);
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_POSTING_COUNTS_H_
