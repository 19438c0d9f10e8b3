#ifndef GRADMATCH_MATCHER_INGEST_INGEST_H_
#define GRADMATCH_MATCHER_INGEST_INGEST_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "gradmatch/v1/common.pb.h"
#include "gradmatch/v1/graduate.pb.h"
#include "gradmatch/v1/posting.pb.h"
#include "gradmatch/v1/sync.pb.h"
#include "index/change.h"
#include "index/store.h"

namespace gradmatch {

// Changes when the same input would be normalised into something else: part of
// content hashes, so that the next full sync renews every record.
inline constexpr std::string_view kIngestVersion = "ingest-4";

// What an operation does to its record.
enum class IngestAction { kUpsert, kClose, kDelete };

// Runs body(0) .. body(n-1), in any order on any threads, and returns when all
// are done. Empty: the caller's thread does it. Bodies never block.
using ParallelFor =
    std::function<void(size_t n, const std::function<void(size_t)>& body)>;

// Calls body(begin, end) for stretches of a few that together are [0, n), over
// `parallel` when it is not empty and there is more than one.
void ForEachChunk(const ParallelFor& parallel, size_t n,
                  const std::function<void(size_t begin, size_t end)>& body);

// What became of one operation. In the words of a sync stream; unary callers
// use ToStatus.
template <typename Message>
struct IngestRow {
  v1::SyncRowResult::Status status = v1::SyncRowResult::STATUS_UNSPECIFIED;
  // Set with STATUS_REJECTED: what it means for a unary call (INVALID_ARGUMENT,
  // NOT_FOUND, ALREADY_EXISTS, ABORTED for an etag).
  absl::StatusCode code = absl::StatusCode::kOk;
  v1::RowError error;
  // Every wrong field, `error` first; for BadRequest.
  std::vector<v1::RowError> errors;
  std::string name;  // empty when rejected before it had one
  std::string etag;  // of the record after the operation; empty if none
  std::vector<v1::Issue> issues;
  // The record as stored, with name, etag, revision, issues and times. Set when
  // IngestOptions::return_records and the record exists afterwards.
  std::optional<Message> record;
};
using PostingRow = IngestRow<v1::Posting>;
using GraduateRow = IngestRow<v1::Graduate>;

// Options of one call.
template <typename Row>
struct IngestOptions {
  // One rejected row and nothing is written; a key may then occur only once.
  bool atomic = false;
  // Everything is checked and answered as it would be; nothing is written.
  bool validate_only = false;
  bool return_records = false;
  // Written in the same batch as the (last) change: the request log's answer.
  // Called once with all rows, before they are durable, even if no record
  // changes; not called when an atomic call is refused, nor by validate_only.
  // Other writers wait meanwhile: it must be quick and not call the catalog.
  std::function<WriteBatch(std::span<const Row>)> also;
};

// OK unless the row was rejected; then an error with ErrorInfo and BadRequest
// (index/base/error.h), the fields' paths behind `prefix`. A stale row is
// FAILED_PRECONDITION STALE_REVISION: unary callers do not send old revisions
// on purpose.
absl::Status RowStatus(v1::SyncRowResult::Status status, absl::StatusCode code,
                       std::string_view name,
                       std::span<const v1::RowError> errors,
                       std::string_view prefix);
inline absl::Status ToStatus(const PostingRow& row,
                             std::string_view prefix = "posting.") {
  return RowStatus(row.status, row.code, row.name, row.errors, prefix);
}
inline absl::Status ToStatus(const GraduateRow& row,
                             std::string_view prefix = "graduate.") {
  return RowStatus(row.status, row.code, row.name, row.errors, prefix);
}

// Adds what a row came to, but for its row_number, to `result`.
template <typename Message>
void ToSyncResult(const IngestRow<Message>& row, v1::SyncRowResult& result) {
  result.set_name(row.name);
  result.set_status(row.status);
  if (row.status == v1::SyncRowResult::STATUS_REJECTED) {
    *result.mutable_error() = row.error;
  }
  for (const v1::Issue& issue : row.issues) *result.add_issues() = issue;
  result.set_etag(row.etag);
}

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_INGEST_INGEST_H_
