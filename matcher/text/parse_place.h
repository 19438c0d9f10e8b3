#ifndef GRADMATCH_MATCHER_TEXT_PARSE_PLACE_H_
#define GRADMATCH_MATCHER_TEXT_PARSE_PLACE_H_

#include <string>
#include <string_view>
#include <vector>

#include "matcher/text/parsed.h"

namespace gradmatch {

struct Places {
  // Codes of system `region`, each the narrowest level understood, without
  // repeats, in the order of the text.
  std::vector<std::string> codes;
  bool nationwide = false;  // 全国
  bool remote = false;      // 远程, 居家
  // Parts beyond the county ("科技园"), separated by one space; informative.
  std::string detail;

  friend bool operator==(const Places&, const Places&) = default;
};

// "深圳·南山区·科技园", "昆明-盘龙区", "广东省广州市黄埔区永和街道",
// "济南··", "北京、上海/广州", "全国", "远程", "440305". A county whose name
// several cities share is resolved by the city named before it; without one it
// is not understood, unless only one county bears the name. Uncertain when
// some of several places was not understood.
Parsed<Places> ParsePlaces(std::string_view text);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_TEXT_PARSE_PLACE_H_
