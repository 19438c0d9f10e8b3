#ifndef GRADMATCH_MATCHER_INGEST_VALIDATE_AUDIENCE_H_
#define GRADMATCH_MATCHER_INGEST_VALIDATE_AUDIENCE_H_

#include <string>

#include "gradmatch/v1/content.pb.h"
#include "matcher/ingest/field_checks.h"

namespace gradmatch {

// What is wrong with an audience at `path`: codes that no table has, lists that
// are too long, nesting deeper than kMaxAudienceDepth, more than
// kMaxAudienceNodes nested audiences, a nested audience that asks for nothing
// (as an alternative it would fit everybody, as an exception nobody). UTF-8 is
// checked before. Pure.
void CheckAudienceFields(const std::string& path, const v1::Audience& audience,
                         FieldChecks& check);

// Writes codes as their tables have them ("44" is 440000). Only for audiences
// that CheckAudienceFields accepts.
void CompleteAudience(v1::Audience& audience);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_INGEST_VALIDATE_AUDIENCE_H_
