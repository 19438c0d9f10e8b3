#include "matcher/text/word_lists.h"

#include "matcher/text/hash.h"

extern "C" {
extern const char gradmatch_text_skills[], gradmatch_text_skills_end[];
extern const char gradmatch_text_major_aliases[],
    gradmatch_text_major_aliases_end[];
extern const char gradmatch_text_function_aliases[],
    gradmatch_text_function_aliases_end[];
extern const char gradmatch_text_major_functions[],
    gradmatch_text_major_functions_end[];
extern const char gradmatch_text_group_crossings[],
    gradmatch_text_group_crossings_end[];
extern const char gradmatch_text_stop_words[], gradmatch_text_stop_words_end[];
extern const char gradmatch_text_sensitive_words[],
    gradmatch_text_sensitive_words_end[];
}

namespace gradmatch {
namespace {

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t end = text.find(separator);
    if (end != 0 && !text.empty()) parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines = Split(text, '\n');
  std::erase_if(lines, [](std::string_view line) { return line[0] == '#'; });
  return lines;
}

std::vector<WordLists::Alias> ReadAliases(std::string_view text) {
  std::vector<WordLists::Alias> aliases;
  for (std::string_view line : Lines(text)) {
    const std::vector<std::string_view> cells = Split(line, '\t');
    if (cells.size() < 2) continue;
    aliases.push_back({cells[0], Split(cells[1], '|')});
  }
  return aliases;
}

std::vector<WordLists::MajorFunctions> ReadMajorFunctions(
    std::string_view text) {
  std::vector<WordLists::MajorFunctions> majors;
  for (std::string_view line : Lines(text)) {
    const std::vector<std::string_view> cells = Split(line, '\t');
    if (cells.size() != 3) continue;
    WordLists::MajorFunctions major{cells[0], cells[1], {}};
    for (std::string_view pair : Split(cells[2], ' ')) {
      const size_t colon = pair.find(':');
      if (colon + 2 != pair.size()) continue;
      major.functions.push_back({pair.substr(0, colon), pair.back() - '0'});
    }
    majors.push_back(std::move(major));
  }
  return majors;
}

std::vector<std::string_view> ReadWords(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::string_view line : Lines(text)) {
    for (std::string_view word : Split(line, ' ')) words.push_back(word);
  }
  return words;
}

}  // namespace

const WordLists& WordLists::Get() {
  static const WordLists* const lists = [] {
    auto* l = new WordLists();
    const auto embedded = [l](const char* begin, const char* end) {
      const std::string_view text(begin, static_cast<size_t>(end - begin));
      l->digest = StableHash(text, l->digest);
      return text;
    };
#define GRADMATCH_LIST(name) \
  embedded(gradmatch_text_##name, gradmatch_text_##name##_end)
    for (std::string_view line : Lines(GRADMATCH_LIST(skills))) {
      l->skills.push_back(Split(line, '|'));
    }
    l->majors = ReadAliases(GRADMATCH_LIST(major_aliases));
    l->functions = ReadAliases(GRADMATCH_LIST(function_aliases));
    l->major_functions = ReadMajorFunctions(GRADMATCH_LIST(major_functions));
    for (std::string_view line : Lines(GRADMATCH_LIST(group_crossings))) {
      const std::vector<std::string_view> cells = Split(line, '\t');
      if (cells.size() == 3)
        l->crossings.push_back({cells[0], cells[1], cells[2]});
    }
    l->stop_words = ReadWords(GRADMATCH_LIST(stop_words));
    l->sensitive_words = ReadWords(GRADMATCH_LIST(sensitive_words));
#undef GRADMATCH_LIST
    return l;
  }();
  return *lists;
}

}  // namespace gradmatch
