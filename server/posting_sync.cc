#include "server/posting_sync.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "index/base/error_reasons.h"
#include "matcher/ingest/field_checks.h"
#include "matcher/ingest/posting_ingester.h"
#include "server/parallel_for.h"
#include "server/resource_name.h"

namespace gradmatch {
namespace {

constexpr size_t kMaxRawBytes = 64 << 10;

std::optional<v1::RowError> MakeOp(v1::SyncPostingRow& row, PostingOp& op) {
  if (row.raw().size() > kMaxRawBytes) {
    return MakeRowError(kFieldTooLong, "raw",
                        absl::StrCat(row.raw().size(), " 字节"),
                        absl::StrCat("至多 ", kMaxRawBytes, " 字节"));
  }
  op.raw = std::move(*row.mutable_raw());
  switch (row.operation_case()) {
    case v1::SyncPostingRow::kUpsert:
      op.action = IngestAction::kUpsert;
      op.posting = std::move(*row.mutable_upsert());
      return std::nullopt;
    case v1::SyncPostingRow::kClose:
      op.action = IngestAction::kClose;
      op.source_posting_id =
          std::move(*row.mutable_close()->mutable_source_posting_id());
      op.revision = row.close().revision();
      return std::nullopt;
    case v1::SyncPostingRow::kDelete:
      op.action = IngestAction::kDelete;
      op.source_posting_id =
          std::move(*row.mutable_delete_()->mutable_source_posting_id());
      op.revision = row.delete_().revision();
      return std::nullopt;
    case v1::SyncPostingRow::OPERATION_NOT_SET:
      break;
  }
  return MissingOperation("upsert、close 或 delete");
}

}  // namespace

absl::Status PostingSync::Begin(const v1::SyncBegin& begin) {
  const Engine& engine = runtime_.engine();
  begin_ = begin;
  const auto source = ParseSourceName("begin.source", begin.source());
  if (!source.ok()) return source.status();
  auto use = engine.sources.BeginUse(*source);
  if (!use.ok()) return use.status();
  auto lock = engine.sources.LockSync(*source);
  if (!lock.ok()) return lock.status();
  use_ = *std::move(use);
  lock_ = *std::move(lock);
  return record_.Begin(engine.requests, "PostingService.SyncPostings", begin);
}

absl::StatusOr<std::vector<v1::SyncRowResult>> PostingSync::Apply(
    std::span<PendingRow<Row>> rows) {
  PostingIngestOptions options;
  options.validate_only = begin_.validate_only();
  return ApplySyncRows<PostingOp>(
      rows, MakeOp, [&](std::span<const PostingOp> ops) {
        return runtime_.engine().postings.Ingest(
            {use_->id(), use_->source().sandbox()}, ops, options,
            MakeParallelFor(runtime_.ingest_workers));
      });
}

absl::Status PostingSync::Commit(v1::SyncCommitted& counts) {
  const Engine& engine = runtime_.engine();
  absl::Status status =
      record_.Commit(engine.requests, engine.store, begin_, counts);
  if (!status.ok() || begin_.validate_only()) return status;
  runtime_.log.Log(
      LogLevel::kInfo, "sync", "postings_committed",
      {{LogField::kSource, use_->id()}, {LogField::kCount, counts.received()}});
  return engine.sources.SetLastSync(use_->id(), runtime_.clock.Now());
}

}  // namespace gradmatch
