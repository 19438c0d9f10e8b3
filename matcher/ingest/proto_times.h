#ifndef GRADMATCH_MATCHER_INGEST_PROTO_TIMES_H_
#define GRADMATCH_MATCHER_INGEST_PROTO_TIMES_H_

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace gradmatch {

// A finite time as a message; TimeOf of matcher/proto_time.h is the way back.
inline google::protobuf::Timestamp ProtoTimeOf(absl::Time time) {
  google::protobuf::Timestamp out;
  const int64_t seconds = absl::ToUnixSeconds(time);
  out.set_seconds(seconds);
  out.set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  return out;
}

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_INGEST_PROTO_TIMES_H_
