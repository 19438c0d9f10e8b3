#ifndef GRADMATCH_SERVER_FEED_PLACE_FIELDS_H_
#define GRADMATCH_SERVER_FEED_PLACE_FIELDS_H_

#include "server/feed/field_parsers.h"

namespace gradmatch {

// Places from columns that name the same place ever more closely, such as a
// city and an address: the narrowest code that agrees with the columns before
// it. The last column's text is kept as the address. Nothing understood: the
// text stays as the address, for the server to flag.
FieldReading ReadPlaces(const RuleInput& input, MappedPosting& out);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_FEED_PLACE_FIELDS_H_
