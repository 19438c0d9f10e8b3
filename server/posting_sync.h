#ifndef GRADMATCH_SERVER_POSTING_SYNC_H_
#define GRADMATCH_SERVER_POSTING_SYNC_H_

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gradmatch/v1/posting_service.pb.h"
#include "gradmatch/v1/source.pb.h"
#include "server/runtime.h"
#include "server/source_registry.h"
#include "server/sync_record.h"
#include "server/sync_stream.h"

namespace gradmatch {

// The rows of SyncPostings: one source's. See SyncStream for the threads.
class PostingSync {
 public:
  using Request = v1::SyncPostingsRequest;
  using Response = v1::SyncPostingsResponse;
  using Row = v1::SyncPostingRow;

  explicit PostingSync(Runtime& runtime) : runtime_(runtime) {}
  // Writes down what became of a sync that was not committed.
  ~PostingSync();

  // SOURCE_NOT_FOUND, IMPORT_ALREADY_RUNNING, REQUEST_ID_REUSED.
  absl::Status Begin(const Caller& caller, const v1::SyncBegin& begin);
  absl::StatusOr<std::vector<v1::SyncRowResult>> Apply(
      std::span<PendingRow<Row>> rows);
  absl::Status Commit(v1::SyncCommitted& counts);

 private:
  Runtime& runtime_;
  v1::SyncBegin begin_;
  SyncRecord record_;
  std::unique_ptr<SourceRegistry::Use> use_;
  std::unique_ptr<SourceRegistry::SyncLock> lock_;
  // Empty when there is nothing to write down (any more).
  std::optional<v1::SyncFigures> figures_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_POSTING_SYNC_H_
