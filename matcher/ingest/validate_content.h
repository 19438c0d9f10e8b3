#ifndef GRADMATCH_MATCHER_INGEST_VALIDATE_CONTENT_H_
#define GRADMATCH_MATCHER_INGEST_VALIDATE_CONTENT_H_

#include <vector>

#include "gradmatch/v1/content.pb.h"
#include "gradmatch/v1/sync.pb.h"

namespace gradmatch {

// What is wrong with a piece of content, at most 10 errors: texts, kind (never
// POSTING), times and their order, details that belong to another kind, an
// event without a start or without a place, names that are no names, the
// audience. Pure.
std::vector<v1::RowError> ValidateContent(const v1::Content& content);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_INGEST_VALIDATE_CONTENT_H_
