#include "matcher/text/segmenter.h"

#include "matcher/text/utf8.h"

namespace gradmatch {
namespace {

bool IsLatinAt(std::string_view text, size_t i) {
  return i < text.size() && IsLatin(static_cast<unsigned char>(text[i]));
}

// End of the run of letters and digits at text[begin]; "c++", "c#" and the
// points in "vue.js" and "2.5" belong to it.
size_t LatinEnd(std::string_view text, size_t begin, bool& digits) {
  size_t i = begin;
  digits = true;
  while (i < text.size()) {
    if (IsLatinAt(text, i)) {
      digits &= IsDigit(static_cast<unsigned char>(text[i]));
      ++i;
    } else if ((text[i] == '.' || text[i] == '_') && i > begin &&
               IsLatinAt(text, i + 1)) {
      ++i;
    } else {
      break;
    }
  }
  if (!digits && i < text.size()) {
    if (text[i] == '#') return i + 1;
    if (text.substr(i, 2) == "++") return i + 2;
  }
  return i;
}

void EmitBigrams(std::string_view text, size_t begin, size_t end,
                 std::vector<Token>& out) {
  size_t first = begin;
  size_t second = begin;
  NextChar(text, second);
  if (second == end) {
    out.push_back({kHanTerm, kNoTerm, static_cast<uint32_t>(begin),
                   static_cast<uint32_t>(end - begin)});
    return;
  }
  while (second < end) {
    size_t third = second;
    NextChar(text, third);
    out.push_back({kHanTerm, kNoTerm, static_cast<uint32_t>(first),
                   static_cast<uint32_t>(third - first)});
    first = second;
    second = third;
  }
}

}  // namespace

void Segment(std::string_view text, const Dictionary& dictionary, Grain grain,
             std::vector<Token>& out) {
  out.clear();
  size_t unknown = 0;  // an unknown run of Han is [unknown, i) when in_run
  bool in_run = false;
  size_t i = 0;
  const auto end_run = [&] {
    if (in_run) EmitBigrams(text, unknown, i, out);
    in_run = false;
  };
  while (i < text.size()) {
    size_t next = i;
    const char32_t c = NextChar(text, next);
    const bool latin = IsLatin(c);
    const bool point = c == '.' && IsLatinAt(text, next);
    if (!latin && !point && !IsHan(c) && c < 0x80) {
      end_run();
      i = next;
      continue;
    }
    const Dictionary::Match match = dictionary.LongestAt(text, i, grain);
    if (match.term != kNoTerm) {
      end_run();
      out.push_back({dictionary.kinds(match.term), match.term,
                     static_cast<uint32_t>(i), match.size});
      i += match.size;
    } else if (latin) {
      end_run();
      bool digits = false;
      const size_t end = LatinEnd(text, i, digits);
      out.push_back({digits ? kNumberTerm : kLatinTerm, kNoTerm,
                     static_cast<uint32_t>(i), static_cast<uint32_t>(end - i)});
      i = end;
    } else if (IsHan(c)) {
      if (!in_run) unknown = i;
      in_run = true;
      i = next;
    } else {
      end_run();
      i = next;
    }
  }
  end_run();
}

}  // namespace gradmatch
