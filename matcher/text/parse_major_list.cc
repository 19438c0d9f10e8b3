#include "matcher/text/parse_major_list.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "index/base/strings.h"
#include "index/codes/code_table.h"
#include "matcher/text/scan.h"

namespace gradmatch {
namespace {

constexpr size_t kMaxName = 600;  // bytes

// Bytes of the bracket at text[i], `round` one of "(" and ")"; 0 if none.
size_t BracketAt(std::string_view text, size_t i, char round) {
  if (text[i] == round) return 1;
  const std::string_view wide = round == '(' ? "（" : "）";
  return text.substr(i).starts_with(wide) ? wide.size() : 0;
}

bool IsBlank(std::string_view text, size_t i, size_t& size) {
  for (std::string_view blank : {" ", "\t", "\n", "\r", "\u3000", "\u00a0"}) {
    if (text.substr(i).starts_with(blank)) {
      size = blank.size();
      return true;
    }
  }
  return false;
}

std::string_view Trim(std::string_view text) {
  size_t size = 0;
  while (!text.empty() && IsBlank(text, 0, size)) text.remove_prefix(size);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n' ||
                           text.back() == '\t' || text.back() == '\r')) {
    text.remove_suffix(1);
  }
  return text;
}

// A code in brackets at text[i] moves `i` behind it.
bool CodeAt(std::string_view text, size_t& i, std::string& code) {
  size_t at = i;
  const size_t open = BracketAt(text, at, '(');
  if (open == 0) return false;
  at += open;
  code.clear();
  while (at < text.size() && text[at] == ' ') ++at;
  while (at < text.size() && code.size() < 9) {
    const char c = text[at];
    const bool digit = c >= '0' && c <= '9';
    const bool letter = c >= 'A' && c <= 'Z';
    if (!digit && !letter) break;
    code.push_back(c);
    ++at;
  }
  while (at < text.size() && text[at] == ' ') ++at;
  if (at >= text.size() || code.size() < 3) return false;
  if (code[0] < 'A' || code[0] > 'C' || code[1] < '0' || code[1] > '9') {
    return false;
  }
  const size_t close = BracketAt(text, at, ')');
  if (close == 0) return false;
  i = at + close;
  return true;
}

// Spelling that differs between prints of the same catalogue does not count.
std::string NameForm(std::string_view name) {
  return absl::StrReplaceAll(CompactForm(name, kMaxName),
                             {{"∶", ":"}, {"：", ":"}});
}

class ListReader {
 public:
  explicit ListReader(std::string_view system) : system_(system) {}

  MajorList Read(std::string_view text) {
    size_t begin = 0;
    int depth = 0;
    std::string code;
    for (size_t i = 0; i < text.size();) {
      size_t after = i;
      if (CodeAt(text, after, code)) {
        Coded(Trim(text.substr(begin, i - begin)), code);
        begin = i = after;
        depth = 0;
        continue;
      }
      const size_t separator = SeparatorAt(text, i);
      // 、 stands within names too (港口、海岸及近海工程): only between entries
      // whose end is known does it end one.
      if (separator > 0 && depth == 0) {
        Plain(Trim(text.substr(begin, i - begin)));
        begin = i += separator;
        continue;
      }
      depth += BracketAt(text, i, '(') > 0 ? 1 : 0;
      depth -= BracketAt(text, i, ')') > 0 && depth > 0 ? 1 : 0;
      ++i;
    }
    Plain(Trim(text.substr(begin)));
    return std::move(list_);
  }

 private:
  static size_t SeparatorAt(std::string_view text, size_t i) {
    for (std::string_view separator : {",", "，", ";", "；", "\n"}) {
      if (text.substr(i).starts_with(separator)) return separator.size();
    }
    return 0;
  }

  static std::string_view WithoutMark(std::string_view name) {
    for (std::string_view mark : {"、", ",", "，"}) {
      if (name.starts_with(mark)) name.remove_prefix(mark.size());
    }
    return Trim(name);
  }

  void Coded(std::string_view printed, const std::string& code) {
    ++list_.entries;
    const std::string_view name = WithoutMark(printed);
    const std::string system = absl::StrCat("gd2025-", code.substr(0, 1));
    const CodeEntry* entry = CodeTable::Get(system)->Find(code);
    if (entry == nullptr) {
      // With its code, so that nobody takes the name for a known one.
      if (!Named(name, system)) Text(absl::StrCat(A(name), "(", code, ")"));
      return;
    }
    Add(system, *entry);
    if (!name.empty() && NameForm(name) != NameForm(entry->name)) {
      list_.renamed.push_back(absl::StrCat(A(name), " / ", Describe(*entry)));
    }
  }

  void Plain(std::string_view printed) {
    const std::string_view name = WithoutMark(printed);
    if (name.empty()) return;
    ++list_.entries;
    const std::string form = NameForm(name);
    if (form == "不限" || form == "专业不限" || form == "不限专业" ||
        form == "无限制" || form == "不限制") {
      list_.any = true;
      return;
    }
    if (Named(name, system_) || Several(name)) return;
    Text(std::string(name));
  }

  // Exactly one entry has this name.
  bool Named(std::string_view name, std::string_view system) {
    const CodeTable* table = CodeTable::Get(system);
    if (table == nullptr || name.empty()) return false;
    const auto found = table->FindByName(name);
    if (found.size() != 1) return false;
    Add(system, *found[0]);
    return true;
  }

  // "会计学、审计学": names with 、 between, each of them known.
  bool Several(std::string_view names) {
    constexpr std::string_view kMark = "、";
    if (names.find(kMark) == std::string_view::npos) return false;
    MajorList before = list_;
    int known = 0;
    for (size_t end; !names.empty(); ++known) {
      end = names.find(kMark);
      if (!Named(names.substr(0, end), system_)) {
        list_ = std::move(before);
        return false;
      }
      names =
          end == std::string_view::npos ? "" : names.substr(end + kMark.size());
    }
    list_.entries += known - 1;
    return true;
  }

  void Add(std::string_view system, const CodeEntry& entry) {
    MajorCode major{std::string(system), std::string(entry.code), entry.level};
    if (std::find(list_.codes.begin(), list_.codes.end(), major) ==
        list_.codes.end()) {
      list_.codes.push_back(std::move(major));
    }
  }
  void Text(std::string text) { list_.texts.push_back(std::move(text)); }

  const std::string_view system_;
  MajorList list_;
};

}  // namespace

MajorList ParseMajorList(std::string_view text, std::string_view system) {
  return ListReader(system).Read(text);
}

}  // namespace gradmatch
