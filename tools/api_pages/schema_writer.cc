#include "tools/api_pages/schema_writer.h"

#include <functional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace gradmatch {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

// "gradmatch.v1.Posting" is Posting, "gradmatch.v1.Posting.State"
// Posting.State; others keep their package.
std::string SchemaName(const std::string& full_name) {
  const absl::string_view own = "gradmatch.v1.";
  return absl::StartsWith(full_name, own) ? full_name.substr(own.size())
                                          : full_name;
}

// What protobuf's JSON writes in a form of its own; false for other messages.
bool WellKnown(const Descriptor& type, JsonOut& out) {
  const std::string& name = type.full_name();
  if (!absl::StartsWith(name, "google.protobuf.")) return false;
  if (name == "google.protobuf.Timestamp") {
    out.Text("type", "string");
    out.Text("format", "date-time");
  } else if (name == "google.protobuf.Duration" ||
             name == "google.protobuf.FieldMask") {
    out.Text("type", "string");
  } else if (name == "google.protobuf.Any") {
    out.Text("type", "object");
    out.OpenObject("properties");
    out.OpenObject("@type");
    out.Text("type", "string");
    out.CloseObject();
    out.CloseObject();
    out.Bool("additionalProperties", true);
  } else {
    out.Text("type", "object");
  }
  return true;
}

}  // namespace

template <typename Declaration>
std::string CommentOf(const Declaration& declaration) {
  google::protobuf::SourceLocation location;
  if (!declaration.GetSourceLocation(&location)) return "";
  return std::string(absl::StripAsciiWhitespace(absl::StrReplaceAll(
      location.leading_comments, {{"\n ", " "}, {"\n", " "}})));
}
template std::string CommentOf(const Descriptor&);
template std::string CommentOf(const EnumDescriptor&);
template std::string CommentOf(const FieldDescriptor&);
template std::string CommentOf(const google::protobuf::EnumValueDescriptor&);
template std::string CommentOf(const google::protobuf::MethodDescriptor&);
template std::string CommentOf(const google::protobuf::ServiceDescriptor&);

void SchemaWriter::Reference(const std::string& name) {
  out_.Text("$ref", absl::StrCat("#/components/schemas/", SchemaName(name)));
}

void SchemaWriter::Message(const Descriptor& type) {
  if (WellKnown(type, out_)) return;
  messages_.emplace(SchemaName(type.full_name()), &type);
  Reference(type.full_name());
}

void SchemaWriter::Single(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return Message(*field.message_type());
    case FieldDescriptor::CPPTYPE_ENUM:
      enums_.emplace(SchemaName(field.enum_type()->full_name()),
                     field.enum_type());
      return Reference(field.enum_type()->full_name());
    case FieldDescriptor::CPPTYPE_BOOL:
      return out_.Text("type", "boolean");
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      out_.Text("type", "number");
      return out_.Text("format", "double");
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_UINT32:
      out_.Text("type", "integer");
      return out_.Text("format", "int32");
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT64:
      out_.Text("type", "string");
      return out_.Text("format", "int64");
    case FieldDescriptor::CPPTYPE_STRING:
      out_.Text("type", "string");
      if (field.type() == FieldDescriptor::TYPE_BYTES) {
        out_.Text("format", "byte");
      }
  }
}

void SchemaWriter::Field(const FieldDescriptor& field) {
  if (field.is_map()) {
    out_.Text("type", "object");
    out_.OpenObject("additionalProperties");
    Single(*field.message_type()->map_value());
    out_.CloseObject();
  } else if (field.is_repeated()) {
    out_.Text("type", "array");
    out_.OpenObject("items");
    Single(field);
    out_.CloseObject();
  } else {
    Single(field);
  }
}

void SchemaWriter::WriteMessage(const Descriptor& type) {
  out_.OpenObject(SchemaName(type.full_name()));
  out_.Text("type", "object");
  const std::string comment = CommentOf(type);
  if (!comment.empty()) out_.Text("description", comment);
  out_.OpenObject("properties");
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const std::string about = CommentOf(field);
    const bool plain =
        field.is_repeated() ||
        (field.message_type() == nullptr && field.enum_type() == nullptr) ||
        (field.message_type() != nullptr &&
         absl::StartsWith(field.message_type()->full_name(),
                          "google.protobuf."));
    out_.OpenObject(field.json_name());
    // Beside $ref nothing counts, so it is wrapped.
    if (!about.empty()) out_.Text("description", about);
    if (absl::StrContains(about, "Output only")) out_.Bool("readOnly", true);
    if (plain) {
      Field(field);
    } else {
      out_.OpenArray("allOf");
      out_.OpenObject();
      Field(field);
      out_.CloseObject();
      out_.CloseArray();
    }
    out_.CloseObject();
  }
  out_.CloseObject();
  out_.CloseObject();
}

void SchemaWriter::WriteEnum(const EnumDescriptor& type) {
  std::string about = CommentOf(type);
  out_.OpenObject(SchemaName(type.full_name()));
  out_.Text("type", "string");
  for (int i = 0; i < type.value_count(); ++i) {
    const std::string comment = CommentOf(*type.value(i));
    if (!comment.empty()) {
      absl::StrAppend(&about, "\n", type.value(i)->name(), ": ", comment);
    }
  }
  if (!about.empty()) out_.Text("description", about);
  out_.OpenArray("enum");
  for (int i = 0; i < type.value_count(); ++i) {
    out_.Text("", type.value(i)->name());
  }
  out_.CloseArray();
  out_.CloseObject();
}

void SchemaWriter::WriteReferred() {
  // Fields refer to further types: close the set before writing it by name.
  std::function<void(const Descriptor&)> close = [&](const Descriptor& type) {
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor* field = type.field(i);
      if (field->is_map()) field = field->message_type()->map_value();
      if (field->enum_type() != nullptr) {
        enums_.emplace(SchemaName(field->enum_type()->full_name()),
                       field->enum_type());
      }
      const Descriptor* message = field->message_type();
      if (message == nullptr ||
          absl::StartsWith(message->full_name(), "google.protobuf.")) {
        continue;
      }
      if (messages_.emplace(SchemaName(message->full_name()), message).second) {
        close(*message);
      }
    }
  };
  const auto roots = messages_;
  for (const auto& [name, type] : roots) close(*type);
  std::map<std::string, std::function<void()>> all;
  for (const auto& [name, type] : messages_) {
    all[name] = [this, type = type] { WriteMessage(*type); };
  }
  for (const auto& [name, type] : enums_) {
    all[name] = [this, type = type] { WriteEnum(*type); };
  }
  for (const auto& [name, write] : all) write();
}

}  // namespace gradmatch
