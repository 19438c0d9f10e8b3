#ifndef GRADMATCH_TOOLS_API_PAGES_SCHEMA_WRITER_H_
#define GRADMATCH_TOOLS_API_PAGES_SCHEMA_WRITER_H_

#include <map>
#include <string>
#include <string_view>

#include "google/protobuf/descriptor.h"
#include "tools/api_pages/json_out.h"

namespace gradmatch {

// The comment above a declaration, lines joined; empty when there is none.
template <typename Declaration>
std::string CommentOf(const Declaration& declaration);

// Schemas of messages and enums as protobuf's JSON writes them. Remembers what
// was referred to, so that just that is written at the end.
class SchemaWriter {
 public:
  explicit SchemaWriter(JsonOut& out) : out_(out) {}

  // The members of a schema object that stand for a value.
  void Message(const google::protobuf::Descriptor& type);
  void Field(const google::protobuf::FieldDescriptor& field);
  // All that was referred to, by name, each with what it refers to.
  void WriteReferred();

 private:
  void Single(const google::protobuf::FieldDescriptor& field);
  void Reference(const std::string& name);
  void WriteMessage(const google::protobuf::Descriptor& type);
  void WriteEnum(const google::protobuf::EnumDescriptor& type);

  JsonOut& out_;
  std::map<std::string, const google::protobuf::Descriptor*> messages_;
  std::map<std::string, const google::protobuf::EnumDescriptor*> enums_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_API_PAGES_SCHEMA_WRITER_H_
