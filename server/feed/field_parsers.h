#ifndef GRADMATCH_SERVER_FEED_FIELD_PARSERS_H_
#define GRADMATCH_SERVER_FEED_FIELD_PARSERS_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/feed/posting_mapping.h"

namespace gradmatch {

// What a rule of a mapping reads from one row: the texts of its columns, in the
// rule's order; empty where the row has none.
struct RuleInput {
  const PostingMapping::Rule& rule;
  std::vector<std::string> texts;
  std::vector<std::vector<std::string>> lists;  // elements of each column
};

// Sets the target's fields of `out.posting`, with issues for what was assumed
// or not understood.
using FieldParser = FieldReading (*)(const RuleInput& input,
                                     MappedPosting& out);

// One way a target can be filled.
struct TargetKind {
  std::string_view kind;
  FieldParser parse;
};
// A field a mapping may fill; the first kind is the default.
struct Target {
  std::string_view name;
  std::span<const TargetKind> kinds;
};

// All targets, by name.
std::span<const Target> Targets();

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_FEED_FIELD_PARSERS_H_
