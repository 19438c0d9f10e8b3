#ifndef GRADMATCH_SERVER_FEED_OFFICIAL_FIELDS_H_
#define GRADMATCH_SERVER_FEED_OFFICIAL_FIELDS_H_

#include "server/feed/field_parsers.h"

namespace gradmatch {

// Columns of lists of official positions (公务员, 事业单位). What they say is
// exact, unlike on boards: 本科 is nothing but 本科, a list of majors is
// closed.

// Columns: 学历, 学位. The levels that both accept.
FieldReading ReadOfficialLevels(const RuleInput& input, MappedPosting& out);

// Columns: majors of postgraduates, of bachelors, of vocational colleges, in
// this order. An empty list refuses its level; all of them empty is a text.
FieldReading ReadMajorsByLevel(const RuleInput& input, MappedPosting& out);

// What else is asked for, as text.
FieldReading ReadConditions(const RuleInput& input, MappedPosting& out);

// Columns: whether for fresh graduates alone (否, 应届毕业生,
// 2025届高校毕业生), the year of the examination.
FieldReading ReadFreshGraduates(const RuleInput& input, MappedPosting& out);

// Work at the grassroots: 否, 是 (two years, or the years the column's name
// tells), a number of years.
FieldReading ReadGrassroots(const RuleInput& input, MappedPosting& out);

// 是: a test of the mind is part of the procedure.
FieldReading ReadTests(const RuleInput& input, MappedPosting& out);

// Text that a spreadsheet took for a number: "19900022541001.0".
FieldReading ReadWholeNumber(const RuleInput& input, MappedPosting& out);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_FEED_OFFICIAL_FIELDS_H_
