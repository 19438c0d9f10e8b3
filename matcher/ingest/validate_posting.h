#ifndef GRADMATCH_MATCHER_INGEST_VALIDATE_POSTING_H_
#define GRADMATCH_MATCHER_INGEST_VALIDATE_POSTING_H_

#include <vector>

#include "gradmatch/v1/posting.pb.h"
#include "gradmatch/v1/sync.pb.h"

namespace gradmatch {

// What is wrong with a posting as its source gave it, in the order of its
// fields, at most 10; empty: it can be taken. Output-only fields are not
// looked at. What is merely doubtful is NormalizePosting's to flag. Pure.
std::vector<v1::RowError> ValidatePosting(const v1::Posting& posting);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_INGEST_VALIDATE_POSTING_H_
