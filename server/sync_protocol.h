#ifndef GRADMATCH_SERVER_SYNC_PROTOCOL_H_
#define GRADMATCH_SERVER_SYNC_PROTOCOL_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "gradmatch/v1/sync.pb.h"

namespace gradmatch {

// The rules of a sync stream that are the same for every kind of row. Pure: no
// threads, no I/O.

struct SyncLimits {
  // A batch is applied when this many rows or bytes wait, or when nothing else
  // is being applied.
  size_t batch_rows = 256;
  size_t batch_bytes = 1 << 20;
  // Full batches that may wait behind the one being applied; with as many,
  // nothing more is read and gRPC holds the sender back.
  size_t waiting_batches = 2;
  size_t max_row_bytes = 1 << 20;
};

enum class SyncMessage { kBegin, kRow, kCommit, kNone };

// Which message may come, given what came. FAILED_PRECONDITION, SYNC_ORDER.
class SyncOrder {
 public:
  absl::Status Accept(SyncMessage message);
  // The caller closed its side: an error unless commit came.
  absl::Status Close() const;
  bool begun() const { return begun_; }
  bool committed() const { return committed_; }

 private:
  bool begun_ = false;
  bool committed_ = false;
};

// INVALID_ARGUMENT for a mode that is none or a count below 0,
// FAILED_PRECONDITION for FULL.
absl::Status CheckSyncBegin(const v1::SyncBegin& begin);

// Why a row is not even looked at; nullopt when it is.
std::optional<v1::RowError> CheckRowSize(size_t bytes,
                                         const SyncLimits& limits);
v1::RowError MissingOperation(std::string_view allowed);

// Adds results to the counts; they add up to `received`.
void CountResults(std::span<const v1::SyncRowResult> results,
                  v1::SyncCommitted& counts);
// Remarks at the end: another number of rows than announced, a repeat.
void AddSyncWarnings(const v1::SyncBegin& begin, bool repeated,
                     v1::SyncCommitted& counts);

absl::Status SyncIdle();

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_SYNC_PROTOCOL_H_
