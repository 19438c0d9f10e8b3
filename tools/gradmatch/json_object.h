#ifndef GRADMATCH_TOOLS_GRADMATCH_JSON_OBJECT_H_
#define GRADMATCH_TOOLS_GRADMATCH_JSON_OBJECT_H_

#include <cstdint>
#include <string>

namespace gradmatch {

// A JSON object for what is no message of the API, its members in the order of
// the calls: scripts compare outputs, and protobuf's Struct keeps no order.
class JsonObject {
 public:
  void Add(const std::string& name, const std::string& text);
  void Add(const std::string& name, int64_t number);
  // `json` is a value as it is written: true, 0.5, an object.
  void AddJson(const std::string& name, const std::string& json);

  // On one line, without a line break.
  std::string ToString() const { return "{" + members_ + "}"; }

 private:
  std::string members_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_GRADMATCH_JSON_OBJECT_H_
