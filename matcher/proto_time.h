#ifndef GRADMATCH_MATCHER_PROTO_TIME_H_
#define GRADMATCH_MATCHER_PROTO_TIME_H_

#include <string>

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "index/base/clock.h"

namespace gradmatch {

// A timestamp of a message as a time. Ingest has checked its range.
inline absl::Time TimeOf(const google::protobuf::Timestamp& t) {
  return absl::FromUnixSeconds(t.seconds()) + absl::Nanoseconds(t.nanos());
}

inline int ChinaYear(absl::Time time) {
  return static_cast<int>(absl::ToCivilYear(time, ChinaTime()).year());
}

// "2026-11-22", in China.
inline std::string ChinaDate(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d", time, ChinaTime());
}

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_PROTO_TIME_H_
