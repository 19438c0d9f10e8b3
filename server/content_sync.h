#ifndef GRADMATCH_SERVER_CONTENT_SYNC_H_
#define GRADMATCH_SERVER_CONTENT_SYNC_H_

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gradmatch/v1/content_service.pb.h"
#include "matcher/ingest/content_ingester.h"
#include "server/runtime.h"
#include "server/source_registry.h"
#include "server/sync_record.h"
#include "server/sync_stream.h"

namespace gradmatch {

// The rows of SyncContents. A stream that names a source writes for it: rows
// without a source become its own, content of others is not its to change. One
// that names none is the platform's. What a source itself sends is held to its
// own names, row by row, as access_rules.h holds unary calls. See SyncStream
// for the threads.
class ContentSync {
 public:
  using Request = v1::SyncContentsRequest;
  using Response = v1::SyncContentsResponse;
  using Row = v1::SyncContentRow;

  explicit ContentSync(Runtime& runtime) : runtime_(runtime) {}

  // REQUEST_ID_REUSED; SOURCE_NOT_FOUND.
  absl::Status Begin(const Caller& caller, const v1::SyncBegin& begin);
  absl::StatusOr<std::vector<v1::SyncRowResult>> Apply(
      std::span<PendingRow<Row>> rows);
  absl::Status Commit(v1::SyncCommitted& counts);

 private:
  std::optional<v1::RowError> MakeOp(v1::SyncContentRow& row,
                                     ContentOp& op) const;

  Runtime& runtime_;
  // The source whose names rows must keep to; empty: any.
  std::string only_source_;
  v1::SyncBegin begin_;
  std::unique_ptr<SourceRegistry::Use> use_;  // of begin's source, if any
  SyncRecord record_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_CONTENT_SYNC_H_
