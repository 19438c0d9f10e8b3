#include "server/feed/redate.h"

#include <algorithm>
#include <memory>

#include "index/base/clock.h"
#include "matcher/ingest/proto_times.h"
#include "matcher/proto_time.h"

namespace gradmatch {
namespace {

constexpr absl::Duration kOldest = absl::Hours(60 * 24);

}  // namespace

absl::StatusOr<std::optional<absl::Time>> NewestPublishTime(
    const std::string& path, const FeedOptions& options,
    const PostingMapping& mapping) {
  absl::StatusOr<std::unique_ptr<FeedReader>> reader = OpenFeed(path, options);
  if (!reader.ok()) return reader.status();
  std::optional<absl::Time> newest;
  FeedRow row;
  while (true) {
    const absl::StatusOr<bool> more = (*reader)->Next(row);
    if (!more.ok()) return more.status();
    if (!*more) return newest;
    if (!row.status.ok()) continue;
    const MappedPosting mapped = mapping.Map(row);
    if (mapped.error.has_value() || !mapped.posting.has_publish_time()) {
      continue;
    }
    const absl::Time time = TimeOf(mapped.posting.publish_time());
    if (!newest.has_value() || time > *newest) newest = time;
  }
}

Redating MakeRedating(std::optional<absl::Time> newest, absl::Time now) {
  Redating redating{.now = now};
  if (newest.has_value()) redating.days = ChinaDay(now) - ChinaDay(*newest);
  return redating;
}

void Redate(const Redating& redating, v1::Posting& posting) {
  posting.clear_expire_time();
  if (!posting.has_publish_time()) return;
  const absl::Time moved =
      TimeOf(posting.publish_time()) + absl::Hours(24) * redating.days;
  *posting.mutable_publish_time() =
      ProtoTimeOf(std::clamp(moved, redating.now - kOldest, redating.now));
}

}  // namespace gradmatch
