#include "matcher/screening/folded_text.h"

#include <algorithm>
#include <cstdint>

namespace gradmatch {
namespace {

constexpr char32_t kBad = 0xFFFD;

// Reads one character at `i` and moves past it; past one byte if it is broken.
char32_t Decode(std::string_view s, size_t& i) {
  const auto byte = [&](size_t at) -> uint32_t {
    return static_cast<unsigned char>(s[at]);
  };
  const uint32_t lead = byte(i);
  if (lead < 0x80) {
    ++i;
    return lead;
  }
  const size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || i + size > s.size()) {
    ++i;
    return kBad;
  }
  char32_t c = lead & (0xFFu >> (size + 1));
  for (size_t k = 1; k < size; ++k) {
    if ((byte(i + k) & 0xC0) != 0x80) {
      ++i;
      return kBad;
    }
    c = (c << 6) | (byte(i + k) & 0x3F);
  }
  i += size;
  return c;
}

char32_t Fold(char32_t c) {
  if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;
  if (c == 0x3000) return U' ';
  if (c >= U'A' && c <= U'Z') return c + (U'a' - U'A');
  return c;
}

}  // namespace

std::u32string FoldCharacters(std::string_view utf8) {
  std::u32string out;
  out.reserve(utf8.size() / 2);
  for (size_t i = 0; i < utf8.size();) out.push_back(Fold(Decode(utf8, i)));
  return out;
}

bool EndsSentence(char32_t c) {
  return c == U'\n' || c == U'。' || c == U';' || c == U'!' || c == U'?' ||
         c == U'\r';
}

bool EndsClause(char32_t c) { return c == U',' || EndsSentence(c); }

bool StartsAt(std::u32string_view text, size_t at, std::u32string_view word) {
  return at <= text.size() && text.substr(at).starts_with(word);
}

bool ContainsAny(std::u32string_view text,
                 std::initializer_list<std::u32string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::u32string_view w) {
    return text.find(w) != std::u32string_view::npos;
  });
}

Span SentenceAround(std::u32string_view text, Span span) {
  while (span.begin > 0 && !EndsSentence(text[span.begin - 1])) --span.begin;
  while (span.end < text.size() && !EndsSentence(text[span.end])) ++span.end;
  return span;
}

std::u32string_view Before(std::u32string_view text, size_t at, size_t size,
                           size_t floor) {
  const size_t begin = at > floor + size ? at - size : floor;
  return text.substr(begin, at - begin);
}

std::u32string_view After(std::u32string_view text, size_t at, size_t size,
                          size_t ceiling) {
  return text.substr(at, std::min(size, ceiling - std::min(at, ceiling)));
}

}  // namespace gradmatch
