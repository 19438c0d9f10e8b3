#include "server/graduate_kind.h"

#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/keys.h"
#include "index/pseudonym.h"
#include "server/resource_name.h"

namespace gradmatch {

absl::Status GraduateKind::NotFound(std::string_view) const {
  return GraduateNotFound();
}

absl::Status GraduateNotFound() {
  return MakeError(
      absl::StatusCode::kNotFound, kGraduateNotFound,
      "毕业生不存在或已删除；请检查名称 graduates/{graduate}，或先用 "
      "CreateGraduate 建立");
}

absl::StatusOr<v1::Graduate> ReadGraduate(const Engine& engine,
                                          std::string_view field,
                                          std::string_view name,
                                          std::string* key) {
  const absl::StatusOr<std::string> id = ParseGraduateName(field, name);
  if (!id.ok()) return id.status();
  const std::string stored = GraduateKey(engine.pseudonyms.Of(*id));
  if (key != nullptr) *key = stored;
  const absl::StatusOr<Record> record =
      engine.catalog.Get(CollectionId::kGraduates, stored);
  if (absl::IsNotFound(record.status())) return GraduateNotFound();
  if (!record.ok()) return record.status();
  if (!record->head.exists) return GraduateNotFound();
  return GraduateFromRecord(*record);
}

absl::Status AnswerFromCurrent(
    const Engine& engine, const RpcContext& rpc, std::string_view field,
    std::string_view name,
    const std::function<absl::Status(const v1::Graduate& graduate,
                                     const std::string& key)>& answer) {
  while (true) {
    std::string key;
    const auto graduate = ReadGraduate(engine, field, name, &key);
    if (!graduate.ok()) return graduate.status();
    absl::Status answered = answer(*graduate, key);
    if (!answered.ok()) return answered;
    const auto heads = engine.catalog.Peek(CollectionId::kGraduates, {&key, 1});
    if (!heads.ok()) return heads.status();
    if (heads->front().etag == graduate->etag()) return absl::OkStatus();
    absl::Status go_on = rpc.Check();
    if (!go_on.ok()) return go_on;
  }
}

}  // namespace gradmatch
