#ifndef GRADMATCH_SERVER_YAML_H_
#define GRADMATCH_SERVER_YAML_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace gradmatch {

struct YamlEntry;

// A YAML document as a plain tree, for the configuration file and for mappings
// of feeds. Scalars stay text: whoever reads one says what it must be.
struct YamlNode {
  enum class Kind { kNull, kScalar, kList, kMap };

  Kind kind = Kind::kNull;
  int line = 0;                 // from 1; where the node begins
  std::string scalar;           // of kScalar
  bool quoted = false;          // of kScalar: written in quotes, so surely text
  std::vector<YamlNode> items;  // of kList
  std::vector<YamlEntry> entries;  // of kMap, in order

  // The entry with this key, or null; also null for other kinds.
  const YamlNode* Find(std::string_view key) const;
};

struct YamlEntry {
  std::string key;
  YamlNode value;
};

// Reads one document of at most 1 MiB and depth 32. An empty text is kNull.
// InvalidArgument with the line for text that is no YAML, keys that are not
// scalars, keys that come twice, and aliases (they could blow up the tree).
absl::StatusOr<YamlNode> ParseYaml(std::string_view text);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_YAML_H_
