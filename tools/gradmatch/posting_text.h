#ifndef GRADMATCH_TOOLS_GRADMATCH_POSTING_TEXT_H_
#define GRADMATCH_TOOLS_GRADMATCH_POSTING_TEXT_H_

#include <string>

#include "gradmatch/v1/posting.pb.h"

namespace gradmatch {

// A posting as cells of a table.
std::string TitleText(const v1::Posting& posting);  // 测绘工程师 · 某公司
std::string PlaceText(const v1::Posting& posting);  // 武汉市 等 3 地
std::string PayText(const v1::Posting& posting);    // 8-12K, 面议

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_GRADMATCH_POSTING_TEXT_H_
