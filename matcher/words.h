#ifndef GRADMATCH_MATCHER_WORDS_H_
#define GRADMATCH_MATCHER_WORDS_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gradmatch/v1/posting.pb.h"

namespace gradmatch {

// Chinese words for values of the API, as reasons use them.

// 本科; 未说明 for 0.
std::string_view LevelWord(int level);
// "本科及以上", "仅限本科", "大专至本科", "硕士及以下"; "不限" for none.
std::string LevelRangeWords(int min_level, int max_level);
std::string_view PostingKindWord(int kind);
std::string_view EmployerKindWord(int kind);
// "6 个月", "2 年", "1 年 6 个月"; 无 for 0.
std::string MonthsWords(int months);
// "8000-12000 元/月", "8000 元/月以上", "面议".
std::string PayWords(const v1::Salary& salary);

// Joined by 、; past `most` the rest is counted: "北京、上海等 5 项".
std::string JoinWords(std::span<const std::string> words, size_t most = 3);

// 湖北省武汉市 -> 武汉 (the short name of the narrowest part), by code.
std::string PlaceWord(const v1::Code& region);
// The places of a posting, without repeats.
std::vector<std::string> PlaceWords(const v1::Posting& posting);
std::vector<std::string> FunctionWords(const v1::Posting& posting);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_WORDS_H_
