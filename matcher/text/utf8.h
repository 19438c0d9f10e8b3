#ifndef GRADMATCH_MATCHER_TEXT_UTF8_H_
#define GRADMATCH_MATCHER_TEXT_UTF8_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace gradmatch {

// Reads the character at text[i] and moves `i` behind it. `text` must be
// well-formed and i < text.size().
inline char32_t NextChar(std::string_view text, size_t& i) {
  const auto byte = [&](size_t at) {
    return static_cast<char32_t>(static_cast<unsigned char>(text[at]));
  };
  const char32_t first = byte(i);
  if (first < 0x80) return ++i, first;
  if (first < 0xE0) {
    i += 2;
    return (first & 0x1F) << 6 | (byte(i - 1) & 0x3F);
  }
  if (first < 0xF0) {
    i += 3;
    return (first & 0x0F) << 12 | (byte(i - 2) & 0x3F) << 6 |
           (byte(i - 1) & 0x3F);
  }
  i += 4;
  return (first & 0x07) << 18 | (byte(i - 3) & 0x3F) << 12 |
         (byte(i - 2) & 0x3F) << 6 | (byte(i - 1) & 0x3F);
}

inline void AppendChar(char32_t c, std::string& out) {
  const auto put = [&](char32_t byte) {
    out.push_back(static_cast<char>(byte));
  };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6);
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

inline bool IsHan(char32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) ||
         (c >= 0x20000 && c <= 0x323AF) || c == 0x3007;
}

// Letters and digits of the matching form.
inline bool IsLatin(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}
inline bool IsDigit(char32_t c) { return c >= '0' && c <= '9'; }

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_TEXT_UTF8_H_
