#ifndef GRADMATCH_MATCHER_TEXT_PARSE_FUNCTION_H_
#define GRADMATCH_MATCHER_TEXT_PARSE_FUNCTION_H_

#include <string>
#include <string_view>
#include <vector>

#include "matcher/text/parsed.h"

namespace gradmatch {

// Job functions a title names, as codes of system `function`, the most telling
// one first, at most three, without repeats. "Java开发工程师（双休）" ->
// 010102. Certain when the whole title is the name of a function or one of its
// aliases; uncertain when part of it is. Not understood if nothing matches.
Parsed<std::vector<std::string>> ParseFunctions(std::string_view title);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_TEXT_PARSE_FUNCTION_H_
