#ifndef GRADMATCH_MATCHER_TEXT_NORMALIZE_H_
#define GRADMATCH_MATCHER_TEXT_NORMALIZE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace gradmatch {

// Changes with every change of what Normalize returns: part of encoder ids.
inline constexpr std::string_view kNormalizeVersion = "n1";

enum class TextForm {
  // For people: case, width and line breaks stay; HTML leftovers, control and
  // zero-width characters go; runs of blanks become one.
  kDisplay,
  // For comparing: the same, then NFKC (full width becomes half width), lower
  // case, runs of blanks one space, runs of line breaks one '\n'.
  kMatching,
};

// Byte offset of the first byte that is not well-formed UTF-8 (overlong forms,
// surrogates and values past U+10FFFF are not). nullopt if all is well.
std::optional<size_t> FindInvalidUtf8(std::string_view text);

// Time and memory grow with text.size() only. Idempotent, but for entities
// hidden inside entities. InvalidArgument with the byte offset if `text` is not
// UTF-8.
absl::StatusOr<std::string> Normalize(std::string_view text, TextForm form);

// The matching form of text that may be broken: every bad byte becomes a
// space. For parsers, which answer "not understood" rather than an error.
std::string MatchingForm(std::string_view text);

// The longest prefix of at most `max_bytes` that does not cut a character.
std::string_view CutUtf8(std::string_view text, size_t max_bytes);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_TEXT_NORMALIZE_H_
