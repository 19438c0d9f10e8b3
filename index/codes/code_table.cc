#include "index/codes/code_table.h"

#include <algorithm>
#include <charconv>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "index/base/strings.h"

namespace gradmatch {
namespace {

// What only spelling tells apart: blanks, ASCII letter case, full-width ASCII.
std::string NameKey(std::string_view name) {
  std::string key;
  key.reserve(name.size());
  for (size_t i = 0; i < name.size(); ++i) {
    unsigned char c = static_cast<unsigned char>(name[i]);
    if (c == 0xEF && i + 2 < name.size()) {
      // U+FF01..U+FF5E, three bytes, are U+0021..U+007E.
      const unsigned code =
          ((c & 0x0Fu) << 12) |
          ((static_cast<unsigned char>(name[i + 1]) & 0x3Fu) << 6) |
          (static_cast<unsigned char>(name[i + 2]) & 0x3Fu);
      if (code >= 0xFF01 && code <= 0xFF5E) {
        c = static_cast<unsigned char>(code - 0xFEE0);
        i += 2;
      }
    } else if (c == 0xE3 && name.substr(i, 3) == "\u3000") {
      i += 2;
      continue;
    }
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') continue;
    if (c >= 'A' && c <= 'Z') c = static_cast<unsigned char>(c + ('a' - 'A'));
    key.push_back(static_cast<char>(c));
  }
  return key;
}

template <typename F>
void ForEachPart(std::string_view text, char separator, F&& f) {
  while (!text.empty()) {
    const size_t end = text.find(separator);
    if (end != 0) f(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

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
double Likeness(const std::vector<std::string_view>& a,
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

absl::StatusOr<std::unique_ptr<CodeTable>> CodeTable::Parse(
    std::string_view system, std::string_view version, std::string_view tsv) {
  std::unique_ptr<CodeTable> table(new CodeTable());
  table->system_ = system;
  table->version_ = version;
  struct Row {
    CodeEntry entry;
    std::string_view parent;
  };
  std::vector<Row> rows;
  int line_number = 0;
  const auto error = [&](std::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat(
        "code table ", A(system), " line ", line_number, ": ", A(what)));
  };
  while (!tsv.empty()) {
    ++line_number;
    const size_t end = tsv.find('\n');
    std::string_view line = tsv.substr(0, end);
    tsv = end == std::string_view::npos ? "" : tsv.substr(end + 1);
    std::string_view cells[6];
    size_t n = 0;
    for (; n < 6; ++n) {
      const size_t tab = line.find('\t');
      cells[n] = line.substr(0, tab);
      if (tab == std::string_view::npos) break;
      line.remove_prefix(tab + 1);
    }
    if (n != 5) return error("does not have six cells");
    Row row;
    row.entry = {.code = cells[0],
                 .name = cells[3],
                 .aliases = cells[4],
                 .note = cells[5]};
    row.parent = cells[1];
    const auto [p, ec] = std::from_chars(
        cells[2].data(), cells[2].data() + cells[2].size(), row.entry.level);
    if (ec != std::errc() || p != cells[2].data() + cells[2].size() ||
        row.entry.level < 1) {
      return error(
          absl::StrCat("level '", A(cells[2]), "' is not a number >= 1"));
    }
    if (cells[0].empty() || cells[3].empty()) {
      return error("has no code or no name");
    }
    rows.push_back(row);
  }
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return a.entry.code < b.entry.code;
  });
  for (const Row& row : rows) {
    const int32_t place = static_cast<int32_t>(table->entries_.size());
    if (!table->by_code_.emplace(row.entry.code, place).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("code table ", A(system), ": code ", A(row.entry.code),
                       " stands twice"));
    }
    table->entries_.push_back(row.entry);
    table->max_level_ = std::max(table->max_level_, row.entry.level);
  }
  table->children_.resize(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    CodeEntry& entry = table->entries_[i];
    if (!rows[i].parent.empty()) {
      const auto parent = table->by_code_.find(rows[i].parent);
      if (parent == table->by_code_.end() ||
          table->entries_[parent->second].level >= entry.level) {
        return absl::InvalidArgumentError(absl::StrCat(
            "code table ", A(system), ": parent '", A(rows[i].parent), "' of ",
            A(entry.code), " is not there or not broader"));
      }
      entry.parent = parent->second;
      table->children_[entry.parent].push_back(static_cast<int32_t>(i));
    }
    const auto index = [&](std::string_view name) {
      std::vector<int32_t>& places = table->by_name_[NameKey(name)];
      if (places.empty() || places.back() != static_cast<int32_t>(i)) {
        places.push_back(static_cast<int32_t>(i));
      }
    };
    index(entry.name);
    ForEachPart(entry.aliases, '|', index);
  }
  for (auto& [name, places] : table->by_name_) {
    std::stable_sort(places.begin(), places.end(), [&](int32_t a, int32_t b) {
      return table->entries_[a].level < table->entries_[b].level;
    });
  }
  return table;
}

const CodeEntry* CodeTable::Find(std::string_view code) const {
  const auto lookup = [&](std::string_view c) -> const CodeEntry* {
    const auto found = by_code_.find(c);
    return found == by_code_.end() ? nullptr : &entries_[found->second];
  };
  if (const CodeEntry* entry = lookup(code)) return entry;
  if (code.empty() || code.size() > 16) return nullptr;
  std::string folded(code);
  if (system_ == "undergraduate") {
    while (!folded.empty() && (folded.back() == 'K' || folded.back() == 'T' ||
                               folded.back() == 'k' || folded.back() == 't')) {
      folded.pop_back();
    }
    return lookup(folded);
  }
  if (system_ == "region") {
    if (folded.size() == 2 || folded.size() == 4) folded.resize(6, '0');
    return lookup(folded);
  }
  const bool upper = system_ != "function";
  for (char& c : folded) {
    if (upper && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (!upper && c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lookup(folded);
}

std::vector<const CodeEntry*> CodeTable::FindByName(
    std::string_view name) const {
  std::vector<const CodeEntry*> found;
  const auto places = by_name_.find(NameKey(name));
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
  for (int32_t place : children_[&entry - entries_.data()]) {
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

std::vector<const CodeEntry*> CodeTable::Nearest(std::string_view text,
                                                 size_t n) const {
  // A name cannot be nearer for being longer than this; bounds the work.
  text = text.substr(0, std::min<size_t>(text.size(), 96));
  const std::string key = NameKey(text);
  const std::vector<std::string_view> grams = Bigrams(key);
  struct Scored {
    double score;
    const CodeEntry* entry;
  };
  std::vector<Scored> scored;
  for (const CodeEntry& entry : entries_) {
    const std::string name = NameKey(entry.name);
    double score = Likeness(grams, Bigrams(name));
    ForEachPart(entry.aliases, '|', [&](std::string_view alias) {
      const std::string other = NameKey(alias);
      score = std::max(score, Likeness(grams, Bigrams(other)));
    });
    if (!text.empty()) {
      const double prefix =
          static_cast<double>(CommonPrefix(entry.code, text)) /
          static_cast<double>(std::max(entry.code.size(), text.size()));
      score = std::max(score, prefix >= 0.5 ? prefix : 0.0);
    }
    if (score > 0) scored.push_back({score, &entry});
  }
  n = std::min(n, scored.size());
  std::partial_sort(scored.begin(), scored.begin() + n, scored.end(),
                    [](const Scored& a, const Scored& b) {
                      return a.score != b.score ? a.score > b.score
                                                : a.entry->code < b.entry->code;
                    });
  std::vector<const CodeEntry*> nearest;
  for (size_t i = 0; i < n; ++i) nearest.push_back(scored[i].entry);
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
