#include "matcher/text/parse_function.h"

#include <algorithm>

#include "index/codes/code_table.h"
#include "matcher/text/dictionary.h"
#include "matcher/text/normalize.h"
#include "matcher/text/scan.h"
#include "matcher/text/utf8.h"

namespace gradmatch {
namespace {

constexpr size_t kMaxBytes = 512;
constexpr size_t kMaxFunctions = 3;

struct Found {
  uint32_t term;
  double weight;
};

// Text outside brackets, blanks in their place: "测试（双休）" -> "测试 ".
// Brackets hold what a job offers or where it is, seldom what it is.
std::string OutsideBrackets(std::string_view text) {
  std::string out;
  int depth = 0;
  for (size_t i = 0; i < text.size();) {
    const size_t begin = i;
    const char32_t c = NextChar(text, i);
    const bool opens =
        c == '(' || c == '[' || c == U'【' || c == U'「' || c == '{';
    const bool closes =
        c == ')' || c == ']' || c == U'】' || c == U'」' || c == '}';
    if (opens && depth++ == 0) out.push_back(' ');
    if (depth == 0) out.append(text.substr(begin, i - begin));
    if (closes && depth > 0) --depth;
  }
  return out;
}

// How telling a term is: its length, a Latin word counting as three
// characters ("java" tells more than "工程师").
double Weight(std::string_view word) {
  double weight = 0;
  bool in_latin = false;
  for (size_t i = 0; i < word.size();) {
    const bool latin = !IsHan(NextChar(word, i));
    weight += latin ? (in_latin ? 0 : 3) : 1;
    in_latin = latin;
  }
  return weight;
}

// Codes that say little beside any other: ranks ("技术总监", "组长"), 助理,
// 实习, and the "其他..." leaves.
bool IsGeneric(const Dictionary& dictionary, uint32_t term) {
  for (const Meaning& m : dictionary.meanings(term)) {
    if (m.kind != kFunctionTerm) continue;
    for (std::string_view prefix : {"010a", "010b", "070203", "100309",
                                    "0f0501", "10030a", "050101", "050111"}) {
      if (m.code.starts_with(prefix)) return true;
    }
    if (CodeTable::BuiltIn("function")->Name(m.code).starts_with("其他"))
      return true;
  }
  return false;
}

// Takes out the words that are work of their own only where no other is named:
// an assistant is a clerk then, work at home an odd job, a researcher one of
// markets, and who works in a kindergarten its teacher.
void DropHollow(const Dictionary& dictionary, std::vector<Found>& found) {
  constexpr std::string_view kHollow[] = {"助理", "居家", "研究员", "研究助理",
                                          "幼儿园"};
  const auto hollow = [&](const Found& f) {
    return std::any_of(
        std::begin(kHollow), std::end(kHollow),
        [&](std::string_view word) { return f.term == dictionary.Find(word); });
  };
  if (!std::all_of(found.begin(), found.end(), hollow)) {
    std::erase_if(found, hollow);
  }
}

// Words of rank and hurry that do not change what the job is.
std::string_view StripRank(std::string_view title) {
  bool again = true;
  while (again) {
    again = false;
    size_t i = 0;
    if (SkipAny(title, i,
                {"高级", "资深", "初级", "中级", "中高级", "初中级", "急招",
                 "急聘", "诚聘", "招聘", "诚招", "实习", " ", "-"})) {
      title.remove_prefix(i);
      again = true;
    }
    for (std::string_view tail : {"实习生", "(实习)", " ", "岗"}) {
      if (title.size() > tail.size() && title.ends_with(tail)) {
        title.remove_suffix(tail.size());
        again = true;
      }
    }
  }
  return title;
}

std::vector<Found> FindTerms(std::string_view title,
                             const Dictionary& dictionary) {
  std::vector<Found> found;
  bool latin_before = false;
  for (size_t i = 0; i < title.size();) {
    size_t next = i;
    const char32_t c = NextChar(title, next);
    // A Latin word is read from its start only.
    if (!(latin_before && IsLatin(c))) {
      const Dictionary::Match match =
          dictionary.LongestAt(title, i, Grain::kWhole, kFunctionTerm);
      size_t rank = i;
      if (Skip(title, rank, "工程师") && rank > i + match.size) {
        next = rank;  // not "工程"
      } else if (match.term != kNoTerm) {
        // The head of a Chinese title stands last.
        const double late =
            0.5 * static_cast<double>(i) / static_cast<double>(title.size());
        const double factor = IsGeneric(dictionary, match.term) ? 0.3 : 1;
        found.push_back(
            {match.term,
             factor * (Weight(title.substr(i, match.size)) + late)});
        next = i + match.size;
      }
    }
    latin_before = IsLatin(static_cast<unsigned char>(title[next - 1]));
    i = next;
  }
  return found;
}

}  // namespace

Parsed<std::vector<std::string>> ParseFunctions(std::string_view title) {
  const std::string form = MatchingForm(CutUtf8(title, kMaxBytes));
  const Dictionary& dictionary = Dictionary::Default();
  const std::string outside = OutsideBrackets(form);
  std::vector<Found> found = FindTerms(outside, dictionary);
  if (found.empty()) found = FindTerms(form, dictionary);
  if (found.empty()) return {};
  DropHollow(dictionary, found);
  std::stable_sort(
      found.begin(), found.end(),
      [](const Found& a, const Found& b) { return a.weight > b.weight; });
  std::vector<std::string> codes;
  for (const Found& f : found) {
    for (const Meaning& m : dictionary.meanings(f.term)) {
      if (m.kind != kFunctionTerm || codes.size() == kMaxFunctions) continue;
      if (std::find(codes.begin(), codes.end(), m.code) == codes.end()) {
        codes.emplace_back(m.code);
      }
    }
  }
  for (std::string_view whole :
       {std::string_view(outside), StripRank(outside)}) {
    const uint32_t term = dictionary.Find(whole);
    if (term != kNoTerm && (dictionary.kinds(term) & kFunctionTerm) != 0) {
      return Certain(std::move(codes));
    }
  }
  return Uncertain(std::move(codes), "按职位名称中的词归类");
}

}  // namespace gradmatch
