#ifndef GRADMATCH_MATCHER_TEXT_PARSE_MAJOR_H_
#define GRADMATCH_MATCHER_TEXT_PARSE_MAJOR_H_

#include <string>
#include <string_view>
#include <vector>

#include "matcher/text/parsed.h"

namespace gradmatch {

// A major, or a group of majors, of a catalogue.
struct MajorCode {
  std::string system;  // `undergraduate` or `gd2025-A`, -B, -C
  std::string code;
  int level = 0;  // 1 门类, 2 专业类, 3 专业

  friend bool operator==(const MajorCode&, const MajorCode&) = default;
};

struct MajorRequirement {
  bool any = false;      // 专业不限; codes are then empty
  bool related = false;  // 相关专业, 等专业: the list is not closed
  std::vector<MajorCode> codes;  // without repeats, in order of the text
  // Parts naming a major we do not know, as written; separated by one space.
  std::string leftover;

  friend bool operator==(const MajorRequirement&,
                         const MajorRequirement&) = default;
};

// A field that holds majors: "计算机、电子信息类专业", "专业不限",
// "计算机相关专业", "软件工程(080902)", "B0809,B080202". Names and codes of
// Guangdong's lists keep their letter and system. Uncertain when something is
// left over.
Parsed<MajorRequirement> ParseMajors(std::string_view text);

// The clauses of a free text (a description) that ask for a major: "计算机、
// 电子等相关专业本科及以上学历". Not understood if there is none.
Parsed<MajorRequirement> FindMajorsInText(std::string_view text);
// The same for text that is in matching form already.
Parsed<MajorRequirement> FindMajorsInForm(std::string_view form);

// The code of `undergraduate` nearest in content to a code of any list of
// majors: by name, then by the name of its group, then by our own crossing
// (data/group_crossings.tsv). For similarity only, never for eligibility. Empty
// if unknown.
std::string_view NearestUndergraduate(std::string_view system,
                                      std::string_view code);

// A job function graduates of a major typically enter.
struct TypicalFunction {
  std::string_view function;  // level 2 or 3 of system `function`
  int weight = 0;             // 1 now and then, 2 often, 3 first of all
};

// Typical functions of a major, its own line if there is one, its 专业类's
// otherwise. Codes of gd2025-* go by name, then by the name of their group.
// Sorted by weight, largest first; empty if the major is unknown.
std::vector<TypicalFunction> TypicalFunctions(std::string_view system,
                                              std::string_view code);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_TEXT_PARSE_MAJOR_H_
