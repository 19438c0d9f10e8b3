#include "matcher/text/unicode.h"

#include <utf8proc.h>

#include <cstdint>
#include <cstdlib>
#include <vector>

#include "matcher/text/utf8.h"

namespace gradmatch {
namespace {

std::string Map(std::string_view text, utf8proc_option_t options) {
  utf8proc_uint8_t* out = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                   static_cast<utf8proc_ssize_t>(text.size()), &out, options);
  // Well-formed text fails only for want of memory; the text as it is then is
  // the safest answer.
  if (size < 0) return std::string(text);
  std::string mapped(reinterpret_cast<const char*>(out),
                     static_cast<size_t>(size));
  std::free(out);
  return mapped;
}

std::string Lower(std::string_view text) {
  std::string lower;
  lower.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const char32_t c = NextChar(text, i);
    AppendChar(static_cast<char32_t>(
                   utf8proc_tolower(static_cast<utf8proc_int32_t>(c))),
               lower);
  }
  return lower;
}

constexpr uint32_t kBmp = 0x10000;
constexpr uint16_t kKeep = 0;
constexpr uint16_t kContext = 1;  // may change with its neighbours
// From 2: place in FoldTable::mapped plus 2.

bool Combines(char32_t c) {
  const utf8proc_category_t category =
      utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC ||
         category == UTF8PROC_CATEGORY_ME ||
         // Jamo compose to Hangul syllables.
         (c >= 0x1100 && c <= 0x11FF) || (c >= 0xA960 && c <= 0xA97F) ||
         (c >= 0xD7B0 && c <= 0xD7FF);
}

// What folding makes of every character of the basic plane alone.
struct FoldTable {
  std::vector<uint16_t> action = std::vector<uint16_t>(kBmp, kKeep);
  std::vector<std::string> mapped;

  FoldTable() {
    std::string one;
    for (char32_t c = 0x41; c < kBmp; ++c) {
      if (IsHan(c) || (c >= 0xD800 && c < 0xE000)) continue;
      one.clear();
      AppendChar(c, one);
      std::string folded = FoldTextSlowly(one);
      size_t i = 0;
      if (Combines(c) || (!folded.empty() && Combines(NextChar(folded, i)))) {
        action[c] = kContext;
      } else if (folded != one) {
        action[c] = static_cast<uint16_t>(mapped.size() + 2);
        mapped.push_back(std::move(folded));
      }
    }
  }
};

const FoldTable& Table() {
  static const FoldTable* const table = new FoldTable();
  return *table;
}

}  // namespace

bool IsInvisible(char32_t c) {
  if (c < 0x20)
    return c != '\t' && c != '\n' && c != '\r' && c != '\v' && c != '\f';
  if (c < 0x7F) return false;
  if (c < 0xA0) return c != 0x85;
  if (c < 0x34F) return c == 0xAD;
  return c == 0x34F || c == 0x61C || c == 0x180E ||
         (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x206F) || (c >= 0xFE00 && c <= 0xFE0F) ||
         c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFF) ||
         (c >= 0xE0000 && c <= 0xE0FFF);
}

bool IsBlank(char32_t c) {
  return c == ' ' || c == '\t' || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F ||
         c == 0x3000 || c == 0x2800;
}

bool IsLineBreak(char32_t c) {
  return (c >= '\n' && c <= '\r') || c == 0x85 || c == 0x2028 || c == 0x2029;
}

std::string FoldTextSlowly(std::string_view text) {
  // Lower case after NFKC may compose anew (J and caron stay two characters,
  // j and caron are one), hence the second pass.
  const std::string compatible =
      Map(text, static_cast<utf8proc_option_t>(
                    UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT));
  return Map(Lower(compatible), static_cast<utf8proc_option_t>(
                                    UTF8PROC_STABLE | UTF8PROC_COMPOSE));
}

std::string FoldText(std::string_view text) {
  const FoldTable& table = Table();
  std::string out;
  out.reserve(text.size() + text.size() / 16);
  size_t run = 0;  // what stays is copied in runs
  for (size_t i = 0; i < text.size();) {
    const unsigned char byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80) {
      if (byte < 'A' || byte > 'Z') {
        ++i;
        continue;
      }
      out.append(text, run, i - run);
      out.push_back(static_cast<char>(byte + ('a' - 'A')));
      run = ++i;
      continue;
    }
    // U+4000 to U+9FFF: Han and hexagrams, which stay.
    if (byte >= 0xE4 && byte <= 0xE9) {
      i += 3;
      continue;
    }
    const size_t begin = i;
    const char32_t c = NextChar(text, i);
    // Beyond the basic plane almost all is Han and emoji, which stay.
    const bool rare = c >= kBmp && !(c >= 0x1F300 && c <= 0x1FAFF) && !IsHan(c);
    const uint16_t action = c < kBmp ? table.action[c]
                            : rare   ? kContext
                                     : kKeep;
    if (action == kContext) return FoldTextSlowly(text);
    if (action == kKeep) continue;
    out.append(text, run, begin - run);
    out.append(table.mapped[action - 2]);
    run = i;
  }
  out.append(text, run);
  return out;
}

}  // namespace gradmatch
