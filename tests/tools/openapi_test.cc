// The checked-in description of the API is what the API files give.

#include <fstream>
#include <set>
#include <sstream>

#include "google/protobuf/struct.pb.h"
#include "gtest/gtest.h"
#include "server/http/json_codec.h"
#include "tools/api_pages/openapi_writer.h"

namespace gradmatch {
namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::string Written() {
  google::protobuf::FileDescriptorSet files;
  EXPECT_TRUE(files.ParseFromString(ReadFile(API_DESCRIPTORS)));
  auto text = WriteOpenApi(files);
  EXPECT_TRUE(text.ok()) << text.status();
  return text.ok() ? *std::move(text) : "";
}

TEST(OpenApiTest, FileIsWhatTheProtosGive) {
  // Not EXPECT_EQ: it would print both, thousands of lines.
  EXPECT_TRUE(ReadFile("proto/openapi/openapi.json") == Written())
      << "proto/openapi/openapi.json is not what the API files give: run "
         "tools/renew_api_pages";
}

using google::protobuf::Struct;
using google::protobuf::Value;

void CollectReferences(const Value& value, std::set<std::string>& out) {
  for (const Value& element : value.list_value().values()) {
    CollectReferences(element, out);
  }
  for (const auto& [name, member] : value.struct_value().fields()) {
    if (name == "$ref") out.insert(member.string_value());
    CollectReferences(member, out);
  }
}

TEST(OpenApiTest, EveryReferenceLeadsSomewhere) {
  Value root;
  ASSERT_TRUE(JsonToMessage(Written(), "", root).ok());
  std::set<std::string> references;
  CollectReferences(root, references);
  EXPECT_GT(references.size(), 50u);
  const Struct& components =
      root.struct_value().fields().at("components").struct_value();
  for (const std::string& reference : references) {
    const std::string prefix = "#/components/";
    ASSERT_TRUE(reference.starts_with(prefix)) << reference;
    const size_t slash = reference.find('/', prefix.size());
    const std::string kind =
        reference.substr(prefix.size(), slash - prefix.size());
    EXPECT_TRUE(components.fields().at(kind).struct_value().fields().contains(
        reference.substr(slash + 1)))
        << reference;
  }
}

}  // namespace
}  // namespace gradmatch
