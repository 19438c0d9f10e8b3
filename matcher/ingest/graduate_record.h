#ifndef GRADMATCH_MATCHER_INGEST_GRADUATE_RECORD_H_
#define GRADMATCH_MATCHER_INGEST_GRADUATE_RECORD_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "gradmatch/v1/graduate.pb.h"

namespace gradmatch {

// What a graduate's record knows beside the message: kept in the record's head,
// not in its payload.
void ClearHead(v1::Graduate& graduate);
void SetHead(const std::string& etag, int64_t revision, absl::Time created,
             absl::Time updated, v1::Graduate& graduate);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_INGEST_GRADUATE_RECORD_H_
