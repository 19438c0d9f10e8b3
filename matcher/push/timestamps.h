#ifndef GRADMATCH_MATCHER_PUSH_TIMESTAMPS_H_
#define GRADMATCH_MATCHER_PUSH_TIMESTAMPS_H_

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace gradmatch {

// A time as a timestamp of a message, cut to microseconds, which is what the
// store keeps. The way back is TimeOf of matcher/proto_time.h.
inline google::protobuf::Timestamp TimestampOf(absl::Time time) {
  const int64_t micros = absl::ToUnixMicros(time);
  int64_t seconds = micros / 1'000'000;
  int64_t rest = micros % 1'000'000;
  if (rest < 0) {
    --seconds;
    rest += 1'000'000;
  }
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(static_cast<int32_t>(rest * 1000));
  return timestamp;
}

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_PUSH_TIMESTAMPS_H_
