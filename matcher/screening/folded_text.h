#ifndef GRADMATCH_MATCHER_SCREENING_FOLDED_TEXT_H_
#define GRADMATCH_MATCHER_SCREENING_FOLDED_TEXT_H_

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

namespace gradmatch {

// A text as characters, each folded by itself: full width to half width, Latin
// letters to lower case. Place i is character i of the text as given, so that
// spans need no mapping back. A broken byte is one U+FFFD.
std::u32string FoldCharacters(std::string_view utf8);

// Whether `c` ends a sentence (。；！？ and line breaks), or one of its clauses
// (commas as well).
bool EndsSentence(char32_t c);
bool EndsClause(char32_t c);

// Whether `text` continues with `word` at `at`.
bool StartsAt(std::u32string_view text, size_t at, std::u32string_view word);
bool ContainsAny(std::u32string_view text,
                 std::initializer_list<std::u32string_view> words);

// The sentence around [begin, end), without its end marks.
struct Span {
  size_t begin = 0;
  size_t end = 0;
};
Span SentenceAround(std::u32string_view text, Span span);

// The part of `text` of at most `size` characters before `at`, from `floor` on;
// and after `at`, up to `ceiling`.
std::u32string_view Before(std::u32string_view text, size_t at, size_t size,
                           size_t floor);
std::u32string_view After(std::u32string_view text, size_t at, size_t size,
                          size_t ceiling);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_SCREENING_FOLDED_TEXT_H_
