#ifndef GRADMATCH_INDEX_BASE_STRINGS_H_
#define GRADMATCH_INDEX_BASE_STRINGS_H_

#include <string_view>

#include "absl/strings/string_view.h"

namespace gradmatch {

// Debian builds Abseil with its own absl::string_view, which does not convert
// to or from std::string_view. Our headers speak std; these two cross the edge.
inline absl::string_view A(std::string_view s) {
  return absl::string_view(s.data(), s.size());
}
inline std::string_view S(absl::string_view s) {
  return std::string_view(s.data(), s.size());
}

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_BASE_STRINGS_H_
