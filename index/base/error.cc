#include "index/base/error.h"

#include <optional>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"

namespace gradmatch {
namespace {

constexpr size_t kMaxValueChars = 100;

template <typename Detail>
std::string TypeUrl() {
  return absl::StrCat("type.googleapis.com/",
                      Detail::descriptor()->full_name());
}

template <typename Detail>
void Attach(absl::Status& status, const Detail& detail) {
  status.SetPayload(TypeUrl<Detail>(), absl::Cord(detail.SerializeAsString()));
}

template <typename Detail>
std::optional<Detail> DetailOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload =
      status.GetPayload(TypeUrl<Detail>());
  Detail detail;
  if (!payload.has_value() || !detail.ParseFromString(std::string(*payload))) {
    return std::nullopt;
  }
  return detail;
}

// Cuts at a character border, so that the rest stays valid UTF-8.
std::string CutValue(const std::string& value) {
  size_t chars = 0;
  for (size_t i = 0; i < value.size(); ++i) {
    const bool starts_char =
        (static_cast<unsigned char>(value[i]) & 0xC0) != 0x80;
    if (starts_char && chars++ == kMaxValueChars)
      return value.substr(0, i) + "…";
  }
  return value;
}

std::string Sentence(const FieldError& error) {
  std::string text = absl::StrCat("字段 ", error.field, " 的值 \"",
                                  CutValue(error.value), "\" 不可用");
  if (!error.allowed.empty()) absl::StrAppend(&text, "；允许：", error.allowed);
  if (!error.nearest.empty()) {
    absl::StrAppend(&text, "；最接近的有效值：", error.nearest);
  }
  return text;
}

}  // namespace

absl::Status MakeError(absl::StatusCode code, std::string_view reason,
                       std::string_view message,
                       const std::map<std::string, std::string>& metadata) {
  absl::Status status(code, A(message));
  google::rpc::ErrorInfo info;
  info.set_domain(kDomain);
  info.set_reason(std::string(reason));
  for (const auto& [key, value] : metadata) {
    (*info.mutable_metadata())[key] = CutValue(value);
  }
  Attach(status, info);
  return status;
}

absl::Status InvalidField(std::string_view reason, const FieldError& error) {
  return InvalidFields({{std::string(reason), error}});
}

absl::Status InvalidFields(const std::vector<ReasonedFieldError>& errors) {
  std::string message;
  google::rpc::BadRequest bad_request;
  for (const ReasonedFieldError& e : errors) {
    absl::StrAppend(&message, message.empty() ? "" : "。", Sentence(e.error));
    auto* violation = bad_request.add_field_violations();
    violation->set_field(e.error.field);
    violation->set_description(Sentence(e.error));
  }
  const FieldError& first = errors.front().error;
  absl::Status status = MakeError(absl::StatusCode::kInvalidArgument,
                                  errors.front().reason, message,
                                  {{"field", first.field},
                                   {"value", first.value},
                                   {"allowed", first.allowed},
                                   {"nearest", first.nearest}});
  Attach(status, bad_request);
  return status;
}

absl::Status Overloaded(std::string_view reason, std::string_view message,
                        int64_t retry_after_millis) {
  absl::Status status =
      MakeError(absl::StatusCode::kResourceExhausted, reason, message);
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(retry_after_millis / 1000);
  retry.mutable_retry_delay()->set_nanos(
      static_cast<int32_t>(retry_after_millis % 1000 * 1'000'000));
  Attach(status, retry);
  return status;
}

std::string ReasonOf(const absl::Status& status) {
  const auto info = DetailOf<google::rpc::ErrorInfo>(status);
  return info.has_value() ? info->reason() : "";
}

FieldError FieldErrorOf(const absl::Status& status) {
  const auto info = DetailOf<google::rpc::ErrorInfo>(status);
  FieldError error;
  if (!info.has_value()) return error;
  const auto value = [&info](const char* key) {
    const auto it = info->metadata().find(key);
    return it == info->metadata().end() ? std::string() : it->second;
  };
  error.field = value("field");
  error.value = value("value");
  error.allowed = value("allowed");
  error.nearest = value("nearest");
  return error;
}

}  // namespace gradmatch
