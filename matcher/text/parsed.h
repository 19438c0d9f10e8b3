#ifndef GRADMATCH_MATCHER_TEXT_PARSED_H_
#define GRADMATCH_MATCHER_TEXT_PARSED_H_

#include <optional>
#include <string>
#include <utility>

namespace gradmatch {

// The answer of a value parser. Either nothing was understood (`value` unset;
// the caller keeps the raw text and flags it), or a value with whether it is
// certain. An uncertain value carries a note in Chinese on what was assumed:
// no guess is silent. Parsers take raw text of any width and case, accept any
// bytes, never throw, and are pure functions.
template <typename T>
struct Parsed {
  std::optional<T> value;
  bool certain = false;
  std::string note;

  bool understood() const { return value.has_value(); }
};

template <typename T>
Parsed<T> Certain(T value) {
  return {.value = std::move(value), .certain = true, .note = ""};
}
template <typename T>
Parsed<T> Uncertain(T value, std::string note) {
  return {.value = std::move(value), .certain = false, .note = std::move(note)};
}

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_TEXT_PARSED_H_
