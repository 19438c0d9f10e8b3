#include "server/content_sync.h"

#include <string>
#include <utility>

#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "matcher/ingest/field_checks.h"
#include "server/identity/access_rules.h"
#include "server/parallel_for.h"
#include "server/resource_name.h"
#include "server/sync_figures.h"

namespace gradmatch {

namespace {

v1::RowError NotOwn(const std::string& field, const std::string& value,
                    const std::string& prefix) {
  return MakeRowError(kTenantDenied, field, value, prefix + "…");
}

// What of a row is not `source`'s to write; nothing when that is empty.
std::optional<v1::RowError> CheckOwn(const std::string& source,
                                     const v1::Content& content) {
  if (source.empty()) return std::nullopt;
  const std::string names = ContentNameOf(ContentIdPrefix(source));
  if (!content.name().starts_with(names)) {
    return NotOwn("name", content.name(), names);
  }
  const std::string own = SourceNameOf(source);
  if (!content.source().empty() && content.source() != own) {
    return MakeRowError(kTenantDenied, "source", content.source(), own);
  }
  for (const std::string& posting : content.event().postings()) {
    if (!posting.starts_with(own + "/")) {
      return NotOwn("event.postings", posting, own + "/postings/");
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<v1::RowError> ContentSync::MakeOp(v1::SyncContentRow& row,
                                                ContentOp& op) const {
  op.writer = begin_.source();
  switch (row.operation_case()) {
    case v1::SyncContentRow::kUpsert:
      op.action = IngestAction::kUpsert;
      op.content = std::move(*row.mutable_upsert());
      if (auto foreign = CheckOwn(only_source_, op.content)) return foreign;
      if (op.content.source().empty()) op.content.set_source(begin_.source());
      return std::nullopt;
    case v1::SyncContentRow::kDelete: {
      op.action = IngestAction::kDelete;
      op.revision = row.delete_().revision();
      auto id = ParseContentName("delete.name", row.delete_().name());
      if (!id.ok()) {
        const FieldError error = FieldErrorOf(id.status());
        return MakeRowError(ReasonOf(id.status()), error.field, error.value,
                            error.allowed);
      }
      op.content_id = *std::move(id);
      if (!only_source_.empty() &&
          !op.content_id.starts_with(ContentIdPrefix(only_source_))) {
        return NotOwn("delete.name", row.delete_().name(),
                      ContentNameOf(ContentIdPrefix(only_source_)));
      }
      return std::nullopt;
    }
    case v1::SyncContentRow::OPERATION_NOT_SET:
      break;
  }
  return MissingOperation("upsert 或 delete");
}

absl::Status ContentSync::Begin(const Caller& caller,
                                const v1::SyncBegin& begin) {
  const Engine& engine = runtime_.engine();
  begin_ = begin;
  only_source_ = OnlySource(caller).value_or("");
  if (!begin.source().empty()) {
    const auto source = ParseSourceName("begin.source", begin.source());
    if (!source.ok()) return source.status();
    auto use = engine.sources.BeginUse(*source);
    if (!use.ok()) return use.status();
    use_ = *std::move(use);
  }
  return record_.Begin(engine.requests, "ContentService.SyncContents", caller,
                       begin);
}

absl::StatusOr<std::vector<v1::SyncRowResult>> ContentSync::Apply(
    std::span<PendingRow<Row>> rows) {
  ContentIngestOptions options;
  options.validate_only = begin_.validate_only();
  auto results = ApplySyncRows<ContentOp>(
      rows,
      [this](v1::SyncContentRow& row, ContentOp& op) {
        return MakeOp(row, op);
      },
      [&](std::span<const ContentOp> ops) {
        return runtime_.engine().contents.Ingest(
            ops, options, MakeParallelFor(runtime_.ingest_workers));
      });
  if (results.ok() && !begin_.validate_only()) {
    CountSyncRows("contents", "", *results, runtime_.metrics());
  }
  return results;
}

absl::Status ContentSync::Commit(v1::SyncCommitted& counts) {
  const Engine& engine = runtime_.engine();
  absl::Status status =
      record_.Commit(engine.requests, engine.store, begin_, counts);
  if (status.ok() && !begin_.validate_only()) {
    runtime_.log.Log(LogLevel::kInfo, "sync", "contents_committed",
                     {{LogField::kCount, counts.received()}});
  }
  return status;
}

}  // namespace gradmatch
