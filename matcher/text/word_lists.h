#ifndef GRADMATCH_MATCHER_TEXT_WORD_LISTS_H_
#define GRADMATCH_MATCHER_TEXT_WORD_LISTS_H_

#include <cstdint>
#include <string_view>
#include <vector>

namespace gradmatch {

// The word lists of matcher/text/data, compiled into the program. Lines that
// start with '#' and empty lines are left out. Views live as long as the
// program. The files say in their first line what they hold.
struct WordLists {
  static const WordLists& Get();

  // Spellings of one skill, the canonical name first.
  std::vector<std::vector<std::string_view>> skills;
  struct Alias {
    std::string_view word;
    std::vector<std::string_view> codes;
  };
  std::vector<Alias> majors;     // system `undergraduate`
  std::vector<Alias> functions;  // system `function`
  struct MajorFunctions {
    std::string_view major;  // system `undergraduate`
    std::string_view name;
    struct Function {
      std::string_view code;
      int weight;
    };
    std::vector<Function> functions;
  };
  std::vector<MajorFunctions> major_functions;
  struct Crossing {
    std::string_view group;  // code of gd2025-*
    std::string_view name;
    std::string_view major;  // nearest in `undergraduate`
  };
  std::vector<Crossing> crossings;
  std::vector<std::string_view> stop_words;
  std::vector<std::string_view> sensitive_words;
  // Of the bytes of all lists: part of the dictionary's version.
  uint64_t digest = 0;
};

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_TEXT_WORD_LISTS_H_
