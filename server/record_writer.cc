#include "server/record_writer.h"

#include "index/base/strings.h"

namespace gradmatch {

absl::Status BatchTooLarge(std::string_view field, int rows) {
  FieldError error;
  error.field = std::string(field);
  error.value = absl::StrCat(rows, " 项");
  error.allowed =
      absl::StrCat("1 至 ", kMaxBatchRows, " 项修改；更多请用同步流");
  return InvalidField(rows == 0 ? kFieldMissing : kBatchTooLarge, error);
}

absl::Status BatchAnswerTooLarge(size_t bytes) {
  FieldError error;
  error.field = "requests";
  error.value = absl::StrCat("修改后的记录共 ", bytes, " 字节");
  error.allowed = absl::StrCat("合计至多 ", kMaxBatchAnswerBytes,
                               " 字节；请分几批，或用同步流");
  return InvalidField(kBatchTooLarge, error);
}

absl::Status DuplicateInBatch(std::string_view field, std::string_view name) {
  FieldError error;
  error.field = std::string(field);
  error.value = std::string(name);
  error.allowed = "一批中每条记录至多出现一次";
  return InvalidField(kDuplicateId, error);
}

absl::Status RequestIdInBatch(std::string_view field, std::string_view value) {
  FieldError error;
  error.field = std::string(field);
  error.value = std::string(value);
  error.allowed = "留空；request_id 属于整批";
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
