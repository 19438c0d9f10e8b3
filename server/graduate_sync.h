#ifndef GRADMATCH_SERVER_GRADUATE_SYNC_H_
#define GRADMATCH_SERVER_GRADUATE_SYNC_H_

#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gradmatch/v1/graduate_service.pb.h"
#include "server/runtime.h"
#include "server/sync_record.h"
#include "server/sync_stream.h"

namespace gradmatch {

// The rows of SyncGraduates. Several may run at a time: provinces send their
// own graduates. See SyncStream for the threads.
class GraduateSync {
 public:
  using Request = v1::SyncGraduatesRequest;
  using Response = v1::SyncGraduatesResponse;
  using Row = v1::SyncGraduateRow;

  explicit GraduateSync(Runtime& runtime) : runtime_(runtime) {}

  // REQUEST_ID_REUSED; INVALID_ARGUMENT when a source is named.
  absl::Status Begin(const Caller& caller, const v1::SyncBegin& begin);
  absl::StatusOr<std::vector<v1::SyncRowResult>> Apply(
      std::span<PendingRow<Row>> rows);
  absl::Status Commit(v1::SyncCommitted& counts);

 private:
  Runtime& runtime_;
  v1::SyncBegin begin_;
  SyncRecord record_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_GRADUATE_SYNC_H_
