#ifndef GRADMATCH_SERVER_ROW_ERROR_H_
#define GRADMATCH_SERVER_ROW_ERROR_H_

#include "absl/status/status.h"
#include "gradmatch/v1/sync.pb.h"

namespace gradmatch {

// For calls that answer each of many entries: whether an error is about the
// entry alone (what was asked is wrong, absent or not allowed), so that the
// others are answered; anything else ends the call.
bool IsRowError(const absl::Status& status);

// The same error as the answer to one entry: reason, field and message as
// index/base/error.h put them into `status`.
v1::RowError ToRowError(const absl::Status& status);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_ROW_ERROR_H_
