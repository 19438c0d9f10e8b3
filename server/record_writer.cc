#include "server/record_writer.h"

#include "index/base/strings.h"

namespace gradmatch {

absl::Status BatchTooLarge(std::string_view field, int rows) {
  FieldError error;
  error.field = std::string(field);
  error.value = absl::StrCat(rows);
  error.allowed =
      absl::StrCat("1-", kMaxBatchRows, " changes; send more as a sync stream");
  return InvalidField(kBatchTooLarge, error);
}

absl::Status DuplicateInBatch(std::string_view field, std::string_view name) {
  FieldError error;
  error.field = std::string(field);
  error.value = std::string(name);
  error.allowed = "each record once in a batch";
  return InvalidField(kDuplicateId, error);
}

absl::Status RequestIdInBatch(std::string_view field, std::string_view value) {
  FieldError error;
  error.field = std::string(field);
  error.value = std::string(value);
  error.allowed = "empty; the batch as a whole has one request_id";
  return InvalidField(kFieldInvalid, error);
}

absl::Status EtagMismatch(std::string_view name, std::string_view seen,
                          std::string_view current) {
  return MakeError(
      absl::StatusCode::kAborted, kEtagMismatch,
      absl::StrCat(A(name), " 已被修改（请求的 etag 为 ", A(seen), "，当前为 ",
                   A(current), "）；请重新读取后再改"),
      {{"value", std::string(seen)}, {"current", std::string(current)}});
}

}  // namespace gradmatch
