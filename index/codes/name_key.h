#ifndef GRADMATCH_INDEX_CODES_NAME_KEY_H_
#define GRADMATCH_INDEX_CODES_NAME_KEY_H_

#include <string>
#include <string_view>

namespace gradmatch {

// What is left of a name when blanks, ASCII letter case and the width of ASCII
// are taken as spelling: equal for names that a code table takes as one.
std::string TableNameKey(std::string_view name);

// Calls `f` with every part of `text` that is not empty.
template <typename F>
void ForEachPart(std::string_view text, char separator, F&& f) {
  while (!text.empty()) {
    const size_t end = text.find(separator);
    if (end != 0) f(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_CODES_NAME_KEY_H_
