#include "tools/gradmatch/json_object.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/struct.pb.h"
#include "tools/gradmatch/client.h"

namespace gradmatch {
namespace {

std::string Quoted(const std::string& text) {
  google::protobuf::Value value;
  value.set_string_value(text);
  return ToJson(value, /*indented=*/false);
}

}  // namespace

void JsonObject::Add(const std::string& name, const std::string& text) {
  AddJson(name, Quoted(text));
}

void JsonObject::Add(const std::string& name, int64_t number) {
  AddJson(name, absl::StrCat(number));
}

void JsonObject::AddJson(const std::string& name, const std::string& json) {
  absl::StrAppend(&members_, members_.empty() ? "" : ", ", Quoted(name), ": ",
                  json);
}

}  // namespace gradmatch
