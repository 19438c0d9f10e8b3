#include "index/codes/code_table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "index/base/strings.h"
#include "index/codes/name_key.h"

namespace gradmatch {
namespace {

// Two characters of UTF-8 text beside each other, as ends of byte ranges.
std::vector<std::string_view> Bigrams(std::string_view text) {
  std::vector<size_t> starts;
  for (size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80)
      starts.push_back(i);
  }
  starts.push_back(text.size());
  std::vector<std::string_view> grams;
  if (starts.size() == 2) grams.push_back(text);
  for (size_t i = 0; i + 2 < starts.size(); ++i) {
    grams.push_back(text.substr(starts[i], starts[i + 2] - starts[i]));
  }
  std::sort(grams.begin(), grams.end());
  return grams;
}

// Share of common bigrams (Dice), 0 to 1.
double CommonShare(const std::vector<std::string_view>& a,
                   const std::vector<std::string_view>& b) {
  size_t common = 0;
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i] == b[j]) {
      ++common, ++i, ++j;
    } else if (a[i] < b[j]) {
      ++i;
    } else {
      ++j;
    }
  }
  const size_t sum = a.size() + b.size();
  return sum == 0
             ? 0
             : 2.0 * static_cast<double>(common) / static_cast<double>(sum);
}

size_t CommonPrefix(std::string_view a, std::string_view b) {
  size_t n = 0;
  while (n < a.size() && n < b.size() && a[n] == b[n]) ++n;
  return n;
}

}  // namespace

const CodeEntry* CodeTable::Lookup(std::string_view code) const {
  const auto found = by_code_.find(code);
  return found == by_code_.end() ? nullptr : &entries_[found->second];
}

// The code as the table spells it.
const CodeEntry* CodeTable::FindSpelt(std::string_view code) const {
  if (const CodeEntry* entry = Lookup(code)) return entry;
  if (code.empty() || code.size() > 16) return nullptr;
  std::string folded(code);
  if (system() == "region") {
    if (folded.size() == 2 || folded.size() == 4) folded.resize(6, '0');
    return Lookup(folded);
  }
  const bool upper = system() != "function";
  for (char& c : folded) {
    if (upper && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (!upper && c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (const CodeEntry* entry = Lookup(folded)) return entry;
  if (!majors_) return nullptr;
  while (!folded.empty() && (folded.back() == 'K' || folded.back() == 'T')) {
    folded.pop_back();
  }
  if (const CodeEntry* entry = Lookup(folded)) return entry;
  // A 一级学科 is often written with the digits of a 二级学科.
  if (system() != "postgraduate" || folded.size() != 6 ||
      !folded.ends_with("00")) {
    return nullptr;
  }
  return Lookup(folded.substr(0, 4));
}

const CodeEntry* CodeTable::Find(std::string_view code, Former former) const {
  const CodeEntry* entry = FindSpelt(code);
  if (entry == nullptr || entry->successor.empty()) return entry;
  if (former == Former::kUnknown) return nullptr;
  if (former == Former::kItself) return entry;
  while (!entry->successor.empty()) entry = Lookup(entry->successor);
  return entry;
}

std::vector<const CodeEntry*> CodeTable::FindByName(
    std::string_view name) const {
  std::vector<const CodeEntry*> found;
  const auto places = by_name_.find(TableNameKey(name));
  if (places == by_name_.end()) return found;
  for (int32_t place : places->second) found.push_back(&entries_[place]);
  return found;
}

std::string_view CodeTable::Name(std::string_view code) const {
  const CodeEntry* entry = Find(code);
  return entry == nullptr ? std::string_view() : entry->name;
}

const CodeEntry* CodeTable::Parent(const CodeEntry& entry) const {
  return entry.parent < 0 ? nullptr : &entries_[entry.parent];
}

std::vector<const CodeEntry*> CodeTable::Ancestors(
    const CodeEntry& entry) const {
  std::vector<const CodeEntry*> ancestors;
  for (const CodeEntry* up = Parent(entry); up != nullptr; up = Parent(*up)) {
    ancestors.push_back(up);
  }
  return ancestors;
}

std::vector<const CodeEntry*> CodeTable::Children(
    const CodeEntry& entry) const {
  std::vector<const CodeEntry*> children;
  const size_t at = static_cast<size_t>(&entry - entries_.data());
  if (at >= in_force_) return children;
  for (int32_t place : children_[at]) {
    children.push_back(&entries_[place]);
  }
  return children;
}

bool CodeTable::Covers(std::string_view broad, std::string_view narrow) const {
  const CodeEntry* wanted = Find(broad);
  if (wanted == nullptr) return false;
  for (const CodeEntry* e = Find(narrow); e != nullptr; e = Parent(*e)) {
    if (e == wanted) return true;
  }
  return false;
}

std::vector<CodeTable::Likeness> CodeTable::MostLike(std::string_view text,
                                                     size_t n) const {
  // A name cannot be nearer for being longer than this; bounds the work.
  text = text.substr(0, std::min<size_t>(text.size(), 96));
  const std::string key = TableNameKey(text);
  const std::vector<std::string_view> grams = Bigrams(key);
  std::vector<Likeness> scored;
  for (const CodeEntry& entry : entries()) {
    const std::string name = TableNameKey(entry.name);
    double score = CommonShare(grams, Bigrams(name));
    ForEachPart(entry.aliases, '|', [&](std::string_view alias) {
      const std::string other = TableNameKey(alias);
      score = std::max(score, CommonShare(grams, Bigrams(other)));
    });
    if (!text.empty()) {
      const double prefix =
          static_cast<double>(CommonPrefix(entry.code, text)) /
          static_cast<double>(std::max(entry.code.size(), text.size()));
      score = std::max(score, prefix >= 0.5 ? prefix : 0.0);
    }
    if (score > 0) scored.push_back({&entry, score});
  }
  n = std::min(n, scored.size());
  std::partial_sort(scored.begin(), scored.begin() + n, scored.end(),
                    [](const Likeness& a, const Likeness& b) {
                      return a.score != b.score ? a.score > b.score
                                                : a.entry->code < b.entry->code;
                    });
  scored.resize(n);
  return scored;
}

std::vector<const CodeEntry*> CodeTable::Nearest(std::string_view text,
                                                 size_t n) const {
  std::vector<const CodeEntry*> nearest;
  for (const Likeness& like : MostLike(text, n)) nearest.push_back(like.entry);
  return nearest;
}

std::string Describe(const CodeEntry& entry) {
  return absl::StrCat(A(entry.code), " ", A(entry.name));
}

std::vector<const CodeEntry*> CrossByName(const CodeEntry& entry,
                                          const CodeTable& to) {
  constexpr std::string_view kGroup = "类";
  std::vector<std::string_view> names = {entry.name};
  ForEachPart(entry.aliases, '|',
              [&](std::string_view a) { names.push_back(a); });
  for (std::string_view name : names) {
    std::vector<const CodeEntry*> found = to.FindByName(name);
    if (found.empty()) {
      found = name.ends_with(kGroup)
                  ? to.FindByName(name.substr(0, name.size() - kGroup.size()))
                  : to.FindByName(std::string(name).append(kGroup));
    }
    if (!found.empty()) return found;
  }
  return {};
}

}  // namespace gradmatch
