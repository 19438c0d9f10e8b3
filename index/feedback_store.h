#ifndef GRADMATCH_INDEX_FEEDBACK_STORE_H_
#define GRADMATCH_INDEX_FEEDBACK_STORE_H_

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "gradmatch/v1/storage.pb.h"
#include "index/base/mutex.h"
#include "index/store.h"

namespace gradmatch {

// One event on its way to disk.
struct FeedbackLine {
  std::string graduate_key;  // GraduateKey
  std::string event_id;      // IsValidId
  v1::StoredFeedback event;
  // For an event that dismisses: what is not to be shown again, and what it has
  // in common with its duplicates. Empty for every other event.
  std::string dismissed_subject;  // PostingKey that stands for the group, or
                                  // ContentKey
  uint64_t fingerprint = 0;
};

enum class FeedbackOutcome {
  kRecorded,
  kUnchanged,  // this event is known
  kConflict,   // its id belongs to an event of another type or about another
               // posting or content
};

// Something a graduate does not want to see again.
struct DismissedLine {
  std::string subject;  // as FeedbackLine::dismissed_subject
  v1::StoredDismissal dismissal;
  // A content's key has no '/', a posting's has one.
  bool is_posting() const { return subject.find('/') != std::string::npos; }
};

// What graduates did with recommendations, by graduate. An event and what it
// dismisses are written in one synced batch, so that an acknowledged dismissal
// is seen by every read that begins later. All methods may run concurrently.
class FeedbackStore {
 public:
  // Borrowed; outlives this. One a store: writes are checked under its lock.
  explicit FeedbackStore(Store& store) : store_(store) {}

  // One outcome a line, in order; all that is new is written in one synced
  // batch together with what `also` returns (the request log). A line is known
  // as well when it came earlier in the same call. DataLoss when a stored event
  // does not parse.
  using Also = std::function<WriteBatch(std::span<const FeedbackOutcome>)>;
  absl::StatusOr<std::vector<FeedbackOutcome>> Record(
      std::span<const FeedbackLine> lines, const Also& also = nullptr);

 private:
  Store& store_;
  // Held over every read-change-write.
  Mutex mu_;
};

// All that one graduate dismissed, by key. DataLoss when a record does not
// parse.
absl::StatusOr<std::vector<DismissedLine>> ReadDismissed(
    const Store& store, std::string_view graduate_key);

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_FEEDBACK_STORE_H_
