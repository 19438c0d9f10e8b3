#include "server/graduate_sync.h"

#include <optional>
#include <string>
#include <utility>

#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "matcher/ingest/field_checks.h"
#include "matcher/ingest/graduate_ingester.h"
#include "server/parallel_for.h"
#include "server/resource_name.h"
#include "server/sync_figures.h"

namespace gradmatch {
namespace {

std::optional<v1::RowError> MakeOp(v1::SyncGraduateRow& row, GraduateOp& op) {
  switch (row.operation_case()) {
    case v1::SyncGraduateRow::kUpsert:
      op.action = IngestAction::kUpsert;
      op.graduate = std::move(*row.mutable_upsert());
      return std::nullopt;
    case v1::SyncGraduateRow::kDelete: {
      op.action = IngestAction::kDelete;
      op.revision = row.delete_().revision();
      auto id = ParseGraduateName("delete.name", row.delete_().name());
      if (!id.ok()) {
        const FieldError error = FieldErrorOf(id.status());
        return MakeRowError(ReasonOf(id.status()), error.field, error.value,
                            error.allowed);
      }
      op.graduate_id = *std::move(id);
      return std::nullopt;
    }
    case v1::SyncGraduateRow::OPERATION_NOT_SET:
      break;
  }
  return MissingOperation("upsert 或 delete");
}

}  // namespace

absl::Status GraduateSync::Begin(const Caller& caller,
                                 const v1::SyncBegin& begin) {
  begin_ = begin;
  if (!begin.source().empty()) {
    FieldError error;
    error.field = "begin.source";
    error.value = begin.source();
    error.allowed = "留空：毕业生不属于任何来源";
    return InvalidField(kFieldInvalid, error);
  }
  return record_.Begin(runtime_.engine().requests,
                       "GraduateService.SyncGraduates", caller, begin);
}

absl::StatusOr<std::vector<v1::SyncRowResult>> GraduateSync::Apply(
    std::span<PendingRow<Row>> rows) {
  GraduateIngestOptions options;
  options.validate_only = begin_.validate_only();
  auto results = ApplySyncRows<GraduateOp>(
      rows, MakeOp, [&](std::span<const GraduateOp> ops) {
        return runtime_.engine().graduates.Ingest(
            ops, options, MakeParallelFor(runtime_.ingest_workers));
      });
  if (results.ok() && !begin_.validate_only()) {
    CountSyncRows("graduates", "", *results, runtime_.metrics());
  }
  return results;
}

absl::Status GraduateSync::Commit(v1::SyncCommitted& counts) {
  const Engine& engine = runtime_.engine();
  absl::Status status =
      record_.Commit(engine.requests, engine.store, begin_, counts);
  if (status.ok() && !begin_.validate_only()) {
    runtime_.log.Log(LogLevel::kInfo, "sync", "graduates_committed",
                     {{LogField::kCount, counts.received()}});
  }
  return status;
}

}  // namespace gradmatch
