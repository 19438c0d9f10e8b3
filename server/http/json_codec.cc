#include "server/http/json_codec.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/type_resolver_util.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "server/feed/nearest_word.h"
#include "server/http/json_syntax.h"

namespace gradmatch {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

constexpr char kTypeUrlPrefix[] = "type.googleapis.com";

google::protobuf::util::TypeResolver& Resolver() {
  static auto* const resolver =
      google::protobuf::util::NewTypeResolverForDescriptorPool(
          kTypeUrlPrefix, google::protobuf::DescriptorPool::generated_pool());
  return *resolver;
}

// The field that a path such as "locations[0].region.code" ends at, as far as
// it is known; `holder` gets the message of the last step.
const FieldDescriptor* FieldAt(const Descriptor* type, absl::string_view path,
                               const Descriptor** holder) {
  const FieldDescriptor* field = nullptr;
  for (absl::string_view step : absl::StrSplit(path, '.')) {
    if (type == nullptr) return nullptr;
    *holder = type;
    field = FindJsonField(*type, S(step.substr(0, step.find('['))));
    type = field == nullptr ? nullptr : field->message_type();
  }
  return field;
}

std::string EnumNames(const EnumDescriptor& type) {
  std::string names;
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() == 0) continue;
    absl::StrAppend(&names, names.empty() ? "" : "、", type.value(i)->name());
  }
  return names;
}

std::string AllowedFor(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_UINT32:
      return "32 位整数";
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT64:
      return "64 位整数（JSON 中写成字符串或数字）";
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return "数字";
    case FieldDescriptor::CPPTYPE_BOOL:
      return "true 或 false";
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumNames(*field.enum_type());
    case FieldDescriptor::CPPTYPE_STRING:
      return field.type() == FieldDescriptor::TYPE_BYTES ? "base64 字符串"
                                                         : "字符串";
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  const std::string& type = field.message_type()->full_name();
  if (type == "google.protobuf.Timestamp") {
    return "RFC 3339 时间，如 2026-06-01T00:00:00Z";
  }
  if (type == "google.protobuf.Duration") return "秒数加 s，如 1.5s";
  if (type == "google.protobuf.FieldMask") return "逗号分隔的字段名";
  return "JSON 对象";
}

// What protobuf says has one of few shapes, none of them an interface; what is
// not recognised still names the problem, in its words.
struct Complaint {
  std::string field;  // path within the message
  bool unknown_field = false;
  std::string value;
};

Complaint ParseComplaint(absl::string_view text) {
  Complaint out;
  absl::string_view rest = text;
  if (!rest.empty() && rest[0] == '(') {
    const size_t close = rest.find(')');
    if (close == rest.npos) return out;
    out.field = std::string(rest.substr(1, close - 1));
    rest = rest.substr(close + 1);
  }
  const absl::string_view kUnknown = ": Cannot find field.";
  if (absl::EndsWith(rest, kUnknown)) {
    rest.remove_suffix(kUnknown.size());
    while (!rest.empty() && rest[0] == ' ') rest.remove_prefix(1);
    absl::StrAppend(&out.field, out.field.empty() ? "" : ".", rest);
    out.unknown_field = true;
    return out;
  }
  const absl::string_view kInvalid = ": invalid value ";
  const size_t type = rest.rfind(" for type ");
  if (absl::StartsWith(rest, kInvalid) && type != rest.npos &&
      type > kInvalid.size()) {
    out.value =
        std::string(rest.substr(kInvalid.size(), type - kInvalid.size()));
  } else if (out.field.empty() && rest.find(':') != rest.npos &&
             rest.find(' ') > rest.find(':')) {
    out.field = std::string(rest.substr(0, rest.find(':')));
  }
  return out;
}

absl::Status Refuse(absl::string_view complaint, std::string_view path,
                    const Descriptor& type) {
  const Complaint seen = ParseComplaint(complaint);
  FieldError error;
  error.field = absl::StrCat(
      A(path), path.empty() || seen.field.empty() ? "" : ".", seen.field);
  if (error.field.empty()) error.field = "(body)";
  error.value = seen.value;
  const Descriptor* holder = &type;
  const FieldDescriptor* field =
      seen.field.empty() ? nullptr : FieldAt(&type, seen.field, &holder);
  if (seen.unknown_field) {
    const std::string name = seen.field.substr(
        seen.field.rfind('.') == std::string::npos ? 0
                                                   : seen.field.rfind('.') + 1);
    error.value = name;
    error.allowed = absl::StrCat(holder->full_name(), " 的字段");
    error.nearest = NearestJsonField(*holder, name);
  } else if (field != nullptr) {
    error.allowed = AllowedFor(*field);
  } else {
    error.allowed =
        absl::StrCat(type.full_name(), " 的 JSON 对象（",
                     complaint.substr(0, complaint.find('\n')), "）");
  }
  return InvalidField(kFieldInvalid, error);
}

}  // namespace

const FieldDescriptor* FindJsonField(const Descriptor& type,
                                     std::string_view name) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    if (name == field->json_name() || name == field->name()) return field;
  }
  return nullptr;
}

std::string NearestJsonField(const Descriptor& type, std::string_view name) {
  std::vector<std::string_view> names;
  for (int i = 0; i < type.field_count(); ++i) {
    names.push_back(type.field(i)->json_name());
  }
  return std::string(NearestWord(name, names));
}

absl::Status JsonToMessage(std::string_view json, std::string_view path,
                           google::protobuf::Message& message,
                           int64_t first_line) {
  absl::Status syntax = CheckJsonSyntax(json, first_line);
  if (!syntax.ok()) return syntax;
  const Descriptor& type = *message.GetDescriptor();
  std::string wire;
  {
    google::protobuf::io::ArrayInputStream in(json.data(),
                                              static_cast<int>(json.size()));
    google::protobuf::io::StringOutputStream out(&wire);
    const auto status = google::protobuf::util::JsonToBinaryStream(
        &Resolver(), absl::StrCat(kTypeUrlPrefix, "/", type.full_name()), &in,
        &out, google::protobuf::util::JsonParseOptions());
    if (!status.ok()) {
      return Refuse(
          absl::string_view(status.message().data(), status.message().size()),
          path, type);
    }
  }
  if (!message.MergeFromString(wire)) {
    return Refuse("does not parse", path, type);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> WireToJson(const Descriptor& type,
                                       const std::string& wire) {
  std::string json;
  const auto status = google::protobuf::util::BinaryToJsonString(
      &Resolver(), absl::StrCat(kTypeUrlPrefix, "/", type.full_name()), wire,
      &json, google::protobuf::util::JsonPrintOptions());
  if (!status.ok()) {
    return absl::InternalError(
        absl::StrCat("message to JSON: ", type.full_name()));
  }
  return json;
}

absl::StatusOr<std::string> MessageToJson(
    const google::protobuf::Message& message) {
  return WireToJson(*message.GetDescriptor(), message.SerializeAsString());
}

std::string JsonQuote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      constexpr char kHex[] = "0123456789abcdef";
      out += "\\u00";
      out.push_back(kHex[c >> 4]);
      out.push_back(kHex[c & 15]);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
  return out;
}

}  // namespace gradmatch
