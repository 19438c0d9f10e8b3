#include "server/content_record.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/keys.h"
#include "matcher/ingest/normalize_posting.h"
#include "server/resource_name.h"

namespace gradmatch {

ContentOp ContentRecordKind::Upsert(const Edit& edit, Message merged,
                                    Precondition precondition) const {
  // An expiry that was derived follows what it was derived from: an event that
  // is put off must not end on its old day.
  const bool derived =
      std::any_of(merged.issues().begin(), merged.issues().end(),
                  [](const v1::Issue& issue) {
                    return issue.code() == kIssueExpiryMissing;
                  });
  if (derived && !edit.patch->has_expire_time()) merged.clear_expire_time();
  ContentOp op;
  op.content = std::move(merged);
  op.precondition = std::move(precondition);
  return op;
}

absl::Status ContentNotFound(std::string_view name) {
  return MakeError(
      absl::StatusCode::kNotFound, kContentNotFound,
      absl::StrCat("内容 ", A(name), " 不存在或已删除；请检查名称"),
      {{"name", std::string(name)}});
}

absl::StatusOr<v1::Content> ReadContent(const Engine& engine,
                                        std::string_view field,
                                        std::string_view name) {
  const absl::StatusOr<std::string> id = ParseContentName(field, name);
  if (!id.ok()) return id.status();
  const std::string key = ContentKey(*id);
  const absl::StatusOr<Record> record =
      engine.catalog.Get(CollectionId::kContents, key);
  if (absl::IsNotFound(record.status())) return ContentNotFound(name);
  if (!record.ok()) return record.status();
  if (!record->head.exists) return ContentNotFound(name);
  return ContentFromRecord(key, *record);
}

absl::StatusOr<bool> HasContentOf(const Engine& engine,
                                  const std::string& source_name) {
  constexpr size_t kChunk = 1'000;
  KeyRange range;
  while (true) {
    const auto records =
        engine.catalog.List(CollectionId::kContents, range, kChunk);
    if (!records.ok()) return records.status();
    for (const auto& [key, record] : *records) {
      const auto content = ContentFromRecord(key, record);
      if (!content.ok()) return content.status();
      if (content->source() == source_name) return true;
    }
    if (records->size() < kChunk) return false;
    range.begin = records->back().first + '\0';
  }
}

}  // namespace gradmatch
