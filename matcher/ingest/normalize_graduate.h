#ifndef GRADMATCH_MATCHER_INGEST_NORMALIZE_GRADUATE_H_
#define GRADMATCH_MATCHER_INGEST_NORMALIZE_GRADUATE_H_

#include <vector>

#include "gradmatch/v1/graduate.pb.h"
#include "gradmatch/v1/sync.pb.h"

namespace gradmatch {

// What is wrong with a graduate, at most 10 errors. Values of codes, numbers
// and enumerations are quoted, free text never. Pure.
std::vector<v1::RowError> ValidateGraduate(const v1::Graduate& graduate);

// Cleans texts and completes codes of a graduate that ValidateGraduate accepts;
// what was read from a name, and names no table has, are issues without the
// text itself. Pure.
void NormalizeGraduate(v1::Graduate& graduate);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_INGEST_NORMALIZE_GRADUATE_H_
