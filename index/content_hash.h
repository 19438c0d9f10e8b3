#ifndef GRADMATCH_INDEX_CONTENT_HASH_H_
#define GRADMATCH_INDEX_CONTENT_HASH_H_

#include <cstdint>
#include <string_view>

namespace gradmatch {

// XXH3, 64 bits, seed 0. Stored in records and keys, so it never changes:
// content_hash_test.cc pins values. Not for secrets: anyone can make two
// texts with one hash.
uint64_t ContentHash(std::string_view bytes);

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_CONTENT_HASH_H_
