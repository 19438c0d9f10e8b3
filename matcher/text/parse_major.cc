#include "matcher/text/parse_major.h"

#include <algorithm>
#include <cstring>

#include "index/codes/code_table.h"
#include "matcher/text/dictionary.h"
#include "matcher/text/normalize.h"
#include "matcher/text/scan.h"
#include "matcher/text/utf8.h"

namespace gradmatch {
namespace {

constexpr size_t kMaxField = 16384;
constexpr size_t kMaxText = 65536;
// How far before "专业" the list of majors may start, in bytes.
constexpr size_t kMaxClause = 360;

// What stands around majors without naming one.
constexpr std::string_view kNoise[] = {
    "等相关专业", "相关专业", "及相关",   "等相关", "相关", "类似", "相近",
    "专业类",     "专业优先", "优先考虑", "优先",   "专业", "学科", "方向",
    "背景",       "毕业生",   "毕业",     "及以上", "以上", "学历", "学位",
    "本科",       "硕士",     "研究生",   "博士",   "大专", "专科", "统招",
    "全日制",     "大类",     "类",       "等",     "或者", "以及", "或",
    "及",         "和",       "与",       "者",     "的",   "具有", "具备",
    "应届",       "需",       "要求",     "所学",   "为",   "包括", "系",
    "院校",       "高等",     "国家",     "普通",   "一级", "二级", "其他",
    "其它",       "如"};

size_t NoiseAt(std::string_view text, size_t i) {
  size_t longest = 0;
  for (std::string_view word : kNoise) {
    if (word.size() > longest && text.substr(i).starts_with(word)) {
      longest = word.size();
    }
  }
  return longest;
}

std::string_view SystemOf(std::string_view code) {
  if (code.starts_with('A')) return "gd2025-A";
  if (code.starts_with('B')) return "gd2025-B";
  if (code.starts_with('C')) return "gd2025-C";
  return "undergraduate";
}

void AddCode(std::string_view code, MajorRequirement& out) {
  const std::string_view system = SystemOf(code);
  const CodeEntry* entry = CodeTable::BuiltIn(system)->Find(code);
  if (entry == nullptr) return;
  MajorCode major{std::string(system), std::string(entry->code), entry->level};
  if (std::find(out.codes.begin(), out.codes.end(), major) == out.codes.end()) {
    out.codes.push_back(std::move(major));
  }
}

// Bytes of the code at text[i] ("b0809", "080904k"), 0 if there is none.
size_t CodeAt(std::string_view text, size_t i, std::string& code) {
  code.clear();
  size_t at = i;
  if (text[at] >= 'a' && text[at] <= 'c') {
    code.push_back(static_cast<char>(text[at++] - 'a' + 'A'));
  }
  const size_t digits = at;
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
    code.push_back(text[at++]);
  }
  const size_t n = at - digits;
  if (n < 2 || n > 7) return 0;
  if (code.size() == n) {
    while (at < text.size() && (text[at] == 'k' || text[at] == 't')) ++at;
  }
  if (at < text.size() && IsLatin(static_cast<unsigned char>(text[at])))
    return 0;
  return CodeTable::BuiltIn(SystemOf(code))->Find(code) == nullptr ? 0 : at - i;
}

// One name may be a group and a major ("法学" is 03 and 030101): the narrowest
// is meant, unless 类 or 门类 follows.
void AddTerm(const Dictionary& dictionary, uint32_t term, bool group_follows,
             MajorRequirement& out) {
  int narrowest = 0;
  int broadest = 9;
  const auto level = [](std::string_view code) {
    const CodeEntry* entry = CodeTable::BuiltIn(SystemOf(code))->Find(code);
    return entry == nullptr ? 0 : entry->level;
  };
  for (const Meaning& m : dictionary.meanings(term)) {
    if (m.kind != kMajorTerm) continue;
    narrowest = std::max(narrowest, level(m.code));
    broadest = std::min(broadest, level(m.code));
  }
  const bool mixed = narrowest != broadest;
  const int wanted = group_follows ? broadest : narrowest;
  for (const Meaning& m : dictionary.meanings(term)) {
    if (m.kind != kMajorTerm) continue;
    // An alias gives all its codes, of whatever levels.
    const bool named =
        CodeTable::BuiltIn(SystemOf(m.code))->Name(m.code).size() > 0;
    if (!mixed || !named || level(m.code) == wanted) AddCode(m.code, out);
  }
}

struct Scan {
  MajorRequirement found;
  bool complete = true;  // nothing but majors, codes and noise
};

Scan ScanMajors(std::string_view text) {
  const Dictionary& dictionary = Dictionary::Default();
  Scan scan;
  std::string left;
  std::string code;
  const auto end_left = [&] {
    if (left.empty()) return;
    scan.complete = false;
    if (!scan.found.leftover.empty()) scan.found.leftover.push_back(' ');
    scan.found.leftover.append(left);
    left.clear();
  };
  for (size_t i = 0; i < text.size();) {
    size_t next = i;
    const char32_t c = NextChar(text, next);
    if (!IsHan(c) && !IsLatin(c)) {
      end_left();
      i = next;
      continue;
    }
    if (const size_t size =
            IsLatin(c) && left.empty() ? CodeAt(text, i, code) : 0) {
      AddCode(code, scan.found);
      i += size;
      continue;
    }
    const Dictionary::Match match =
        dictionary.LongestAt(text, i, Grain::kWhole, kMajorTerm);
    const size_t noise = NoiseAt(text, i);
    if (match.term != kNoTerm && match.size >= noise) {
      end_left();
      i += match.size;
      size_t after = i;
      const bool group = SkipAny(text, after, {"门类", "大类", "类"});
      AddTerm(dictionary, match.term, group, scan.found);
    } else if (noise > 0) {
      end_left();
      i += noise;
    } else {
      left.append(text.substr(i, next - i));
      i = next;
      // The rest of a Latin word belongs to it.
      while (IsLatin(c) && i < text.size() &&
             IsLatin(static_cast<unsigned char>(text[i]))) {
        left.push_back(text[i++]);
      }
    }
  }
  end_left();
  return scan;
}

bool SaysAny(std::string_view text) {
  return ContainsAny(
      text, {"专业不限", "不限专业", "不限制专业", "各专业", "无专业要求",
             "专业无要求", "专业:不限", "所有专业", "不做专业要求"});
}

// A piece that is a list item like "1." or "本科及以上学历" is skipped; one
// that names something else ends the list.
enum class Piece { kMajors, kNoise, kOther };

Piece Classify(std::string_view piece, MajorRequirement& out) {
  while (!piece.empty() &&
         (piece[0] == ' ' || (piece[0] >= '0' && piece[0] <= '9') ||
          piece[0] == '.')) {
    piece.remove_prefix(1);
  }
  const Scan scan = ScanMajors(piece);
  if (!scan.complete) return Piece::kOther;
  if (scan.found.codes.empty()) return Piece::kNoise;
  // Pieces are met last to first; codes stay in order of the text.
  std::vector<MajorCode> codes = scan.found.codes;
  for (MajorCode& code : out.codes) {
    if (std::find(codes.begin(), codes.end(), code) == codes.end()) {
      codes.push_back(std::move(code));
    }
  }
  out.codes = std::move(codes);
  return Piece::kMajors;
}

bool EndsPiece(char32_t c) {
  return c == U'、' || c == ',' || c == '/' || c == '(' || c == ')' || c == ' ';
}
bool EndsClause(char32_t c) {
  return c == U'。' || c == ';' || c == '\n' || c == ':' || c == '!' ||
         c == U'】' || c == U'【' || c == '?';
}

// string_view::find stops at every first byte, which Han characters share.
size_t FindFrom(std::string_view text, std::string_view word, size_t from) {
  const void* found =
      memmem(text.data() + from, text.size() - from, word.data(), word.size());
  return found == nullptr ? std::string_view::npos
                          : static_cast<size_t>(
                                static_cast<const char*>(found) - text.data());
}

// Reads the list of majors that ends at text[end], backwards.
void ReadListBefore(std::string_view text, size_t end, MajorRequirement& out) {
  size_t clause = end > kMaxClause ? end - kMaxClause : 0;
  while (clause < end &&
         (static_cast<unsigned char>(text[clause]) & 0xC0) == 0x80) {
    ++clause;
  }
  std::vector<std::pair<size_t, size_t>> pieces;
  size_t begin = clause;
  for (size_t i = clause; i < end;) {
    const size_t at = i;
    const char32_t c = NextChar(text, i);
    if (EndsClause(c)) {
      pieces.clear();
      begin = i;
    } else if (EndsPiece(c)) {
      pieces.push_back({begin, at});
      begin = i;
    }
  }
  pieces.push_back({begin, end});
  MajorRequirement read;
  for (size_t p = pieces.size(); p-- > 0;) {
    const std::string_view piece =
        text.substr(pieces[p].first, pieces[p].second - pieces[p].first);
    if (Classify(piece, read) == Piece::kOther) break;
  }
  for (MajorCode& code : read.codes) {
    if (std::find(out.codes.begin(), out.codes.end(), code) ==
        out.codes.end()) {
      out.codes.push_back(std::move(code));
    }
  }
}

}  // namespace

Parsed<MajorRequirement> ParseMajors(std::string_view text) {
  if (text.size() > kMaxField) return {};
  const std::string form = MatchingForm(text);
  if (form.empty()) return {};
  if (form == "不限" || form == "无" || form == "无要求" || form == "不限制" ||
      SaysAny(form)) {
    MajorRequirement any;
    any.any = true;
    return Certain(any);
  }
  MajorRequirement found = ScanMajors(form).found;
  found.related = ContainsAny(form, {"相关", "相近", "类似", "等专业"});
  if (found.codes.empty()) return {};
  if (!found.leftover.empty()) {
    return Uncertain(found, "有的专业没有识别");
  }
  return Certain(found);
}

Parsed<MajorRequirement> FindMajorsInText(std::string_view text) {
  return FindMajorsInForm(MatchingForm(CutUtf8(text, kMaxText)));
}

Parsed<MajorRequirement> FindMajorsInForm(std::string_view form) {
  const std::string_view in = form;
  MajorRequirement found;
  constexpr std::string_view kMajor = "专业";
  for (size_t at = FindFrom(in, kMajor, 0); at != std::string_view::npos;
       at = FindFrom(in, kMajor, at + kMajor.size())) {
    size_t after = at + kMajor.size();
    // "专业知识", "专业技能" speak of skill.
    if (SkipAny(in, after,
                {"知识", "技能", "能力", "性", "化", "技术", "水平", "素养",
                 "素质", "人才", "团队", "服务", "术语", "基础", "课", "度",
                 "从事", "英语"})) {
      continue;
    }
    ReadListBefore(in, at, found);
    if (ContainsAny(in.substr(at > 6 ? at - 6 : 0, 6),
                    {"相关", "相近", "类似"})) {
      found.related = true;
    }
  }
  if (!found.codes.empty()) return Certain(found);
  if (SaysAny(form)) {
    found.any = true;
    return Certain(found);
  }
  return {};
}

}  // namespace gradmatch
