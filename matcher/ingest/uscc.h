#ifndef GRADMATCH_MATCHER_INGEST_USCC_H_
#define GRADMATCH_MATCHER_INGEST_USCC_H_

#include <string_view>

namespace gradmatch {

// Whether `code` is a unified social credit code (GB 32100): 18 characters
// without I, O, S, V, Z, the last one being the right check character.
bool IsValidUscc(std::string_view code);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_INGEST_USCC_H_
