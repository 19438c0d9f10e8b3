#include "matcher/text/scan.h"

#include <algorithm>

#include "matcher/text/normalize.h"
#include "matcher/text/utf8.h"

namespace gradmatch {
namespace {

bool IsDigitAt(std::string_view text, size_t i) {
  return i < text.size() && text[i] >= '0' && text[i] <= '9';
}

// 0 to 10; -1 if `c` is no numeral.
int Numeral(char32_t c) {
  constexpr char32_t kNumerals[] = U"零一二三四五六七八九十";
  for (int n = 0; n <= 10; ++n) {
    if (kNumerals[n] == c) return n;
  }
  return c == U'两' ? 2 : -1;
}

std::optional<double> ReadChineseNumber(std::string_view text, size_t& i) {
  size_t at = i;
  int value = 0;
  int digit = -1;
  bool any = false, ten = false;
  while (at < text.size()) {
    size_t next = at;
    const int n = Numeral(NextChar(text, next));
    if (n < 0) break;
    if (n == 10) {
      if (ten) return std::nullopt;
      value = (digit < 0 ? 1 : digit) * 10;
      digit = -1;
      ten = true;
    } else {
      if (digit >= 0) return std::nullopt;
      digit = n;
    }
    any = true;
    at = next;
  }
  if (!any) return std::nullopt;
  i = at;
  return value + std::max(digit, 0);
}

}  // namespace

std::string CompactForm(std::string_view text, size_t max_bytes) {
  if (text.size() > max_bytes * 4) return "";
  std::string form = MatchingForm(text);
  std::erase_if(form, [](char c) { return c == ' ' || c == '\n'; });
  if (form.size() > max_bytes) form.clear();
  return form;
}

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool ContainsAny(std::string_view text,
                 std::initializer_list<std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(), [&](std::string_view part) {
    return Contains(text, part);
  });
}

std::optional<double> ReadNumber(std::string_view text, size_t& i) {
  if (!IsDigitAt(text, i)) return ReadChineseNumber(text, i);
  double value = 0;
  size_t at = i;
  int digits = 0;
  while (at < text.size()) {
    if (IsDigitAt(text, at)) {
      value = value * 10 + (text[at] - '0');
      ++at;
      if (++digits > 15) return std::nullopt;
    } else if (text[at] == ',' && IsDigitAt(text, at + 1) &&
               IsDigitAt(text, at + 2) && IsDigitAt(text, at + 3) &&
               !IsDigitAt(text, at + 4)) {
      ++at;  // "10,000"
    } else {
      break;
    }
  }
  if (at < text.size() && text[at] == '.' && IsDigitAt(text, at + 1)) {
    double scale = 0.1;
    for (++at; IsDigitAt(text, at); ++at, scale /= 10) {
      value += (text[at] - '0') * scale;
    }
  }
  i = at;
  return value;
}

bool SkipRangeSign(std::string_view text, size_t& i) {
  for (std::string_view sign :
       {"--", "-", "~", "至", "到", "—", "–", "―", "〜", "∼", "−"}) {
    if (Skip(text, i, sign)) return true;
  }
  return false;
}

bool Skip(std::string_view text, size_t& i, std::string_view word) {
  if (i > text.size() || !text.substr(i).starts_with(word)) return false;
  i += word.size();
  return true;
}

bool SkipAny(std::string_view text, size_t& i,
             std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view w) { return Skip(text, i, w); });
}

bool AllDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c >= '0' && c <= '9';
  });
}

}  // namespace gradmatch
