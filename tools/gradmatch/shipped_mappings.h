#ifndef GRADMATCH_TOOLS_GRADMATCH_SHIPPED_MAPPINGS_H_
#define GRADMATCH_TOOLS_GRADMATCH_SHIPPED_MAPPINGS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/feed/posting_mapping.h"

namespace gradmatch {

// The mappings of tools/mappings, part of the program. `name_or_path` is the
// name of one of them (official_positions) or the path of a file; a file goes
// first.
absl::StatusOr<PostingMapping> FindMapping(const std::string& name_or_path);

// The shipped mapping that finds all its columns in this header; nullptr if
// none does, or more than one.
const PostingMapping* GuessMapping(const std::vector<std::string>& columns);

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_GRADMATCH_SHIPPED_MAPPINGS_H_
