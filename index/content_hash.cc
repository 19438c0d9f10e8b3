#include "index/content_hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace gradmatch {

uint64_t ContentHash(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

}  // namespace gradmatch
