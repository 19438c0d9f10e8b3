#include "matcher/text/dictionary.h"

#include <algorithm>
#include <cstdio>
#include <map>

#include "index/codes/code_table.h"
#include "matcher/text/hash.h"
#include "matcher/text/normalize.h"
#include "matcher/text/utf8.h"
#include "matcher/text/word_lists.h"

namespace gradmatch {
namespace {

constexpr std::string_view kSegmentVersion = "s1";

constexpr int kChildBits = 25;

uint64_t EdgeKey(uint32_t node, char32_t c) {
  return static_cast<uint64_t>(node) << 21 | c;
}
uint64_t EdgeHash(uint64_t key) { return key * 0x9E3779B97F4A7C15u; }

// 2^19 bits, 64 KiB, for some 60,000 edges.
constexpr int kFilterBits = 19;
size_t FilterBit(uint64_t hash) {
  return hash >> 20 & ((1u << kFilterBits) - 1);
}

struct Shape {
  size_t chars = 0;
  bool latin = true;  // no Han character
};

Shape ShapeOf(std::string_view word) {
  Shape shape;
  for (size_t i = 0; i < word.size(); ++shape.chars) {
    if (IsHan(NextChar(word, i))) shape.latin = false;
  }
  return shape;
}

// Long names of majors and functions are made of words that mean as much
// ("软件测试工程师"), short ones are words themselves ("会计", "供应链").
bool IsFine(std::string_view word, TermKinds kinds) {
  if ((kinds & ~(kMajorTerm | kFunctionTerm)) != 0) return true;
  const Shape shape = ShapeOf(word);
  if (shape.latin || shape.chars <= 2) return true;
  if (shape.chars > 3) return false;
  for (std::string_view person : {"员", "师", "工", "岗", "类"}) {
    if (word.ends_with(person)) return false;
  }
  return true;
}

}  // namespace

// Gathers words with their meanings, then lays the trie out.
class DictionaryBuilder {
 public:
  void Add(std::string_view word, TermKind kind, std::string_view code) {
    const std::string key = MatchingForm(word);
    if (key.empty()) return;
    std::vector<Meaning>& meanings = words_[key];
    for (const Meaning& m : meanings) {
      if (m.kind == kind && m.code == code) return;
    }
    meanings.push_back({kind, code});
  }
  bool Has(std::string_view word) const {
    return words_.contains(MatchingForm(word));
  }

  Dictionary* Build() {
    auto* dictionary = new Dictionary();
    size_t edges = 1;
    for (const auto& [word, meanings] : words_) edges += ShapeOf(word).chars;
    int bits = 1;
    while (size_t{1} << bits < edges * 2) ++bits;
    dictionary->edges_.resize(size_t{1} << bits);
    dictionary->edge_shift_ = 64 - bits;
    dictionary->root_.assign(0x10000, 0);
    dictionary->edge_filter_.assign((size_t{1} << kFilterBits) / 64, 0);
    dictionary->nodes_.emplace_back();
    for (const auto& [word, meanings] : words_)
      Insert(word, meanings, *dictionary);
    return dictionary;
  }

 private:
  static void Insert(std::string_view word,
                     const std::vector<Meaning>& meanings, Dictionary& d) {
    uint32_t node = 0;
    for (size_t i = 0; i < word.size();) {
      const char32_t c = NextChar(word, i);
      uint32_t child = d.Child(node, c);
      if (child == 0) {
        child = static_cast<uint32_t>(d.nodes_.size());
        d.nodes_.emplace_back();
        d.nodes_[node].leaf = false;
        if (node == 0 && c < d.root_.size()) {
          d.root_[c] = child;
        } else {
          const uint64_t hash = EdgeHash(EdgeKey(node, c));
          const size_t bit = FilterBit(hash);
          d.edge_filter_[bit / 64] |= uint64_t{1} << bit % 64;
          size_t slot = hash >> d.edge_shift_;
          while (d.edges_[slot] != 0) slot = (slot + 1) & (d.edges_.size() - 1);
          d.edges_[slot] = EdgeKey(node, c) << kChildBits | child;
        }
      }
      node = child;
    }
    Dictionary::Term term;
    term.first = static_cast<uint32_t>(d.meanings_.size());
    term.count = static_cast<uint16_t>(meanings.size());
    for (const Meaning& m : meanings) {
      term.kinds = static_cast<TermKinds>(term.kinds | m.kind);
    }
    term.fine = IsFine(word, term.kinds);
    d.meanings_.insert(d.meanings_.end(), meanings.begin(), meanings.end());
    d.nodes_[node].term = static_cast<uint32_t>(d.terms_.size());
    d.nodes_[node].fine = term.fine;
    d.terms_.push_back(term);
  }

  // Ordered, so that numbers of terms do not depend on a hash.
  std::map<std::string, std::vector<Meaning>, std::less<>> words_;
};

namespace {

template <typename F>
void ForEachAlias(const CodeEntry& entry, F&& f) {
  std::string_view rest = entry.aliases;
  while (!rest.empty()) {
    const size_t end = rest.find('|');
    f(rest.substr(0, end));
    if (end == std::string_view::npos) return;
    rest.remove_prefix(end + 1);
  }
}

void AddMajors(DictionaryBuilder& builder) {
  for (const CodeEntry& e : CodeTable::BuiltIn("undergraduate")->entries()) {
    builder.Add(e.name, kMajorTerm, e.code);
  }
  for (const WordLists::Alias& alias : WordLists::Get().majors) {
    for (std::string_view code : alias.codes) {
      builder.Add(alias.word, kMajorTerm, code);
    }
  }
  for (std::string_view system : {"gd2025-A", "gd2025-B", "gd2025-C"}) {
    const std::span<const CodeEntry> entries =
        CodeTable::BuiltIn(system)->entries();
    std::vector<std::pair<std::string_view, std::string_view>> fresh;
    for (const CodeEntry& e : entries) {
      if (!builder.Has(e.name)) fresh.push_back({e.name, e.code});
      ForEachAlias(e, [&](std::string_view alias) {
        if (!builder.Has(alias)) fresh.push_back({alias, e.code});
      });
    }
    for (const auto& [name, code] : fresh) builder.Add(name, kMajorTerm, code);
  }
}

// Short names of counties ("合作", "资源", "新兴") are everyday words: they are
// understood only where a place is expected (parse_place.cc).
void AddRegions(DictionaryBuilder& builder) {
  for (const CodeEntry& e : CodeTable::BuiltIn("region")->entries()) {
    if (e.name == "市辖区" || e.name == "县") continue;
    builder.Add(e.name, kRegionTerm, e.code);
    if (e.level > 2) continue;
    ForEachAlias(e, [&](std::string_view alias) {
      builder.Add(alias, kRegionTerm, e.code);
    });
  }
}

void AddFunctions(DictionaryBuilder& builder) {
  for (const WordLists::Alias& alias : WordLists::Get().functions) {
    for (std::string_view code : alias.codes) {
      builder.Add(alias.word, kFunctionTerm, code);
    }
  }
  // Names like "其他..." name nothing; "C" would be found everywhere.
  for (const CodeEntry& e : CodeTable::BuiltIn("function")->entries()) {
    if (e.name.starts_with("其他") || e.name == "C") continue;
    if (!builder.Has(e.name)) builder.Add(e.name, kFunctionTerm, e.code);
  }
}

}  // namespace

const Dictionary& Dictionary::Default() {
  static const Dictionary* const dictionary = [] {
    const WordLists& lists = WordLists::Get();
    DictionaryBuilder builder;
    AddMajors(builder);
    AddRegions(builder);
    AddFunctions(builder);
    for (const std::vector<std::string_view>& spellings : lists.skills) {
      for (std::string_view s : spellings) {
        builder.Add(s, kSkillTerm, spellings.front());
      }
    }
    for (const CodeEntry& e : CodeTable::BuiltIn("school")->entries()) {
      builder.Add(e.name, kSchoolTerm, e.code);
    }
    for (std::string_view w : lists.stop_words) builder.Add(w, kStopTerm, "");
    for (std::string_view w : lists.sensitive_words) {
      builder.Add(w, kSensitiveTerm, "");
    }
    return builder.Build();
  }();
  return *dictionary;
}

std::string_view Dictionary::Version() {
  static const std::string* const version = [] {
    uint64_t digest = WordLists::Get().digest;
    for (std::string_view system : CodeTable::BuiltInSystems()) {
      // No term comes from these, so they must not change encoder ids.
      if (system == "condition") continue;
      for (const CodeEntry& e : CodeTable::BuiltIn(system)->entries()) {
        digest = StableHash(e.code, digest);
        digest = StableHash(e.name, digest);
        digest = StableHash(e.aliases, digest);
      }
    }
    char hex[17];
    std::snprintf(hex, sizeof hex, "%016llx",
                  static_cast<unsigned long long>(digest));
    return new std::string(
        std::string(kNormalizeVersion).append(kSegmentVersion).append(hex));
  }();
  return *version;
}

uint32_t Dictionary::Child(uint32_t node, char32_t c) const {
  if (node == 0 && c < root_.size()) return root_[c];
  if (nodes_[node].leaf) return 0;
  const uint64_t key = EdgeKey(node, c);
  const uint64_t hash = EdgeHash(key);
  const size_t bit = FilterBit(hash);
  if ((edge_filter_[bit / 64] >> bit % 64 & 1) == 0) return 0;
  for (size_t slot = hash >> edge_shift_;;
       slot = (slot + 1) & (edges_.size() - 1)) {
    const Edge edge = edges_[slot];
    if (edge >> kChildBits == key) return edge & ((1u << kChildBits) - 1);
    if (edge == 0) return 0;
  }
}

Dictionary::Match Dictionary::LongestAt(std::string_view text, size_t begin,
                                        Grain grain, TermKinds kinds) const {
  Match match;
  uint32_t node = 0;
  bool latin = false;
  for (size_t i = begin; i < text.size();) {
    const char32_t c = NextChar(text, i);
    node = Child(node, c);
    if (node == 0) break;
    latin = IsLatin(c);
    const Node& at = nodes_[node];
    if (at.term == kNoTerm || (grain == Grain::kFine && !at.fine)) continue;
    if (kinds != UINT16_MAX && (terms_[at.term].kinds & kinds) == 0) continue;
    if (latin && i < text.size()) {
      const char next = text[i];
      if (IsLatin(static_cast<unsigned char>(next)) || next == '#' ||
          (next == '+' && i + 1 < text.size() && text[i + 1] == '+')) {
        continue;
      }
    }
    match = {at.term, static_cast<uint32_t>(i - begin)};
  }
  return match;
}

uint32_t Dictionary::Find(std::string_view matching_text) const {
  uint32_t node = 0;
  for (size_t i = 0; i < matching_text.size();) {
    node = Child(node, NextChar(matching_text, i));
    if (node == 0) return kNoTerm;
  }
  return matching_text.empty() ? kNoTerm : nodes_[node].term;
}

}  // namespace gradmatch
