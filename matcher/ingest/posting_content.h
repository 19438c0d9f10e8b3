#ifndef GRADMATCH_MATCHER_INGEST_POSTING_CONTENT_H_
#define GRADMATCH_MATCHER_INGEST_POSTING_CONTENT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "google/protobuf/message.h"
#include "gradmatch/v1/content.pb.h"
#include "gradmatch/v1/graduate.pb.h"
#include "gradmatch/v1/posting.pb.h"

namespace gradmatch {

// Takes out what the service decides: name, revision, issues, canonical
// posting, etag, times, and the states OPEN, QUARANTINED and EXPIRED; a state
// that is neither of these nor a writer's stays, to be refused.
void ClearOutputOnly(v1::Posting& posting);
// The same for a graduate; a lifecycle of 0 becomes ACTIVE.
void ClearOutputOnly(v1::Graduate& graduate);

// The same for content; name too, which is its key.
void ClearOutputOnly(v1::Content& content);

// VersionedHash of what the source gave, after ClearOutputOnly; the version is
// everything else that decides what becomes of it: `salt` is ingest, rules and
// sandbox.
uint64_t HashContent(const google::protobuf::Message& cleared,
                     std::string_view salt);

// Hash of a closed record, from the hash of what was closed.
uint64_t ClosedHash(uint64_t content_hash);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_INGEST_POSTING_CONTENT_H_
