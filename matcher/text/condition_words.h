#ifndef GRADMATCH_MATCHER_TEXT_CONDITION_WORDS_H_
#define GRADMATCH_MATCHER_TEXT_CONDITION_WORDS_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gradmatch {

// Reads a phrase that names conditions of the code table: "具有注册会计师或会计
// 专业技术资格(中级以上)之一". `form` is in matching form without blanks. Each
// element of the answer is one condition, its codes are alternatives; empty
// when a word was not understood, or when the phrase does not say whether all
// or one of them is meant.
std::vector<std::vector<std::string>> ReadConditionCodes(std::string_view form);

// Nothing but these words and digits; the longest word is taken first.
bool OnlyWords(std::string_view text, std::span<const std::string_view> words);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_TEXT_CONDITION_WORDS_H_
