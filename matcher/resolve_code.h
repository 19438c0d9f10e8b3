#ifndef GRADMATCH_MATCHER_RESOLVE_CODE_H_
#define GRADMATCH_MATCHER_RESOLVE_CODE_H_

#include <cstddef>
#include <string_view>
#include <vector>

#include "index/codes/code_table.h"

namespace gradmatch {

// One reading of a text as a code.
struct CodeReading {
  const CodeEntry* entry = nullptr;  // in force, of the table asked
  // 1 for the code or its very name, 0.95 for an alias, a former name or a
  // former code; 0.9 where the parser of majors, functions or places is certain
  // and 0.7 where it is not; below that, 0.8 times the share of common letters.
  double confidence = 0;
};

// Reads a text as people write it: "080904K", "软件工程", "计算机相关专业",
// "深圳 南山", "计算机科学技术". At most `most` readings, the surest first,
// ties by code; empty when nothing is like it. A text that is a code or a name
// is not compared any further; otherwise the work is linear in the table, about
// 2 ms for the largest.
std::vector<CodeReading> ReadAsCode(const CodeTable& table,
                                    std::string_view text, size_t most);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_RESOLVE_CODE_H_
