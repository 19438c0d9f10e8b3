#include "server/posting_sync.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "index/base/error_reasons.h"
#include "matcher/ingest/field_checks.h"
#include "matcher/ingest/posting_ingester.h"
#include "server/parallel_for.h"
#include "server/resource_name.h"
#include "server/sync_figures.h"
#include "server/time_proto.h"

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

absl::Status PostingSync::Begin(const Caller& caller,
                                const v1::SyncBegin& begin) {
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
  absl::Status begun = record_.Begin(
      engine.requests, "PostingService.SyncPostings", caller, begin);
  if (begun.ok() && !begin.validate_only()) {
    *figures_.emplace().mutable_start_time() =
        ToTimestamp(runtime_.clock.Now());
  }
  return begun;
}

PostingSync::~PostingSync() {
  if (!figures_.has_value()) return;
  *figures_->mutable_end_time() = ToTimestamp(runtime_.clock.Now());
  // Whoever hears of the end waits for this, so it is not synced.
  const absl::Status kept = KeepSyncFigures(runtime_.engine().store, use_->id(),
                                            *figures_, Durability::kBuffered);
  if (!kept.ok()) {
    runtime_.log.Log(LogLevel::kWarning, "sync", "figures_not_kept",
                     {{LogField::kSource, use_->id()},
                      {LogField::kError, std::string(kept.message())}});
  }
}

absl::StatusOr<std::vector<v1::SyncRowResult>> PostingSync::Apply(
    std::span<PendingRow<Row>> rows) {
  PostingIngestOptions options;
  options.validate_only = begin_.validate_only();
  auto results = ApplySyncRows<PostingOp>(
      rows, MakeOp, [&](std::span<const PostingOp> ops) {
        return runtime_.engine().postings.Ingest(
            {use_->id(), use_->source().sandbox()}, ops, options,
            MakeParallelFor(runtime_.ingest_workers));
      });
  if (results.ok() && figures_.has_value()) {
    CountResults(*results, *figures_->mutable_rows());
    CountRejected(*results, *figures_);
    CountSyncRows("postings", use_->id(), *results, runtime_.metrics());
  }
  return results;
}

absl::Status PostingSync::Commit(v1::SyncCommitted& counts) {
  const Engine& engine = runtime_.engine();
  absl::Status status =
      record_.Commit(engine.requests, engine.store, begin_, counts);
  if (!status.ok() || begin_.validate_only()) return status;
  runtime_.log.Log(
      LogLevel::kInfo, "sync", "postings_committed",
      {{LogField::kSource, use_->id()}, {LogField::kCount, counts.received()}});
  const absl::Time now = runtime_.clock.Now();
  status = engine.sources.SetLastSync(use_->id(), now);
  if (!status.ok()) return status;
  v1::SyncFigures figures = *std::exchange(figures_, std::nullopt);
  *figures.mutable_end_time() = ToTimestamp(now);
  figures.set_committed(true);
  *figures.mutable_rows() = counts;
  return KeepSyncFigures(engine.store, use_->id(), figures,
                         Durability::kSynced);
}

}  // namespace gradmatch
