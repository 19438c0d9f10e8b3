#include "matcher/text/normalize.h"

#include <cstdint>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "matcher/text/html.h"
#include "matcher/text/unicode.h"
#include "matcher/text/utf8.h"

namespace gradmatch {
namespace {

// Bytes of the well-formed character at text[i]; 0 if it is not one.
size_t CharSize(std::string_view text, size_t i) {
  const auto byte = [&](size_t at) -> unsigned {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
  };
  const auto continues = [&](size_t at) { return (byte(at) & 0xC0) == 0x80; };
  const unsigned first = byte(i);
  if (first < 0x80) return 1;
  if (first < 0xC2) return 0;
  if (first < 0xE0) return continues(i + 1) ? 2 : 0;
  const unsigned second = byte(i + 1);
  if (first < 0xF0) {
    // Overlong forms and surrogates.
    if (first == 0xE0 && second < 0xA0) return 0;
    if (first == 0xED && second > 0x9F) return 0;
    return continues(i + 1) && continues(i + 2) ? 3 : 0;
  }
  if (first > 0xF4) return 0;
  if (first == 0xF0 && second < 0x90) return 0;
  if (first == 0xF4 && second > 0x8F) return 0;
  return continues(i + 1) && continues(i + 2) && continues(i + 3) ? 4 : 0;
}

// True for bytes that start neither a blank, nor a line break, nor anything
// invisible: printable ASCII and U+4000 to U+9FFF, nearly all of a posting.
bool IsPlainLead(unsigned char byte) {
  return (byte > 0x20 && byte < 0x7F) || (byte >= 0xE4 && byte <= 0xE9);
}
size_t PlainSize(unsigned char byte) { return byte < 0x80 ? 1 : 3; }

// Takes out what cannot be seen.
std::string DropInvisible(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  size_t run = 0;
  for (size_t i = 0; i < text.size();) {
    const unsigned char byte = static_cast<unsigned char>(text[i]);
    if (IsPlainLead(byte)) {
      i += PlainSize(byte);
      continue;
    }
    const size_t begin = i;
    if (!IsInvisible(NextChar(text, i))) continue;
    out.append(text.substr(run, begin - run));
    run = i;
  }
  out.append(text.substr(run));
  return out;
}

// One space for blanks, one '\n' for blanks with a line break, none at the
// ends; `keep_paragraphs` keeps one empty line.
std::string CollapseBlanks(std::string_view text, bool keep_paragraphs) {
  std::string out;
  out.reserve(text.size());
  int breaks = 0;
  bool blank = false;
  size_t run = 0;  // where what is kept starts
  bool kept = false;
  const auto flush = [&](size_t end) {
    if (!kept) return;
    out.append(text.substr(run, end - run));
    kept = false;
  };
  for (size_t i = 0; i < text.size();) {
    const size_t begin = i;
    const unsigned char byte = static_cast<unsigned char>(text[i]);
    if (IsPlainLead(byte)) {
      i += PlainSize(byte);
    } else {
      const char32_t c = NextChar(text, i);
      const bool line_break = IsLineBreak(c);
      if (line_break || IsBlank(c)) {
        flush(begin);
        blank = true;
        // "\r\n" is one break.
        breaks +=
            line_break && !(c == '\r' && i < text.size() && text[i] == '\n');
        continue;
      }
    }
    if (kept) continue;
    if (!out.empty() && blank) {
      out.append(breaks == 0                     ? " "
                 : breaks > 1 && keep_paragraphs ? "\n\n"
                                                 : "\n");
    }
    breaks = 0;
    blank = false;
    run = begin;
    kept = true;
  }
  flush(text.size());
  return out;
}

std::string NormalizeValid(std::string_view text, TextForm form) {
  const std::string visible = DropInvisible(text);
  if (form == TextForm::kDisplay) {
    if (!MayHoldHtml(visible)) return CollapseBlanks(visible, true);
    // Once before as well, for blanks inside tags are of all kinds.
    return CollapseBlanks(StripHtml(CollapseBlanks(visible, true)), true);
  }
  // Folding comes first, for full-width "＜ｂｒ＞" is a tag as well; and once
  // more for what numeric entities brought in.
  std::string folded = FoldText(visible);
  if (MayHoldHtml(folded)) {
    folded = FoldText(StripHtml(CollapseBlanks(folded, false)));
  }
  return CollapseBlanks(folded, /*keep_paragraphs=*/false);
}

}  // namespace

std::optional<size_t> FindInvalidUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    // Eight ASCII bytes at a time.
    if (i + 8 <= text.size()) {
      uint64_t word;
      std::memcpy(&word, text.data() + i, 8);
      if ((word & 0x8080808080808080u) == 0) {
        i += 8;
        continue;
      }
    }
    const size_t size = CharSize(text, i);
    if (size == 0) return i;
    i += size;
  }
  return std::nullopt;
}

absl::StatusOr<std::string> Normalize(std::string_view text, TextForm form) {
  if (const std::optional<size_t> bad = FindInvalidUtf8(text)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "text is not UTF-8: byte ", *bad, " (0x",
        absl::Hex(static_cast<unsigned char>(text[*bad]), absl::kZeroPad2),
        ") starts no character; send UTF-8, not GBK"));
  }
  return NormalizeValid(text, form);
}

std::string MatchingForm(std::string_view text) {
  if (!FindInvalidUtf8(text)) return NormalizeValid(text, TextForm::kMatching);
  std::string valid;
  valid.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const size_t size = CharSize(text, i);
    if (size == 0) {
      valid.push_back(' ');
      ++i;
    } else {
      valid.append(text.substr(i, size));
      i += size;
    }
  }
  return NormalizeValid(valid, TextForm::kMatching);
}

std::string_view CutUtf8(std::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  size_t end = max_bytes;
  // A character has at most three continuation bytes.
  for (int back = 0; back < 3 && end > 0 &&
                     (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80;
       ++back) {
    --end;
  }
  return text.substr(0, end);
}

}  // namespace gradmatch
