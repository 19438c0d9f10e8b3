#ifndef GRADMATCH_SERVER_SYNC_RECORD_H_
#define GRADMATCH_SERVER_SYNC_RECORD_H_

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gradmatch/v1/sync.pb.h"
#include "index/request_log.h"
#include "matcher/ingest/ingest.h"
#include "server/sync_protocol.h"
#include "server/sync_stream.h"

namespace gradmatch {

// Remembers a sync by its request_id. Rows are idempotent by revision and
// content; what this adds is that one id is not used for two different syncs,
// and that a repeat is told so.
class SyncRecord {
 public:
  // ABORTED, REQUEST_ID_REUSED, for an id that began another sync, or one that
  // is under way now.
  absl::Status Begin(RequestLog& log, std::string_view method,
                     const Caller& caller, const v1::SyncBegin& begin);
  // Writes the record, if there is an id; `counts` gets its warnings first.
  absl::Status Commit(RequestLog& log, Store& store, const v1::SyncBegin& begin,
                      v1::SyncCommitted& counts);

 private:
  RequestIdentity id_;
  uint64_t hash_ = 0;
  bool repeated_ = false;
  std::unique_ptr<RequestLog::Claim> claim_;
};

// Runs the rows that are looked at through `ingest` and puts the answers, and
// those of the others, into the order of the rows. `make_op` makes a row's
// operation and takes the row's contents, or says what is wrong with it.
template <typename Op, typename Row, typename MakeOp, typename Ingest>
absl::StatusOr<std::vector<v1::SyncRowResult>> ApplySyncRows(
    std::span<PendingRow<Row>> rows, MakeOp make_op, Ingest ingest) {
  std::vector<v1::SyncRowResult> results(rows.size());
  std::vector<Op> ops;
  std::vector<size_t> places;
  for (size_t i = 0; i < rows.size(); ++i) {
    results[i].set_row_number(rows[i].row.row_number());
    Op op;
    std::optional<v1::RowError> error = std::move(rows[i].refused);
    if (!error.has_value()) error = make_op(rows[i].row, op);
    if (error.has_value()) {
      results[i].set_status(v1::SyncRowResult::STATUS_REJECTED);
      *results[i].mutable_error() = *std::move(error);
    } else {
      ops.push_back(std::move(op));
      places.push_back(i);
    }
  }
  auto applied = ingest(std::span<const Op>(ops));
  if (!applied.ok()) return applied.status();
  for (size_t k = 0; k < places.size(); ++k) {
    ToSyncResult((*applied)[k], results[places[k]]);
  }
  return results;
}

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_SYNC_RECORD_H_
