#ifndef GRADMATCH_SERVER_FEED_REDATE_H_
#define GRADMATCH_SERVER_FEED_REDATE_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gradmatch/v1/posting.pb.h"
#include "server/feed/feed_reader.h"
#include "server/feed/posting_mapping.h"

namespace gradmatch {

// Makes an old feed look as if it had been received now (`--received-now`):
// every publish time is moved by one and the same number of whole days, so that
// the newest falls on today (China's days), clock times kept and cut at now;
// a publish time older than 60 days after the move becomes 60 days ago; expiry
// times are removed, so that receipt + 90 days applies.
struct Redating {
  absl::Time now;
  int days = 0;  // what is added
};

// The newest publish time of a feed; nullopt when no row has one. Reads the
// whole file once.
absl::StatusOr<std::optional<absl::Time>> NewestPublishTime(
    const std::string& path, const FeedOptions& options,
    const PostingMapping& mapping);

Redating MakeRedating(std::optional<absl::Time> newest, absl::Time now);
void Redate(const Redating& redating, v1::Posting& posting);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_FEED_REDATE_H_
