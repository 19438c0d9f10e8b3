#ifndef GRADMATCH_MATCHER_TEXT_PARSE_MAJOR_LIST_H_
#define GRADMATCH_MATCHER_TEXT_PARSE_MAJOR_LIST_H_

#include <string>
#include <string_view>
#include <vector>

#include "matcher/text/parse_major.h"

namespace gradmatch {

// A closed list of majors as official positions print it.
struct MajorList {
  bool any = false;                // 不限
  std::vector<MajorCode> codes;    // without repeats, in order of the text
  std::vector<std::string> texts;  // entries that could not be turned into
                                   // codes, as written
  int entries = 0;
  // Entries whose code is known under another name than is printed beside it:
  // the code counts, the name is told.
  std::vector<std::string> renamed;
};

// "哲学(A01),民商法学（含：劳动法学、社会保障法学）(A030105)", "不限",
// "11信息电子类, 14能源和动力类". Codes are of gd2025-* by their letter, at any
// depth; names without a code are looked up in `system`. An entry that is in no
// table is a text: it is not guessed what it means, and the list is not closed
// for that. Empty text gives an empty list, which accepts nothing.
MajorList ParseMajorList(std::string_view text, std::string_view system);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_TEXT_PARSE_MAJOR_LIST_H_
