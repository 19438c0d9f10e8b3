#ifndef GRADMATCH_MATCHER_TEXT_DICTIONARY_H_
#define GRADMATCH_MATCHER_TEXT_DICTIONARY_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gradmatch {

// Bits: one term may be several things ("会计" is a major and a function).
using TermKinds = uint16_t;
enum TermKind : TermKinds {
  kMajorTerm = 1 << 0,      // code of `undergraduate`, or gd2025-* (a letter
                            // first) for names that only those lists have
  kRegionTerm = 1 << 1,     // code of `region`; full and short names
  kFunctionTerm = 1 << 2,   // code of `function`
  kSkillTerm = 1 << 3,      // no code; the canonical name stands in `code`
  kSchoolTerm = 1 << 4,     // code of `school`; never a feature
  kStopTerm = 1 << 5,       // says nothing about the work
  kSensitiveTerm = 1 << 6,  // sex, ethnicity, hukou, tier of school, hardship
  kLatinTerm = 1 << 7,      // unknown run of letters and digits
  kNumberTerm = 1 << 8,     // run of digits
  kHanTerm = 1 << 9,        // bigram (or one character) of an unknown run
};

inline constexpr uint32_t kNoTerm = UINT32_MAX;

enum class Grain { kWhole, kFine };

// What a term stands for.
struct Meaning {
  TermKind kind;
  std::string_view code;
};

// The words we know, in matching form, with what they mean: the names of
// majors, regions, functions and schools of the code tables, their aliases,
// skills, stop words and sensitive words of matcher/text/data. A flat trie of
// code points. Immutable; thread-safe.
class Dictionary {
 public:
  // Built at the first use, in tens of milliseconds.
  static const Dictionary& Default();
  // Names the words and the way they are read; part of encoder ids.
  static std::string_view Version();

  struct Match {
    uint32_t term = kNoTerm;
    uint32_t size = 0;  // bytes
  };
  // The longest term that starts at text[begin] and does not end inside a run
  // of letters and digits. Grain::kFine passes over the long names of majors
  // and functions, so that their words are found ("Java" in "Java开发工程师").
  // Only terms that are one of `kinds` count.
  Match LongestAt(std::string_view text, size_t begin, Grain grain,
                  TermKinds kinds = UINT16_MAX) const;
  // The term that is exactly `matching_text`; kNoTerm if none.
  uint32_t Find(std::string_view matching_text) const;

  size_t size() const { return terms_.size(); }
  TermKinds kinds(uint32_t term) const { return terms_[term].kinds; }
  std::span<const Meaning> meanings(uint32_t term) const {
    const Term& t = terms_[term];
    return {meanings_.data() + t.first, t.count};
  }

 private:
  friend class DictionaryBuilder;
  struct Term {
    uint32_t first = 0;
    uint16_t count = 0;
    TermKinds kinds = 0;
    bool fine = false;  // found by Grain::kFine too
  };
  // Parent node, code point and child in 18 + 21 + 25 bits; 0 is empty.
  using Edge = uint64_t;
  Dictionary() = default;
  uint32_t Child(uint32_t node, char32_t c) const;

  std::vector<Term> terms_;
  std::vector<Meaning> meanings_;
  struct Node {
    uint32_t term = kNoTerm;  // the term that ends here
    bool fine = false;        // terms_[term].fine
    bool leaf = true;         // no edge leaves
  };
  std::vector<Node> nodes_;
  std::vector<Edge> edges_;  // open addressing, size a power of two
  int edge_shift_ = 0;       // 64 - log2(edges_.size())
  // A bit for each edge, by other bits of its hash: says "no" to most pairs of
  // characters from a table that stays in the nearest cache.
  std::vector<uint64_t> edge_filter_;
  std::vector<uint32_t> root_;  // children of the root below U+10000
};

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_TEXT_DICTIONARY_H_
