#include "server/posting_kind.h"

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/keys.h"
#include "matcher/ingest/resource_id.h"
#include "server/resource_name.h"

namespace gradmatch {

absl::Status PostingKind::Check(const Edit& edit, const Message& merged) const {
  const std::string& raw = merged.source_posting_id();
  if (raw.empty() || PostingIdFor(raw) == edit.id) return absl::OkStatus();
  FieldError error;
  error.field = absl::StrCat(edit.field, ".source_posting_id");
  error.value = raw;
  error.allowed = absl::StrCat("与名称 ", edit.name, " 对应的原编号；不可更改");
  return InvalidField(kFieldReadOnly, error);
}

PostingOp PostingKind::Upsert(const Edit& edit, Message merged,
                              Precondition precondition) const {
  PostingOp op;
  op.action = IngestAction::kUpsert;
  op.posting = std::move(merged);
  op.posting_id = edit.id;
  op.precondition = std::move(precondition);
  return op;
}

absl::Status PostingKind::NotFound(std::string_view name) const {
  return PostingNotFound(name);
}

absl::StatusOr<std::vector<PostingRow>> PostingKind::Ingest(
    std::span<const Op> ops, const PostingIngestOptions& options) const {
  return engine_.postings.Ingest(source_, ops, options);
}

absl::Status PostingNotFound(std::string_view name) {
  return MakeError(
      absl::StatusCode::kNotFound, kPostingNotFound,
      absl::StrCat("职位 ", A(name), " 不存在或已删除；请检查名称"),
      {{"name", std::string(name)}});
}

absl::StatusOr<v1::Posting> ReadPosting(const Engine& engine,
                                        std::string_view field,
                                        std::string_view name) {
  const absl::StatusOr<PostingName> ids = ParsePostingName(field, name);
  if (!ids.ok()) return ids.status();
  const std::string key = PostingKey(ids->source, ids->posting);
  const absl::StatusOr<Record> record =
      engine.catalog.Get(CollectionId::kPostings, key);
  if (absl::IsNotFound(record.status())) return PostingNotFound(name);
  if (!record.ok()) return record.status();
  if (!record->head.exists) return PostingNotFound(name);
  return PostingFromRecord(key, *record);
}

void HideOthers(const Caller& caller, v1::Posting& posting) {
  const auto own = OnlySource(caller);
  if (!own.has_value()) return;
  if (!posting.canonical_posting().starts_with(SourceNameOf(*own) + "/")) {
    posting.clear_canonical_posting();
  }
}

void ApplyView(v1::PostingView view, v1::Posting& posting) {
  if (view != v1::POSTING_VIEW_BASIC) return;
  posting.clear_description();
  posting.clear_requirements();
  posting.clear_benefits();
}

}  // namespace gradmatch
