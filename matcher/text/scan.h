#ifndef GRADMATCH_MATCHER_TEXT_SCAN_H_
#define GRADMATCH_MATCHER_TEXT_SCAN_H_

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace gradmatch {

// Small tools the value parsers share. All work on matching form.

// The matching form without any blank. Values longer than `max_bytes` are not
// values: empty.
std::string CompactForm(std::string_view text, size_t max_bytes = 512);

bool Contains(std::string_view text, std::string_view part);
bool ContainsAny(std::string_view text,
                 std::initializer_list<std::string_view> parts);

// Reads a number at text[i] and moves `i` behind it: "1.5", "10,000", "三",
// "十二", "两". Chinese numerals up to 99. nullopt if there is none.
std::optional<double> ReadNumber(std::string_view text, size_t& i);

// Moves `i` behind a sign of a range ("-", "~", "至", "到", "—") at text[i].
bool SkipRangeSign(std::string_view text, size_t& i);

// Moves `i` behind `word` if it stands at text[i].
bool Skip(std::string_view text, size_t& i, std::string_view word);
bool SkipAny(std::string_view text, size_t& i,
             std::initializer_list<std::string_view> words);

// All digits, not empty.
bool AllDigits(std::string_view text);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_TEXT_SCAN_H_
