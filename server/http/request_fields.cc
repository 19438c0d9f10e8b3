#include "server/http/request_fields.h"

#include <memory>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "server/http/json_codec.h"

namespace gradmatch {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// "KIND_REGION" of an enum whose zero is KIND_UNSPECIFIED may be "REGION".
std::string FullEnumName(const EnumDescriptor& type, std::string_view text) {
  if (type.FindValueByName(std::string(text)) != nullptr) {
    return std::string(text);
  }
  const std::string& zero = type.value(0)->name();
  const absl::string_view kEnd = "UNSPECIFIED";
  if (absl::EndsWith(zero, kEnd)) {
    const std::string full =
        absl::StrCat(zero.substr(0, zero.size() - kEnd.size()),
                     absl::AsciiStrToUpper(A(text)));
    if (type.FindValueByName(full) != nullptr) return full;
  }
  return std::string(text);
}

absl::Status NoSuchField(std::string_view name, const Descriptor& holder,
                         std::string_view step) {
  return InvalidField(kFieldInvalid,
                      {.field = std::string(name),
                       .value = std::string(step),
                       .allowed = absl::StrCat(holder.full_name(), " 的字段"),
                       .nearest = NearestJsonField(holder, step)});
}

// The message that has the path's last step, made on the way, and that field.
struct Place {
  Message* message = nullptr;
  const FieldDescriptor* field = nullptr;
};

Place FindPlace(std::string_view name, Message& message) {
  Place place{&message, nullptr};
  for (const absl::string_view step : absl::StrSplit(A(name), '.')) {
    if (place.field != nullptr) {
      if (place.field->message_type() == nullptr ||
          place.field->is_repeated()) {
        return {};
      }
      place.message = place.message->GetReflection()->MutableMessage(
          place.message, place.field);
    }
    place.field = FindJsonField(*place.message->GetDescriptor(), S(step));
    if (place.field == nullptr) return {};
  }
  return place;
}

}  // namespace

absl::Status AddQueryField(std::string_view name, std::string_view text,
                           Message& message) {
  const Descriptor* type = message.GetDescriptor();
  std::string open, close;
  const FieldDescriptor* field = nullptr;
  for (const absl::string_view step : absl::StrSplit(A(name), '.')) {
    if (type == nullptr) {
      return NoSuchField(name, *field->containing_type(), S(step));
    }
    field = FindJsonField(*type, S(step));
    if (field == nullptr) return NoSuchField(name, *type, S(step));
    absl::StrAppend(&open, "{", JsonQuote(field->json_name()), ":");
    close.push_back('}');
    type = field->message_type();
  }
  std::string value(text);
  if (field->enum_type() != nullptr) {
    value = FullEnumName(*field->enum_type(), text);
  }
  const bool repeated = field->is_repeated();
  const std::string json = absl::StrCat(
      open, repeated ? "[" : "", JsonQuote(value), repeated ? "]" : "", close);
  return JsonToMessage(json, "", message);
}

absl::Status SetPathField(std::string_view name, const std::string& text,
                          Message& message) {
  const Place place = FindPlace(name, message);
  if (place.field == nullptr ||
      place.field->cpp_type() != FieldDescriptor::CPPTYPE_STRING ||
      place.field->is_repeated()) {
    return absl::InternalError(
        absl::StrCat("path sets no text field: ", A(name)));
  }
  const google::protobuf::Reflection& reflection =
      *place.message->GetReflection();
  const std::string now = reflection.GetString(*place.message, place.field);
  if (!now.empty() && now != text) {
    return InvalidField(
        kFieldInvalid,
        {.field = std::string(name),
         .value = now,
         .allowed = absl::StrCat("与路径一致（", text, "），或不填")});
  }
  reflection.SetString(place.message, place.field, text);
  return absl::OkStatus();
}

std::string TextField(std::string_view name, const Message& message) {
  const Message* at = &message;
  const FieldDescriptor* field = nullptr;
  for (const absl::string_view step : absl::StrSplit(A(name), '.')) {
    if (field != nullptr) {
      if (field->message_type() == nullptr || field->is_repeated() ||
          !at->GetReflection()->HasField(*at, field)) {
        return "";
      }
      at = &at->GetReflection()->GetMessage(*at, field);
    }
    field = FindJsonField(*at->GetDescriptor(), S(step));
    if (field == nullptr) return "";
  }
  if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING ||
      field->is_repeated()) {
    return "";
  }
  return at->GetReflection()->GetString(*at, field);
}

}  // namespace gradmatch
