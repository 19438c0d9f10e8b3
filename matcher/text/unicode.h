#ifndef GRADMATCH_MATCHER_TEXT_UNICODE_H_
#define GRADMATCH_MATCHER_TEXT_UNICODE_H_

#include <string>
#include <string_view>

namespace gradmatch {

// The one place that knows Unicode's tables (utf8proc).

// True for control and format characters that text of people does not need:
// C0 and C1 but for tab and line breaks, zero-width characters, byte order
// marks, soft hyphens, direction marks, variation selectors, unassigned ends.
bool IsInvisible(char32_t c);

// True for characters that are blank but for line breaks.
bool IsBlank(char32_t c);
// True for all that ends a line.
bool IsLineBreak(char32_t c);

// NFKC, lower case, NFC again, of well-formed text. Characters that stand
// alone go through a table; text with combining characters goes through
// utf8proc as a whole. Idempotent.
std::string FoldText(std::string_view text);

// The same without the table: the oracle of its test.
std::string FoldTextSlowly(std::string_view text);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_TEXT_UNICODE_H_
