#ifndef GRADMATCH_MATCHER_TEXT_CONDITION_READERS_H_
#define GRADMATCH_MATCHER_TEXT_CONDITION_READERS_H_

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "matcher/text/parse_condition.h"
#include "matcher/text/parse_major.h"
#include "matcher/text/scan.h"

// Readers of one piece of a field of conditions, each for one kind of wording;
// for parse_condition.cc. A piece is in matching form without blanks. A reader
// takes a piece whole or leaves it.
namespace gradmatch::condition_readers {

using Conditions = std::vector<ParsedCondition>;

// A cursor over one piece in matching form without blanks.
struct Cursor {
  std::string_view text;
  size_t at = 0;

  bool done() const { return at == text.size(); }
  bool Eat(std::string_view word) { return Skip(text, at, word); }
  bool EatAny(std::initializer_list<std::string_view> words) {
    return SkipAny(text, at, words);
  }
  void EatAll(std::initializer_list<std::string_view> words) {
    while (!done() && EatAny(words)) {
    }
  }
  std::optional<int> Int() {
    const auto number = ReadNumber(text, at);
    if (!number.has_value() || *number < 0 || *number > 3000) {
      return std::nullopt;
    }
    return static_cast<int>(*number);
  }
};

ParsedCondition Make(ConditionKind kind, std::vector<std::string> any_of = {});

// Splits outside of brackets, at any of `separators`.
std::vector<std::string_view> Split(
    std::string_view text, std::initializer_list<std::string_view> separators);

// Ethnic group, disability, residence: what no profile states.
bool IsOfPersons(std::string_view form);

// "35周岁以下", "年龄在18至35周岁", "不超过40岁".
std::optional<ParsedCondition> ReadAge(std::string_view form);

// "具有2年以上基层工作经历"; without 基层 it is plain experience.
bool ReadService(std::string_view form, Conditions& conditions,
                 int& experience_months);

// Graduates of a year: "2025届高校毕业生".
bool ReadClass(std::string_view form, Conditions& conditions,
               std::vector<int>& years);

// What is agreed at hiring: "录用后需在录用单位工作满5年".
std::optional<ParsedCondition> ReadUndertaking(std::string_view form);

// "企业管理(限:财务管理)(A120202)", "财政学(A020203),不包含税收学"; several of
// them between commas.
bool ReadDirections(std::string_view form, Conditions& conditions);

// "[研究生报考者]本科须为法学专业且获法学学士学位".
std::optional<ParsedCondition> ReadBachelor(std::string_view form);

// Majors people call so: the group of the name where there is one ("法学" is
// 法学类), else the majors; 门类 only when nothing else is.
void AddMajorsNamed(std::string_view name, std::vector<MajorCode>& majors);

}  // namespace gradmatch::condition_readers

#endif  // GRADMATCH_MATCHER_TEXT_CONDITION_READERS_H_
