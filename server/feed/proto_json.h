#ifndef GRADMATCH_SERVER_FEED_PROTO_JSON_H_
#define GRADMATCH_SERVER_FEED_PROTO_JSON_H_

#include "server/feed/posting_mapping.h"

namespace gradmatch {

// A row as a posting in protobuf's JSON form. Unknown fields are an error.
MappedPosting MapProtoJson(const FeedRow& row);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_FEED_PROTO_JSON_H_
