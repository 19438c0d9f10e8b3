#ifndef GRADMATCH_SERVER_YAML_H_
#define GRADMATCH_SERVER_YAML_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace gradmatch {

// A YAML document as a plain tree: what the options file and the mappings of
// feeds are read from. Scalars are text as written; whoever reads them decides
// whether "12" is a number. A value, freely copied.
struct YamlNode {
  enum class Kind { kNull, kScalar, kList, kMap };

  Kind kind = Kind::kNull;
  std::string scalar;           // kScalar
  std::vector<YamlNode> items;  // kList, in order
  // kMap, in order of the file; keys are unique.
  std::vector<std::pair<std::string, YamlNode>> entries;
  int line = 0;                // from 1; 0 for an empty document
  std::vector<int> key_lines;  // kMap: the line of each key

  bool is_scalar() const { return kind == Kind::kScalar; }
  bool is_list() const { return kind == Kind::kList; }
  bool is_map() const { return kind == Kind::kMap; }

  // The value of a key of a map; nullptr if there is none.
  const YamlNode* Find(std::string_view key) const;
};

// InvalidArgument names `file` and the line: text that is no YAML, a key that
// is no scalar, a key given twice, an alias that is nested too deep (64).
absl::StatusOr<YamlNode> ParseYaml(std::string_view text,
                                   std::string_view file);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_YAML_H_
