#include "matcher/text/html.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "matcher/text/unicode.h"
#include "matcher/text/utf8.h"

namespace gradmatch {
namespace {

char LowerAscii(char c) { return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c; }

bool StartsWith(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  for (size_t i = 0; i < lower.size(); ++i) {
    if (LowerAscii(text[i]) != lower[i]) return false;
  }
  return true;
}

struct Named {
  std::string_view name;
  char32_t c;
};
constexpr Named kEntities[] = {
    {"nbsp;", ' '},      {"lt;", '<'},       {"gt;", '>'},
    {"quot;", '"'},      {"apos;", '\''},    {"ensp;", ' '},
    {"emsp;", ' '},      {"middot;", 0xB7},  {"ldquo;", 0x201C},
    {"rdquo;", 0x201D},  {"lsquo;", 0x2018}, {"rsquo;", 0x2019},
    {"hellip;", 0x2026}, {"mdash;", 0x2014}, {"ndash;", 0x2013},
    {"bull;", 0x2022},   {"times;", 0xD7},   {"deg;", 0xB0},
    {"yen;", 0xA5},      {"copy;", 0xA9},    {"reg;", 0xAE},
    {"ge;", 0x2265},     {"le;", 0x2264},    {"zwnj;", ' '},
    {"thinsp;", ' '},    {"plusmn;", 0xB1},
};

// "#12289;" or "#x3001;": the character and how many bytes it took; 0 bytes if
// it is none that may stand in a text.
struct Decoded {
  char32_t c = 0;
  size_t size = 0;
};
Decoded Numeric(std::string_view s) {
  if (s.size() < 3 || s[0] != '#') return {};
  const bool hex = s[1] == 'x' || s[1] == 'X';
  uint32_t value = 0;
  size_t i = hex ? 2 : 1;
  const size_t first = i;
  for (; i < s.size() && i < first + 8; ++i) {
    const char c = LowerAscii(s[i]);
    uint32_t digit;
    if (c >= '0' && c <= '9') {
      digit = static_cast<uint32_t>(c - '0');
    } else if (hex && c >= 'a' && c <= 'f') {
      digit = static_cast<uint32_t>(c - 'a' + 10);
    } else {
      break;
    }
    value = value * (hex ? 16 : 10) + digit;
  }
  if (i == first || i >= s.size() || s[i] != ';') return {};
  if (value == 0 || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) {
    return {};
  }
  // ASCII letters, digits and what entities are made of stay as they are, lest
  // decoding make new entities.
  if (value < 0x80 &&
      (IsLatin(
           static_cast<unsigned char>(LowerAscii(static_cast<char>(value)))) ||
       value == '&' || value == '#' || value == ';' || value == '_')) {
    return {};
  }
  if (IsLineBreak(value)) value = '\n';
  if (IsInvisible(value) || IsBlank(value)) value = ' ';
  return {value, i + 1};
}

// Entities first: "&lt;br&gt;" is a tag once they are gone. "&amp;" is taken
// off however often it was put on.
std::string DecodeEntities(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    if (text[i] != '&') {
      const size_t next = std::min(text.find('&', i), text.size());
      out.append(text.substr(i, next - i));
      i = next;
      continue;
    }
    std::string_view rest = text.substr(i + 1);
    for (size_t skip = 1; skip > 0;) {
      skip = StartsWith(rest, "amp;")    ? 4
             : StartsWith(rest, "#38;")  ? 4
             : StartsWith(rest, "#x26;") ? 5
                                         : 0;
      rest.remove_prefix(skip);
    }
    Decoded found = Numeric(rest);
    for (const Named& entity : kEntities) {
      if (found.size == 0 && StartsWith(rest, entity.name)) {
        found = {entity.c, entity.name.size()};
      }
    }
    if (found.size == 0) {
      out.push_back('&');
    } else {
      AppendChar(found.c, out);
      rest.remove_prefix(found.size);
    }
    i = text.size() - rest.size();
  }
  return out;
}

// "_x000d_", which spreadsheets write for a line break.
std::string StripBreakMarks(std::string text) {
  if (text.find('_') == std::string::npos) return text;
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const std::string_view rest = std::string_view(text).substr(i);
    if (rest[0] == '_' &&
        (StartsWith(rest, "_x000d_") || StartsWith(rest, "_x000a_"))) {
      out.push_back('\n');
      i += 7;
    } else {
      out.push_back(text[i++]);
    }
  }
  return out;
}

constexpr std::string_view kBreakingTags[] = {
    "br", "p",  "div", "li", "ul", "ol", "tr", "table",   "tbody",
    "h1", "h2", "h3",  "h4", "h5", "h6", "hr", "section", "blockquote"};
constexpr std::string_view kInlineTags[] = {
    "span", "b",   "strong", "em", "i",     "u",   "a",   "font", "td",
    "th",   "img", "o:p",    "s",  "thead", "pre", "sub", "sup",  "label"};
constexpr size_t kMaxTag = 1024;

// Bytes of the tag that starts at text[0] == '<' (0 if none), and whether it
// breaks the line.
size_t TagAt(std::string_view text, bool& breaks) {
  size_t i = 1;
  if (i < text.size() && text[i] == '/') ++i;
  const size_t name_at = i;
  std::string name;
  while (i < text.size() && name.size() < 12) {
    const char c = LowerAscii(text[i]);
    if (!IsLatin(static_cast<unsigned char>(c)) && c != ':') break;
    name.push_back(c);
    ++i;
  }
  if (i == name_at) return 0;
  const auto listed = [&](const auto& tags) {
    return std::find(std::begin(tags), std::end(tags), name) != std::end(tags);
  };
  breaks = listed(kBreakingTags);
  if (!breaks && !listed(kInlineTags)) return 0;
  // Either nothing but blanks and a slash before '>', or attributes, which
  // hold a '='; "a<b and c>d" is no tag.
  bool plain = true, attribute = false;
  for (const size_t end = std::min(text.size(), i + kMaxTag); i < end; ++i) {
    const char c = text[i];
    if (c == '>') return plain || attribute ? i + 1 : 0;
    if (c == '<') return 0;
    attribute |= c == '=';
    plain &= c == ' ' || c == '/' || c == '\t' || c == '\n' || c == '\r';
  }
  return 0;
}

}  // namespace

bool MayHoldHtml(std::string_view text) {
  // Not find_first_of, which calls memchr for every character.
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return c == '&' || c == '<' || c == '_'; });
}

std::string StripHtml(std::string_view text) {
  if (!MayHoldHtml(text)) return std::string(text);
  const std::string decoded = StripBreakMarks(DecodeEntities(text));
  const std::string_view in = decoded;
  std::string out;
  out.reserve(in.size());
  for (size_t i = 0; i < in.size();) {
    const size_t next = std::min(in.find('<', i), in.size());
    out.append(in.substr(i, next - i));
    i = next;
    if (i == in.size()) break;
    bool breaks = true;
    const size_t size = TagAt(in.substr(i), breaks);
    if (size == 0) {
      out.push_back(in[i++]);
    } else {
      out.push_back(breaks ? '\n' : ' ');
      i += size;
    }
  }
  return out;
}

}  // namespace gradmatch
