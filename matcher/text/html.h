#ifndef GRADMATCH_MATCHER_TEXT_HTML_H_
#define GRADMATCH_MATCHER_TEXT_HTML_H_

#include <string>
#include <string_view>

namespace gradmatch {

// False if StripHtml would change nothing; cheap.
bool MayHoldHtml(std::string_view text);

// What web pages leave in texts, taken out: entities ("&nbsp;", "&amp;lt;",
// "&#12289;") become their characters, "_x000d_" and tags that break a line
// become '\n', other known tags a space. What is no known tag stays ("<3年",
// "vector<T>"). Letter case does not matter. Linear in the text.
std::string StripHtml(std::string_view text);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_TEXT_HTML_H_
