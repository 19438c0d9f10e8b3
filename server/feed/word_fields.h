#ifndef GRADMATCH_SERVER_FEED_WORD_FIELDS_H_
#define GRADMATCH_SERVER_FEED_WORD_FIELDS_H_

#include "server/feed/field_parsers.h"

namespace gradmatch {

// Targets that are lists: each column's elements, split at the rule's
// separators (each a character; comma, semicolon, slash, bar and their Chinese
// forms if the rule names none).
FieldReading ReadSkills(const RuleInput& input, MappedPosting& out);
FieldReading ReadBenefits(const RuleInput& input, MappedPosting& out);
FieldReading ReadProvinces(const RuleInput& input, MappedPosting& out);
// Codes or names of job functions.
FieldReading ReadFunctions(const RuleInput& input, MappedPosting& out);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_FEED_WORD_FIELDS_H_
