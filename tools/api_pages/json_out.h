#ifndef GRADMATCH_TOOLS_API_PAGES_JSON_OUT_H_
#define GRADMATCH_TOOLS_API_PAGES_JSON_OUT_H_

#include <string>
#include <string_view>

namespace gradmatch {

// Writes JSON with members in the order they are given, two blanks a level, so
// that a change of the API is a small change of the file.
class JsonOut {
 public:
  void OpenObject(std::string_view name = "") { Open(name, '{'); }
  void CloseObject() { Close('}'); }
  void OpenArray(std::string_view name = "") { Open(name, '['); }
  void CloseArray() { Close(']'); }
  // Members of an object; in an array `name` is empty.
  void Text(std::string_view name, std::string_view value);
  void Bool(std::string_view name, bool value);

  std::string Take();

 private:
  void Open(std::string_view name, char bracket);
  void Close(char bracket);
  void Begin(std::string_view name);
  void NewLine();

  std::string out_;
  int depth_ = 0;
  bool first_ = true;
};

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_API_PAGES_JSON_OUT_H_
