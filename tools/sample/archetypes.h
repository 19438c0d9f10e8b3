#ifndef GRADMATCH_TOOLS_SAMPLE_ARCHETYPES_H_
#define GRADMATCH_TOOLS_SAMPLE_ARCHETYPES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "index/codes/code_table.h"

namespace gradmatch {

// An occupation that the sample knows: what its postings say and who studies
// for it. From archetypes.tsv, which is compiled in.
struct Archetype {
  int weight = 0;
  int level = 0;  // usual least level, as EducationLevel
  int pay = 0;    // usual monthly pay to begin with, yuan
  std::vector<std::string> titles;
  const CodeEntry* function = nullptr;
  std::vector<const CodeEntry*> undergraduate;  // 专业类
  std::vector<const CodeEntry*> vocational;     // 专业类 of gd2025-C
  std::vector<std::string> skills;
  std::vector<std::string> duties;
};

// Internal, naming the line, when the table names what no code table has.
absl::StatusOr<std::vector<Archetype>> LoadArchetypes();

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_SAMPLE_ARCHETYPES_H_
