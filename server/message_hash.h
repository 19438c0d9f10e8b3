#ifndef GRADMATCH_SERVER_MESSAGE_HASH_H_
#define GRADMATCH_SERVER_MESSAGE_HASH_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "google/protobuf/message.h"

namespace gradmatch {

// Hash of a message without the named top-level fields, so that two requests
// that ask for the same have the same hash. Stable for messages without maps of
// unknown fields; kept for a week at most, never in a record.
uint64_t MessageHash(const google::protobuf::Message& message,
                     const std::vector<std::string_view>& without);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_MESSAGE_HASH_H_
